import { backOffMs } from '../back-off.ts';
import type { Clock } from '../ports/clock.ts';
import { isServiceError } from '../errors.ts';
import type { Log } from '../ports/log.ts';

interface StartupRetryOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Told the code of each error that is waited out. */
  readonly waitingFor?: (code: string) => void;
}

/** For the start of a service: what it needs may come up later than itself. */
interface StartupRetry {
  /**
   * Runs `step` until it resolves; undefined when `end` came first. Waits 0.2 s after a first failure, twice as long after
   * each further one, at most 5 s. Rejects with the first error that waiting cannot cure (action other than retry or pause).
   */
  until<T>(step: () => Promise<T>): Promise<T | undefined>;
  /** Ends all waiting, for ever. A step that runs is not cut off. */
  end(): void;
}

const MAX_DEPTH = 8;
/** The message at the bottom of the causes. */
const rootOf = (error: Error): string => {
  let e = error;
  for (let i = 0; i < MAX_DEPTH && e.cause instanceof Error; i++) e = e.cause;
  return e.message;
};

const WAITS = { fromMs: 200, toMs: 5_000 };

export const createStartupRetry = ({ clock, log, waitingFor }: StartupRetryOptions): StartupRetry => {
  let ended = false;
  let wake = (): void => undefined;
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  return {
    until: async (step) => {
      for (let failures = 1; !ended; failures++) {
        try {
          return await step();
        } catch (err) {
          if (!isServiceError(err) || (err.action !== 'retry' && err.action !== 'pause')) throw err;
          waitingFor?.(err.code);
          const ms = backOffMs(failures, WAITS);
          const { code, message } = err;
          const cause = rootOf(err);
          // The next try tells the same: a stack each time says nothing more.
          log.warn(
            { code, againInMs: ms, ...(cause === message ? {} : { cause }) },
            `cannot start yet: ${message}; trying again in ${ms / 1_000} s`,
          );
          await wait(ms);
        }
      }
      return undefined;
    },
    end: () => {
      ended = true;
      wake();
    },
  };
};
