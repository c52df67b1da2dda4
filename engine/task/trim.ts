import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';

interface TrimDeps {
  readonly topic: string;
  readonly task: number;
  readonly logs: Pick<LogReader, 'bounds'>;
  readonly trimmer: LogTrimmer;
  readonly clock: Clock;
  readonly log: Log;
  /** False once the state that wants it is no longer that of the task. */
  readonly wanted: () => boolean;
}

const WAITS = { fromMs: 2, toMs: 1_000 };
const AGAIN_MS = 10_000;

/**
 * Cuts the retry partition before `offset` once it ends at `end`, behind the end of the transaction that said so. That is decided when the
 * commit is answered, but a broker may still forget it, and then it can be undone: what is cut cannot. Resolves false where
 * it was not cut; the log only grows longer then. Never rejects.
 */
export const trimRetry = async (d: TrimDeps, offset: number, end: number): Promise<boolean> => {
  const { topic, task, clock } = d;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  try {
    for (let looks = 1; (await d.logs.bounds(topic, task)).end < end; looks++) {
      await wait(backOffMs(looks, WAITS));
      if (!d.wanted()) return false;
    }
    await d.trimmer.trim(topic, task, offset);
    return true;
  } catch (error) {
    // Rebuilding takes more time, nothing is wrong.
    d.log.warn({ task, offset, err: error }, 'could not cut the retry partition');
    await wait(AGAIN_MS);
    return false;
  }
};
