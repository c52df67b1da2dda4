import { backOffMs } from '../back-off.ts';
import type { Clock } from '../ports/clock.ts';
import { isServiceError } from '../errors.ts';
import { logRetry } from '../ports/log-retry.ts';
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
  /** Ends all waiting, forever. A step that runs is not cut off. */
  end(): void;
}

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
          if (ended) return undefined;
          waitingFor?.(err.code);
          const ms = backOffMs(failures, WAITS);
          logRetry(log, {}, { error: err, againInMs: ms, what: 'cannot start yet: ' });
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
