/** What a check of your own needs. */
export { defineCheck, pass, reject, retry } from './checks/define.ts';
export type { Answer, Attempt, CheckDefinition } from './checks/define.ts';
/** For the schema of its options. */
export { Type } from '@verdikt/core/config-fields.ts';
