import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { VerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import type { Cluster, LogReader } from '@verdikt/core/ports/logs.ts';
import { Columns } from './columns.ts';
import { conclude } from './conclude.ts';
import { noCounts, type AuditCounts, type Finding, type FindingKind } from './finding.ts';
import { named } from './named.ts';
import { ownerOf, type LimitOptions, type OwnerDeps } from './owner.ts';
import { PartitionAudit } from './partition-audit.ts';
import { Redriven } from './redriven.ts';
import { scanVerdicts } from './scan-verdicts.ts';

export interface AuditOptions {
  readonly topics: TopicNames;
  readonly group: string;
  /** Of submissions, by the time at which they were written; milliseconds since 1970. Default: all. */
  readonly from?: number;
  readonly to?: number;
  readonly key?: string;
  /** Findings that are listed; all are counted. */
  readonly maxFindings: number;
  readonly maxAgeMs: number;
  readonly dedupWindowMs: number;
  readonly togetherMs: number;
  /** Submissions of one partition that are looked at: the newest ones. Bounds the memory. */
  readonly window: number;
  /** Undefined: it is not looked whether it is reached. */
  readonly limit?: LimitOptions;
}

export interface AuditDeps {
  readonly cluster: Pick<Cluster, 'logs' | 'partitionsOf' | 'committed'>;
  /** Undefined: the tasks themselves are not looked at. */
  readonly owner?: OwnerDeps;
  readonly reader: VerdictReader;
  readonly now: () => number;
  readonly progress: (topic: string, partition: number, at: number, end: number) => void;
}

export interface AuditReport {
  readonly partitions: readonly number[];
  readonly counts: AuditCounts;
  /** How often each kind was found; kinds that were not are left out. */
  readonly found: Readonly<Partial<Record<FindingKind, number>>>;
  readonly findings: readonly Finding[];
  /** Partitions whose oldest submissions were not looked at, since they are more than the window. */
  readonly cut: readonly { readonly partition: number; readonly from: number }[];
  /** Where the submissions of the key lie; only where one was given. More than one partition: their order is not kept. */
  readonly places?: readonly { readonly partition: number; readonly words: number; readonly own: boolean }[];
  /** Findings that a second look did not confirm: something that was missing has come. */
  readonly gone: readonly { readonly partition: number; readonly findings: number }[];
  /** Partitions with outstanding records whose dead-letter limit is reached. */
  readonly limits: readonly { readonly partition: number; readonly max: number; readonly windowMs: number }[];
}

interface Look {
  readonly counts: AuditCounts;
  readonly found: Partial<Record<FindingKind, number>>;
  readonly findings: readonly Finding[];
  readonly cutFrom: number | undefined;
}

/** What says that something is missing is only reported when it still is at a second look. */
const MISSING: readonly FindingKind[] = [
  'lost',
  'overtaken',
  'completed-unended',
  'ended-in-lane',
  'foreign',
];
const sum = (found: Look['found']): number => Object.values(found).reduce((n, x) => n + x, 0);

/** Times are kept as 32 bits of milliseconds: 49 days, of which these lie before now. */
const LOOK_BACK_MS = 45 * 86_400_000;
const CLOCKS_MS = 60_000;
const PEEK = 1_000;

/** Audits partition after partition, with the memory of one. Rejects with ServiceError when a topic cannot be read. */
export const audit = async (d: AuditDeps, o: AuditOptions): Promise<AuditReport> => {
  const { words, results, retry, deadLetters } = o.topics;
  const [all, ...outputs] = await Promise.all(
    [words, results, retry, deadLetters].map((t) => d.cluster.partitionsOf(t)),
  );
  // Partitions that were added to `words` are not part of the system: nobody reads them.
  const count = Math.min(all, ...outputs);
  const key = o.key === undefined ? undefined : Buffer.from(o.key);
  // Other clients may put a key elsewhere than we do.
  const partitions = Array.from({ length: all }, (_, i) => i);
  const places: { partition: number; words: number; own: boolean }[] = [];
  const columns = new Columns();
  const counts = noCounts();
  const found: Partial<Record<FindingKind, number>> = {};
  const findings: Finding[] = [];
  const cut: { partition: number; from: number }[] = [];
  const gone: { partition: number; findings: number }[] = [];
  const limits: { partition: number; max: number; windowMs: number }[] = [];
  for (const partition of partitions) {
    const look = (): Promise<Look> =>
      lookAt(d, o, partition, count, key, columns, o.maxFindings - findings.length);
    let seen = await look();
    if (MISSING.some((kind) => seen.found[kind] !== undefined)) {
      const first = sum(seen.found);
      seen = await look();
      if (sum(seen.found) < first) gone.push({ partition, findings: first - sum(seen.found) });
    }
    if (key !== undefined && seen.counts.words > 0)
      places.push({ partition, words: seen.counts.words, own: partition === partitionOf(key, count) });
    for (const [name, n] of Object.entries(seen.counts)) counts[name as keyof AuditCounts] += n;
    for (const [kind, n] of Object.entries(seen.found))
      found[kind as FindingKind] = (found[kind as FindingKind] ?? 0) + n;
    if (seen.cutFrom !== undefined) cut.push({ partition, from: seen.cutFrom });
    findings.push(...(await named(d.cluster.logs, o.topics.words, partition, seen.findings)));
    if (partition >= count || (key !== undefined && seen.counts.words === 0)) continue;
    // What is parked has its dead letter.
    const holds = seen.counts.outstanding > (seen.found.parked ?? 0);
    const { stopped, limited } = await ownerOf(d, o, partition, count, holds);
    if (limited !== undefined) limits.push({ partition, ...limited });
    if (stopped !== undefined) found.stopped = (found.stopped ?? 0) + 1;
    if (stopped !== undefined && findings.length < o.maxFindings) findings.push(stopped);
  }
  return { partitions, counts, found, findings, cut, gone, limits, ...(key === undefined ? {} : { places }) };
};

const lookAt = async (
  d: AuditDeps,
  o: AuditOptions,
  partition: number,
  partitions: number,
  key: Buffer | undefined,
  columns: Columns,
  most: number,
): Promise<Look> => {
  const found: Look['found'] = {};
  const findings: Finding[] = [];
  const note = (f: Finding): void => {
    found[f.kind] = (found[f.kind] ?? 0) + 1;
    if (findings.length < most) findings.push(f);
  };
  return { ...(await auditPartition(d, o, partition, partitions, key, columns, note)), found, findings };
};

/**
 * The order of reading makes it right on a live system. The committed offset comes first, then `words`, then the ends of the
 * outputs: what is below the offset has left its traces below those ends. What is written meanwhile is read afterwards, and
 * only acquits: it holds every record of every transaction that was seen in part.
 */
const auditPartition = async (
  d: AuditDeps,
  o: AuditOptions,
  partition: number,
  partitions: number,
  key: Buffer | undefined,
  columns: Columns,
  note: (f: Finding) => void,
): Promise<{ readonly counts: AuditCounts; readonly cutFrom: number | undefined }> => {
  const { topics } = o;
  const logs = partition < partitions ? d.cluster.logs : withoutOutputs(d.cluster.logs, topics.words);
  const committed = await d.cluster.committed(o.group, topics.words, partition);
  const words = await logs.bounds(topics.words, partition);
  const now = d.now();
  const outputs = [topics.retry, topics.results, topics.deadLetters] as const;

  const fromOffset =
    o.from === undefined ? words.start : await logs.offsetAt(topics.words, partition, o.from);
  const to = o.to === undefined ? words.end : await logs.offsetAt(topics.words, partition, o.to);
  const oldest = o.from === undefined ? await oldestOrigin(logs, o, partition, words.start) : fromOffset;
  const base = Math.max(0, oldest, to - o.window);
  const cutFrom = base > oldest ? base : undefined;
  columns.reset(base, Math.max(0, to - base), now - LOOK_BACK_MS);

  const context = {
    topics,
    partition,
    partitions,
    committed,
    ...(key === undefined ? {} : { key }),
  };
  const a = new PartitionAudit(context, columns, new Redriven(), note);
  let firstTime: number | undefined;
  await logs.scan(topics.words, partition, Math.max(base, words.start), to, (r) => {
    firstTime ??= r.timestamp;
    if (r.offset % 65_536 === 0) d.progress(topics.words, partition, r.offset, to);
    a.word(r);
  });

  a.wordsStart((await logs.bounds(topics.words, partition)).start);

  // Ends lie behind their submissions, so a range of those tells where to begin.
  const beginOf = async (topic: string, start: number): Promise<number> =>
    firstTime === undefined || base <= words.start || topic === topics.retry
      ? start
      : Math.max(start, await logs.offsetAt(topic, partition, firstTime - CLOCKS_MS));
  const bounds = await Promise.all(outputs.map((topic) => logs.bounds(topic, partition)));
  const begins = await Promise.all(outputs.map((topic, i) => beginOf(topic, bounds[i].start)));
  a.outputsStart(begins[1], begins[2]);

  const read = async (froms: readonly number[], tos: readonly number[], late: boolean): Promise<void> => {
    const tick = (topic: string, r: InRecord, end: number): void => {
      if (r.offset % 65_536 === 0) d.progress(topic, partition, r.offset, end);
    };
    await logs.scan(topics.retry, partition, froms[0], tos[0], (r) => {
      tick(topics.retry, r, tos[0]);
      a.retry(r, late);
    });
    await scanVerdicts(logs, d.reader, topics.results, partition, froms[1], tos[1], (r, facts) => {
      tick(topics.results, r, tos[1]);
      a.result(r, facts, late);
    });
    await logs.scan(topics.deadLetters, partition, froms[2], tos[2], (r) => {
      tick(topics.deadLetters, r, tos[2]);
      a.deadLetter(r, late);
    });
  };
  const ends = bounds.map((b) => b.end);
  await read(begins, ends, false);
  const lateEnds = (await Promise.all(outputs.map((topic) => logs.bounds(topic, partition)))).map(
    (b) => b.end,
  );
  await read(ends, lateEnds, true);
  a.retryCut((await logs.bounds(topics.retry, partition)).start);
  const wordsEnd = (await logs.bounds(topics.words, partition)).end;

  const trimmed = await Promise.all(
    [1, 2].map((i) => (bounds[i].start > 0 ? oldestTime(d, outputs[i], partition, bounds[i]) : -Infinity)),
  );
  // The copies of a submission that was sent twice may lie before the range.
  const rangeBegins = base > words.start && firstTime !== undefined ? firstTime + o.dedupWindowMs : -Infinity;
  conclude(a, {
    ...{ wordsEnd, now, maxAgeMs: o.maxAgeMs, dedupWindowMs: o.dedupWindowMs, togetherMs: o.togetherMs },
    inSightSince: Math.max(rangeBegins, ...trimmed.map((t) => t + CLOCKS_MS)),
  });
  return { counts: a.counts, cutFrom };
};

/** Outputs have no such partition: as if they were empty. */
const withoutOutputs = (logs: LogReader, words: string): LogReader => ({
  ...logs,
  bounds: (topic, partition) =>
    topic === words ? logs.bounds(topic, partition) : Promise.resolve({ start: 0, end: 0 }),
  offsetAt: (topic, ...at) => (topic === words ? logs.offsetAt(topic, ...at) : Promise.resolve(0)),
  scan: (topic, ...range) => (topic === words ? logs.scan(topic, ...range) : Promise.resolve()),
});

/** The lowest origin that is worth a row: outputs may be kept for longer than `words`. */
const oldestOrigin = async (
  logs: LogReader,
  o: AuditOptions,
  partition: number,
  start: number,
): Promise<number> => {
  let oldest = start;
  for (const topic of [o.topics.results, o.topics.deadLetters]) {
    const bounds = await logs.bounds(topic, partition);
    await logs.scan(topic, partition, bounds.start, Math.min(bounds.end, bounds.start + PEEK), (r) => {
      const origin = Number(r.headerText(H.origin));
      if (Number.isSafeInteger(origin) && origin >= 0 && origin < oldest) oldest = origin;
    });
  }
  return oldest;
};

/** When the oldest record that is left was written; Infinity: none is. */
const oldestTime = async (
  d: AuditDeps,
  topic: string,
  partition: number,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<number> => {
  let time = Infinity;
  await d.cluster.logs.scan(topic, partition, start, Math.min(end, start + PEEK), (r) => {
    time = Math.min(time, r.timestamp);
  });
  return time;
};
