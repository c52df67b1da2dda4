import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Waiting } from '@verdikt/engine/policy/attempt.ts';
import type { TaskContext } from '@verdikt/engine/policy/task-context.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { inRecord } from '../../support/records.ts';
import type { World, Planted, Replace } from './world.ts';

export const onLogs =
  (change: (logs: LogReader, world: World) => Partial<LogReader>): Replace =>
  (own, world) => ({ ...own, logs: { ...own.logs, ...change(own.logs, world) } });

export const onPolicy =
  (change: (context: TaskContext) => Partial<TaskContext>): Replace =>
  (own) => ({ ...own, context: { ...own.context, ...change(own.context) } });

/** Retry entries of what waits, with some of that changed. */
export const onWaiting = (change: (waiting: Waiting) => Waiting): Replace =>
  onPolicy((p) => ({
    retryEntry: (record, origin, redrive, attempt, waiting) =>
      p.retryEntry(record, origin, redrive, attempt, waiting === undefined ? undefined : change(waiting)),
  }));

const without = (r: InRecord, drop: string): InRecord =>
  inRecord({
    key: r.key,
    value: r.value,
    headers: r.headers().filter(([name]) => name !== drop),
    offset: r.offset,
    timestamp: r.timestamp,
  });

/** Scans what a reader at read_uncommitted sees. */
const dirty =
  (world: World): LogReader['scan'] =>
  (topic, partition, from, to, visit) => {
    const log = world.broker.log(topic, partition);
    for (let o = Math.max(from, log.start); o < to; o++) {
      const record = log.at(o)?.record;
      if (record !== undefined) visit(record);
    }
    return Promise.resolve();
  };

/** Rules about what is read back, and what records carry. */
export const PLANTED_IN_LOGS: readonly Planted[] = [
  {
    name: 'the retry partition is cut one record too far',
    ports: (own) => ({
      ...own,
      trimmer: { trim: (topic, task, offset) => own.trimmer.trim(topic, task, offset + 1) },
    }),
  },
  { name: 'lanes are rebuilt at read_uncommitted', ports: onLogs((_, world) => ({ scan: dirty(world) })) },
  {
    name: 'lanes are rebuilt without the last entry',
    ports: onLogs((logs, { topics }) => ({
      scan: (topic, task, from, to, visit) =>
        logs.scan(topic, task, from, topic === topics.retry ? to - 2 : to, visit),
    })),
  },
  {
    name: 'verdicts are not read back for duplicates',
    ports: onLogs((logs, { topics }) => ({
      offsetAt: (topic, task, time) =>
        topic === topics.results ? Promise.resolve(1e9) : logs.offsetAt(topic, task, time),
    })),
  },
  {
    name: 'dead letters are not read back for duplicates',
    ports: onLogs((logs, { topics }) => ({
      offsetAt: (topic, task, time) =>
        topic === topics.deadLetters ? Promise.resolve(1e9) : logs.offsetAt(topic, task, time),
    })),
  },
  {
    name: 'fetched records come in another order',
    ports: onLogs((logs) => ({
      fetch: async (topic, task, offsets) => (await logs.fetch(topic, task, offsets)).reverse(),
    })),
  },
  {
    name: 'aborted records of words are delivered',
    ports: (own, world) => ({
      ...own,
      source: {
        ...own.source,
        poll: (task, maxRecords, maxBytes) => {
          const slice = own.source.poll(task, maxRecords, maxBytes);
          if (slice === undefined) return undefined;
          const log = world.broker.log(world.topics.words, task);
          const past = Number(slice.nextOffset) - 1;
          const last = log.at(past)?.kind === 'abort-marker' ? log.at(past - 1)?.record : undefined;
          return last === undefined ? slice : { ...slice, records: [...slice.records, last] };
        },
      },
    }),
  },
  { name: 'duplicates are not dropped', ports: onPolicy(() => ({ dedup: 'none' })) },
  {
    name: 'ends are not recorded in the retry partition',
    ports: onPolicy(() => ({ completions: () => [] })),
  },
  {
    name: 'a retry entry loses its id',
    ports: onPolicy((p) => ({
      retryEntry: (record, ...rest) => p.retryEntry(without(record, H.id), ...rest),
    })),
  },
  {
    name: 'a retry entry forgets its attempt',
    ports: onPolicy((p) => ({
      retryEntry: (record, origin, redrive, _, waiting) => p.retryEntry(record, origin, redrive, 1, waiting),
    })),
  },
  {
    name: 'a retry entry forgets what has passed',
    ports: onWaiting((waiting) => ({ ...waiting, passed: [] })),
  },
  {
    name: 'an attempt is not counted',
    ports: onPolicy((p) => ({
      retry: (attempt, kind) => {
        const next = p.retry(attempt, kind);
        return next.kind === 'retry' && attempt === 2 ? { ...next, attempt } : next;
      },
    })),
  },
  {
    name: 'one attempt too many',
    ports: onPolicy((p) => ({ retry: (attempt, kind) => p.retry(Math.max(1, attempt - 1), kind) })),
  },
];
