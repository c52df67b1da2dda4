import { failing } from '../../support/system/words.ts';

/** A quarter fails one to three times, one in fifty always: lanes never run dry. */
export const manyFail = failing(0.02, 0.25);

/** Many failures are the workload here, no reason to stop asking. */
export const PATIENT_CHECK = { breakerFailures: 10_000, timeoutMs: 60_000 };

/** Transactions alone must keep records from coming twice. */
export const NO_DEDUP = { dedup: 'none' };
