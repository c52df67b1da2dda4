import { at } from '@verdikt/core/at.ts';
import { backOffMs } from '@verdikt/core/back-off.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import { logRetry } from '@verdikt/core/ports/log-retry.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { Slice, WatchedSource } from '@verdikt/core/ports/source.ts';
import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { VerdictRead, VerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { committedWith, createChangeReader, type Change } from './change.ts';
import { ROLES } from './freshness.ts';
import type { View } from './view.ts';

interface FeedDeps {
  readonly view: View;
  readonly topics: TopicNames;
  readonly partitions: number;
  readonly logs: Pick<LogReader, 'describe' | 'bounds' | 'offsetAt'>;
  /** Reads a topic at read_committed, without a group. */
  readonly source: (topic: string) => WatchedSource;
  readonly verdicts: VerdictReader;
  readonly windowMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets questions be answered between slices. */
  readonly breathe: () => Promise<void>;
  /** Told once of what reading on cannot cure. */
  readonly failed: (error: unknown) => void;
}

/** Reads all topics of the system into a view. */
export interface Feed {
  /** Rejects with ServiceError where Kafka cannot be asked. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const SLICE_RECORDS = 200;
const SLICE_BYTES = 256 * 1024;
/** How often the freshness of a log that is quiet is looked at. */
const LOOK_MS = 200;
/** How often a disk without room is looked at. */
const ROOM_MS = 200;
const WAITS = { fromMs: 200, toMs: 5_000 };

/** What makes a store of another system than this one: names, partitions, and topics that were made again. */
export const systemOf = async (d: Pick<FeedDeps, 'logs' | 'topics' | 'partitions'>): Promise<string> => {
  const names = ROLES.map((role) => d.topics[role]);
  const facts = await d.logs.describe(names);
  for (const [i, { partitions }] of facts.entries())
    if (partitions !== d.partitions)
      throw new ServiceError(
        'TOPIC_INVALID',
        `${names[i]} has ${partitions} partitions, not ${d.partitions}, so no view can be kept. Remedy: set VERDIKT_PARTITIONS, or run verdikt topics plan.`,
        { topic: names[i], partitions, expected: d.partitions },
      );
  return JSON.stringify(facts.map(({ id }, i) => [names[i], id ?? '', d.partitions]));
};

interface Reading {
  readonly role: TopicRole;
  readonly partition: number;
  readonly source: WatchedSource;
  /** Where it is read next. */
  at: number;
  running: boolean;
  /** Something was polled that the view does not have yet. */
  taking: boolean;
  failures: number;
}

export const createFeed = (d: FeedDeps): Feed => {
  const { view, topics, logs, clock, log } = d;
  const reader = createChangeReader(topics.words);
  const sources = new Map<TopicRole, WatchedSource>();
  const readings: Reading[] = [];
  let stopped = false;
  let cancelLook = (): void => undefined;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  /** Where to begin without a store: the retry topic holds all that is undecided, however old. */
  const startOf = async (role: TopicRole, partition: number): Promise<number> =>
    role === 'retry'
      ? (await logs.bounds(topics[role], partition)).start
      : logs.offsetAt(topics[role], partition, clock.now() - d.windowMs);

  /** Resolves once the schema is known; its registry may be away for long. */
  const verdictOf = async (record: InRecord): Promise<VerdictRead> => {
    for (let failures = 1; ; failures++) {
      const read = d.verdicts.read(record.value);
      if (read.kind !== 'schema-needed') return read;
      try {
        await d.verdicts.learn(read.id);
      } catch (err) {
        if (stopped) return read;
        const againInMs = backOffMs(failures, WAITS);
        const what = 'the view waits for the schema of a verdict: ';
        await wait(logRetry(log, {}, { error: err, againInMs, what }));
      }
    }
  };

  const take = async (reading: Reading, { records, nextOffset, writers = [] }: Slice): Promise<void> => {
    const { role, partition } = reading;
    const changes: Change[] = [];
    let committed: number | undefined;
    let w = 0;
    for (const record of records) {
      while (w + 1 < writers.length && at(writers, w + 1).from <= record.offset) w++;
      const place = { role, partition, offset: record.offset, at: record.timestamp, writer: writers.at(w) };
      const read = role === 'results' ? d.verdicts.read(record.value) : undefined;
      const known = read?.kind === 'schema-needed' ? await verdictOf(record) : read;
      const change = reader.change(place, record, known);
      if (change !== undefined) changes.push(change);
      if (role !== 'words' && role !== 'control') committed = committedWith(record) ?? committed;
    }
    while (!view.room() && !stopped) await wait(ROOM_MS);
    if (stopped) return;
    reading.at = Number(nextOffset);
    const lastAt = records.at(-1)?.timestamp ?? -1;
    view.apply({ role, partition, changes, next: reading.at, lastAt, committed });
  };

  const look = ({ role, partition, source, taking }: Reading): void =>
    view.heard(role, partition, {
      lag: source.lag(partition) + Number(taking),
      seenAt: source.seenAt(partition),
    });

  /** After an error of the source, which reads the partition no more. */
  const reopen = async (reading: Reading, error: unknown): Promise<void> => {
    if (stopped) return;
    if (!isServiceError(error)) throw error;
    const { role, partition, source } = reading;
    if (error.code === 'TOPIC_CHANGED') throw error;
    if (error.code === 'OFFSET_LOST') {
      const { start, end } = await logs.bounds(topics[role], partition);
      // A log that is shorter than what was read is another one.
      if (reading.at > end) throw error;
      log.warn({ topic: topics[role], partition, from: reading.at, to: start }, 'the view finds a log cut');
      view.cut(role, partition, start);
      reading.at = start;
    } else {
      const againInMs = backOffMs(++reading.failures, WAITS);
      const what = 'the view cannot read for now: ';
      await wait(logRetry(log, { topic: topics[role], partition }, { error, againInMs, what }));
    }
    source.close(partition);
    if (!stopped) source.open(partition, BigInt(reading.at), () => void run(reading));
  };

  const run = async (reading: Reading): Promise<void> => {
    if (reading.running || stopped) return;
    reading.running = true;
    try {
      for (;;) {
        const slice = reading.source.poll(reading.partition, SLICE_RECORDS, SLICE_BYTES);
        if (slice === undefined) break;
        reading.taking = true;
        await take(reading, slice);
        reading.taking = false;
        if (stopped) return;
        reading.failures = 0;
        look(reading);
        await d.breathe();
      }
      reading.running = false;
    } catch (e) {
      reading.taking = false;
      try {
        await reopen(reading, e);
        reading.running = false;
        void run(reading);
      } catch (error) {
        if (!stopped) d.failed(error);
      }
    }
  };

  const lookAround = (): void => {
    for (const reading of readings) look(reading);
    view.looked();
    cancelLook = clock.after(LOOK_MS, lookAround);
  };

  return {
    start: async () => {
      const known = new Map(view.positions().map((p) => [`${p.role}.${p.partition}`, p.offset]));
      const begun = await Promise.all(
        ROLES.flatMap((role) =>
          Array.from({ length: d.partitions }, async (_, partition) => {
            const at = known.get(`${role}.${partition}`) ?? (await startOf(role, partition));
            return { role, partition, at };
          }),
        ),
      );
      if (stopped) return;
      for (const role of ROLES) sources.set(role, d.source(topics[role]));
      for (const { role, partition, at } of begun) {
        view.begin(role, partition, at);
        const source = sources.get(role) as WatchedSource;
        const reading: Reading = { role, partition, source, at, running: false, taking: false, failures: 0 };
        readings.push(reading);
        source.open(partition, BigInt(at), () => void run(reading));
      }
      lookAround();
    },
    stop: async () => {
      stopped = true;
      cancelLook();
      await Promise.all([...sources.values()].map((s) => s.stop()));
    },
  };
};
