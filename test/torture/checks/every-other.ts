import { Type } from '@verdikt/core/config/fields.ts';
import { defineCheck, retry } from '@verdikt/processor/checks/define.ts';

/** Always fails one word, and says yes to all others. */
export default defineCheck({
  name: 'every-other',
  options: Type.Object({ fails: Type.String() }),
  setup: (options) => options,
  run: ({ word }, { fails }) => (word === fails ? retry('always-fails') : true),
});
