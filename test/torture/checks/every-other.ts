import { Type } from '@verdikt/core/config/fields.ts';
import { defineCheck, retry } from '@verdikt/processor/checks/define.ts';

/** Fails one word for ever, and says yes to all others. */
export default defineCheck({
  name: 'every-other',
  options: Type.Object({ fails: Type.String() }),
  setup: (options) => options,
  run: ({ word }, { fails }) => (word === fails ? retry('fails-for-ever') : true),
});
