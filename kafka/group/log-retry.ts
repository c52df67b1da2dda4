import type { ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { rootMessage } from '../client/classify.ts';

/** Says what failed and when it is tried again, without a stack: the next try would say the same. Returns the wait. */
export const logRetry = (log: Log, error: ServiceError, group: string, againInMs: number): number => {
  const { code, message } = error;
  const text = `${message}; trying again in ${againInMs / 1_000} s`;
  log.warn({ code, group, againInMs, cause: rootMessage(error) }, text);
  return againInMs;
};
