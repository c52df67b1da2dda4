import type { ProcessorOptions } from './start.ts';

/** What a check of your own needs. */
export { defineCheck, pass, reject, retry } from './checks/define.ts';
export type { Answer, Attempt, CheckDefinition } from './checks/define.ts';
export type { ConfiguredCheck, OwnCheck } from './checks/stages.ts';
export type { ProcessorOptions } from './start.ts';
/** For the schema of its options. */
export { Type } from '@verdikt/core/config/fields.ts';

/** Runs a processor in this process until SIGTERM; see ProcessorOptions. Loads what it needs when it is called. */
export const startProcessor = async (options: ProcessorOptions = {}): Promise<void> =>
  await (await import('./start.ts')).startProcessor(options);
