import { isServiceError, rootMessage } from '../errors.ts';
import type { Log } from './log.ts';

interface Retry {
  /** What is tried again. */
  readonly error: unknown;
  readonly againInMs: number;
  /** Before and after the message of the error; a time follows. */
  readonly what?: string;
  readonly again?: string;
}

/**
 * Says what failed and when it is tried again, without a stack: the next try would say the same. An error that is none of ours is a defect, and
 * keeps its own. Returns the wait.
 */
export const logRetry = (log: Log, fields: object, retry: Retry): number => {
  const { error, againInMs, what = '', again = 'trying again in' } = retry;
  const message = error instanceof Error ? error.message : String(error);
  const text = `${what}${message.replace(/\.$/, '')}; ${again} ${againInMs / 1_000} s`;
  if (!isServiceError(error)) log.warn({ ...fields, againInMs, err: error }, text);
  else {
    const { code, details } = error;
    const cause = rootMessage(error);
    const more = { ...(Object.keys(details).length > 0 && { details }), ...(cause !== message && { cause }) };
    log.warn({ ...fields, code, againInMs, ...more }, text);
  }
  return againInMs;
};
