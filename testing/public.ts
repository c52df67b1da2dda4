/** Tests of checks and chains, without Kafka; for any test runner. */
export { openCheck, testCases, testCheck } from './check.ts';
export type { CheckCase, CheckSettings, TestAttempt, TestedCheck } from './check.ts';
export { openChain, testChain } from './chain.ts';
export type { TestChain, TestChainOptions, TestWord } from './chain.ts';
export type { DeadLetter, End, Verdict } from './ends.ts';
