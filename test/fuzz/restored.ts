import { createVerdictCodec } from '../../processor/verdict.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { createContexts } from '@verdikt/engine/policy/make-context.ts';
import { MemoryBudget } from '@verdikt/engine/policy/memory.ts';
import { restore } from '../../engine/restore/restore.ts';
import { DeadLetterLimit } from '@verdikt/engine/policy/dead-letter-limit.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { stored } from '../support/records.ts';
import type { Random } from '../engine/history/random.ts';
import { changedControl, controlRecord } from './control.ts';
import { changed, mutateHeaders, retryRecord, strangeRecord } from './headers.ts';
import { answered, must, mustEqual, type Target } from './target.ts';

const topics = topicNames('', 'g');
const NOW = 1_700_000_000_000;
const LONGEST = 1_000;

const context = createContexts({
  topics,
  ...{ system: 'words/g', partitions: 1 },
  bounds: {
    ...{ dedup: 'all', dedupWindowMs: NOW, dedupMaxIds: 100, laneMaxEntries: 100 },
    ...{ compactionFactor: 4, compactionSlack: 3, compactionMaxRecords: 2, trimAfter: 1, deadLetterMax: 10 },
    ...{ parks: true, maxRedrives: 3, commandsMax: 100, waitMs: 50 },
  },
  memory: new MemoryBudget(200),
  retry: { maxAttempts: 3, baseMs: 100, multiplier: 2, maxMs: LONGEST, jitter: 'none' },
  sizes: { recordMaxBytes: 1_000, outputMaxBytes: 8_000 },
  log: silentLog,
  verdicts: createVerdictCodec((v) => JSON.stringify(v)),
  newLimit: (now, written, resetAt) =>
    new DeadLetterLimit(
      { max: 10, windowMs: 1_000, backOffMs: 500, maxBackOffMs: 5_000 },
      now,
      written,
      resetAt,
    ),
  random: () => 0.5,
})(0);

type Logs = Readonly<Record<string, readonly InRecord[]>>;

/** Logs that hold these records, at the offsets 0, 1 and so on. */
const readerOf = (logs: Logs): LogReader => ({
  describe: (names) => Promise.resolve(names.map(() => ({ id: undefined, partitions: 1 }))),
  bounds: (topic) => Promise.resolve({ start: 0, end: logs[topic]?.length ?? 0 }),
  offsetAt: () => Promise.resolve(0),
  scan: (topic, _partition, from, to, visit) => {
    for (const record of (logs[topic] ?? []).slice(from, to)) visit(record);
    return Promise.resolve();
  },
  fetch: (topic, _partition, offsets) => Promise.resolve(offsets.map((o) => logs[topic][o])),
});

/** What must be outstanding after these entries: a newer one replaces the older, a completion ends. */
const outstanding = (log: readonly InRecord[]): Set<string> => {
  const live = new Set<string>();
  for (const record of log) {
    const read = parseRetryEntry(record);
    if (read.kind === 'entry') live.add(`${read.origin}.${read.redrive}`);
    if (read.kind === 'completed') for (const e of read.ended) live.delete(`${e.origin}.${e.redrive}`);
  }
  return live;
};

/** A task that begins with whatever lies in its partitions, and then reads a few commands. */
export const restored: Target = {
  name: 'restored tasks',
  weight: 2,
  make: (r) => {
    const log = (n: number, make: (r: Random) => Parameters<typeof stored>[0]): InRecord[] =>
      Array.from({ length: r.below(n) }, (_, i) => stored(make(r), i, NOW + i));
    const retry = log(6, (x) =>
      x.chance(0.4) ? changed(x, retryRecord(x, true).out) : retryRecord(x, true).out,
    );
    const ends = (x: Random) => {
      const record = strangeRecord(x);
      return { key: record.key, value: record.value, headers: mutateHeaders(x, record.headers()) };
    };
    const control = log(5, (x) =>
      x.chance(0.6) ? changedControl(x, controlRecord(x).out) : controlRecord(x).out,
    );
    const logs: Logs = {
      [topics.retry]: retry,
      [topics.results]: log(4, ends),
      [topics.deadLetters]: log(4, ends),
      [topics.control]: control,
      [topics.words]: [],
    };
    const more = log(4, (x) =>
      x.chance(0.5) ? changedControl(x, controlRecord(x).out) : controlRecord(x).out,
    );
    return {
      bytes: Buffer.concat(Object.values(logs).flatMap((l) => l.map((record) => record.buffer))),
      run: async () => {
        const accepted = { kind: 'accepted' as const, accepted: { at: 0 }, note: undefined };
        const found = { words: 0n, control: null, metadata: accepted };
        const task = await restore(readerOf(logs), context, found, NOW, LONGEST).catch((e: unknown) => {
          // What an output tells of another system is believed.
          if (isServiceError(e, 'TOPIC_TAKEN')) return undefined;
          throw e;
        });
        if (task === undefined) return;
        const live = outstanding(retry);
        answered('restored tasks', live.size > 0);
        const { figures } = task.state;
        const seen = [...figures.places()].map(({ origin, redrive }) => `${origin}.${redrive}`);
        mustEqual(seen.sort(), [...live].sort(), 'others are outstanding than the log says');
        must(figures.records === live.size, () => `${figures.records} outstanding, not ${live.size}`);
        must(
          task.controlOffset >= 0n && task.controlOffset <= BigInt(control.length),
          () => 'control offset',
        );
        for (const record of more) task.commands.take(record, NOW);
        for (let n = 0; n < 3; n++) {
          const a = task.state.nextAttempt(NOW + 10 * LONGEST);
          if (a === undefined) break;
          const failure = {
            reason: 'r',
            detail: 'd',
            stage: 's',
            passed: a.passed,
            facts: { submittedAt: NOW },
          };
          task.state.resolve(a, { kind: 'reject', ...failure }, NOW);
        }
        for (const { records } of task.state.endSlice()?.outputs ?? [])
          for (const out of records) stored(out, 0, NOW);
      },
    };
  },
};
