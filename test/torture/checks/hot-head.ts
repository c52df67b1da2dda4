import { existsSync } from 'node:fs';
import { Type } from '@verdikt/core/config/fields.ts';
import { defineCheck, retry } from '@verdikt/processor/checks/define.ts';

/** Says yes at once to all words but one, which fails until a file is there. */
export default defineCheck({
  name: 'hot-head',
  options: Type.Object({ word: Type.String(), file: Type.String() }),
  setup: (options) => options,
  run: ({ word }, { word: head, file }) =>
    word === head && !existsSync(file) ? retry('head-waits', `${file} is not there`) : true,
});
