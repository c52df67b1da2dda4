import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { inRecord, type RecordSpec } from '../records.ts';
import type { World } from '../../engine/history/world.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { OwnerDeps } from '../../../cli/audit/owner.ts';
import { audit, type AuditOptions, type AuditReport } from '../../../cli/audit/run.ts';

export const TOPICS = topicNames('', 'g');
type Topic = 'words' | 'results' | 'retry' | 'deadLetters' | 'control';

/** The logs of one partition as plain lists, to be changed at will. */
export interface Recorded {
  readonly words: InRecord[];
  readonly results: InRecord[];
  readonly retry: InRecord[];
  readonly deadLetters: InRecord[];
  /** Default: none. */
  readonly control?: InRecord[];
  /** First offsets; default 0. */
  starts: Partial<Record<Topic, number>>;
  committed: number | null;
  now: number;
}

export const emptyRecorded = (now = 0): Recorded => ({
  ...{ words: [], results: [], retry: [], deadLetters: [], starts: {}, committed: null, now },
});

/** The value of a verdict. */
export const verdictText = (id: string, origin: number): string =>
  JSON.stringify({
    ...{ id, word: '', accepted: true, checks: [], attempts: 1, submittedAt: 1, judgedAt: 1, origin },
  });

/** What a reader at read_committed sees of the logs of a history. */
export const record = (world: World): Recorded => {
  const visible = (topic: string): InRecord[] =>
    world.broker
      .log(topic, 0)
      .visible()
      .map((r) => r.detach());
  const offset = world.broker.offset(world.group, world.topics.words, 0);
  return {
    words: visible(world.topics.words),
    results: visible(world.topics.results),
    retry: visible(world.topics.retry),
    deadLetters: visible(world.topics.deadLetters),
    starts: {
      words: world.broker.log(world.topics.words, 0).start,
      retry: world.broker.log(world.topics.retry, 0).start,
    },
    committed: offset === null ? null : Number(offset),
    now: world.clock.now(),
  };
};

/** The record with parts replaced; headers by name, null takes them out. */
export const changed = (
  r: InRecord,
  parts: Omit<RecordSpec, 'headers'> & { readonly headers?: Readonly<Record<string, string | null>> },
): InRecord => {
  const { headers: given = {}, ...rest } = parts;
  const kept = r.headers().filter(([name]) => !(name in given));
  const added = Object.entries(given).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  const { key, value, offset, timestamp } = r;
  return inRecord({ key, value, offset, timestamp, ...rest, headers: [...kept, ...added] });
};

const logsOf = (recorded: Recorded, partition: number, outputs: number): LogReader => {
  const topicOf = (name: string): Topic =>
    (Object.keys(TOPICS) as Topic[]).find((t) => TOPICS[t] === name) as Topic;
  const of = (name: string, p: number): InRecord[] => {
    if (name !== TOPICS.words && p >= outputs) throw new Error(`there is no ${name}-${p}`);
    return p === partition ? (recorded[topicOf(name)] ?? []) : [];
  };
  const bounds = (name: string, p: number) => {
    const start = p === partition ? (recorded.starts[topicOf(name)] ?? 0) : 0;
    const committed = topicOf(name) === 'words' && p === partition ? (recorded.committed ?? 0) : 0;
    return { start, end: Math.max(start, committed, (of(name, p).at(-1)?.offset ?? -1) + 1) };
  };
  return {
    describe: (names) => Promise.resolve(names.map(() => ({ id: undefined, partitions: 1 }))),
    bounds: (name, p) => Promise.resolve(bounds(name, p)),
    offsetAt: (name, p, time) =>
      Promise.resolve(of(name, p).find((r) => r.timestamp >= time)?.offset ?? bounds(name, p).end),
    scan: (name, p, from, to, visit) => {
      for (const r of of(name, p)) if (r.offset >= from && r.offset < to) visit(r);
      return Promise.resolve();
    },
    fetch: (name, p, offsets) =>
      Promise.resolve(offsets.map((o) => of(name, p).find((r) => r.offset === o) ?? inRecord({ offset: o }))),
  };
};

const PARTITIONS = 1;

export const auditRecorded = (
  recorded: Recorded,
  options: Partial<AuditOptions> = {},
  partitions = PARTITIONS,
  partition = 0,
  /** Partitions of the topics beside `words`. */
  outputs = partitions,
  owner?: OwnerDeps,
): Promise<AuditReport> =>
  audit(
    {
      cluster: {
        logs: logsOf(recorded, partition, outputs),
        partitionsOf: (topic) => Promise.resolve(topic === TOPICS.words ? partitions : outputs),
        committed: (_, __, p) => Promise.resolve(p === partition ? recorded.committed : null),
      },
      ...(owner === undefined ? {} : { owner }),
      reader: createVerdictReader(),
      now: () => recorded.now,
      progress: () => undefined,
    },
    {
      ...{
        topics: TOPICS,
        group: 'g',
        maxFindings: 100,
        maxAgeMs: 1e12,
        dedupWindowMs: 1e9,
        togetherMs: 1_000,
      },
      window: 1_000_000,
      ...options,
    },
  );

/** A key of that partition. */
export const keyOf = (name: string, partition: number, partitions: number): string => {
  for (let i = 0; ; i++) {
    const key = `${name}${i}`;
    if (partitionOf(Buffer.from(key), partitions) === partition) return key;
  }
};
