import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { DeadLetter, Verdict } from './tracker.ts';

export interface WatchOptions {
  readonly logs: LogReader;
  readonly results: string;
  readonly deadLetters: string;
  readonly partitions: number;
  readonly onVerdict: (verdict: Verdict) => void;
  readonly onDeadLetter: (letter: DeadLetter) => void;
  /** Called once if reading fails for good; nothing follows. */
  readonly onError: (error: unknown) => void;
}

const EVERY_MS = 250;

const verdictOf = (record: InRecord): Verdict =>
  JSON.parse(record.value?.toString('utf8') ?? 'null') as Verdict;

const deadLetterOf = (record: InRecord): DeadLetter => ({
  key: record.key?.toString('utf8') ?? null,
  partition: Number(record.headerText(H.originalPartition)),
  offset: Number(record.headerText(H.originalOffset)),
  reason: record.headerText(H.reason) ?? 'unknown',
  attempts: Number(record.headerText(H.attempts) ?? 1),
});

/**
 * Shows what is added to the outputs from now on, at read_committed: what any reader of the topics would see. Resolves once
 * the present ends are known, with a function that stops it.
 */
export const watchOutputs = async (o: WatchOptions): Promise<() => Promise<void>> => {
  const watched = [o.results, o.deadLetters].flatMap((topic) =>
    Array.from({ length: o.partitions }, (_, partition) => ({ topic, partition, next: 0 })),
  );
  await Promise.all(watched.map(async (w) => (w.next = (await o.logs.bounds(w.topic, w.partition)).end)));
  const visit = (topic: string, record: InRecord): void => {
    if (topic === o.results) o.onVerdict(verdictOf(record));
    else o.onDeadLetter(deadLetterOf(record));
  };
  let stopped = false;
  let wake = (): void => undefined;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      for (const w of watched) {
        const { end } = await o.logs.bounds(w.topic, w.partition);
        if (end > w.next)
          await o.logs.scan(w.topic, w.partition, w.next, end, (record) => visit(w.topic, record));
        w.next = Math.max(w.next, end);
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, EVERY_MS);
      });
    }
  };
  const running = loop().catch((e: unknown) => {
    if (!stopped) o.onError(e);
  });
  return async () => {
    stopped = true;
    wake();
    await running;
  };
};
