import { isServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { VerdictRead, VerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { count } from '@verdikt/operate/text/count.ts';
import type { When } from '@verdikt/operate/text/when.ts';

interface TailFilter {
  readonly key?: string;
  readonly id?: string;
  /** Only accepted or only refused words. */
  readonly answer?: boolean;
}

export interface TailOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Only this one. Default: that of the key, else all. */
  readonly partition?: number;
  readonly from: When;
  /** Go on with what is written from now on, until `stop`. */
  readonly follow: boolean;
  readonly filter: TailFilter;
  /** Default: no limit. */
  readonly max?: number;
}

interface TailDeps {
  readonly logs: LogReader;
  readonly reader: VerdictReader;
  /** One line, without its end. */
  readonly line: (text: string) => void;
  /** Called when reading fails while following; it goes on by itself. */
  readonly trouble: (error: Error) => void;
  readonly stop: AbortSignal;
  /** Resolves after so long, or at once when `stop` is aborted. */
  readonly pause: (ms: number) => Promise<void>;
}

/** What a look at the topic came to. */
interface Tailed {
  readonly lines: number;
  readonly partitions: readonly number[];
  /** Offsets looked at. */
  readonly offsets: number;
}

/** Offsets read at once; what waits in memory is bounded by it. */
const CHUNK = 2_000;
const LOOK_AGAIN_MS = 200;
const TROUBLE_MS = 2_000;

/** The partitions that `o` is about. */
export const tailed = (o: Pick<TailOptions, 'partition' | 'partitions' | 'filter'>): number[] => {
  if (o.partition !== undefined) return [o.partition];
  if (o.filter.key !== undefined) return [partitionOf(Buffer.from(o.filter.key), o.partitions)];
  return Array.from({ length: o.partitions }, (_, i) => i);
};

/** One record of `results` as JSON; undefined where the filter leaves it out. What is no verdict is shown as `unreadable`. */
const verdictLine = (
  record: InRecord,
  partition: number,
  read: Exclude<VerdictRead, { kind: 'schema-needed' }>,
  filter: TailFilter,
): string | undefined => {
  const key = record.key?.toString('utf8') ?? null;
  const id = record.headerText(H.id);
  if (filter.key !== undefined && key !== filter.key) return undefined;
  if (filter.id !== undefined && id !== filter.id) return undefined;
  if (filter.answer !== undefined && (read.kind !== 'ok' || read.verdict.accepted !== filter.answer))
    return undefined;
  const place = { partition, offset: record.offset, timestamp: record.timestamp, key };
  const redrive = record.headerText(H.redrive);
  return JSON.stringify(
    read.kind === 'ok'
      ? { ...place, ...read.verdict, ...(redrive === undefined ? {} : { redrive: Number(redrive) }) }
      : { ...place, id, unreadable: read.detail },
  );
};

/** Shows verdicts line by line; resolves at the end, at `max`, or when stopped. Rejects with ServiceError unless following. */
export const tail = async (d: TailDeps, o: TailOptions): Promise<Tailed> => {
  let left = o.max ?? Infinity;
  let lines = 0;
  const over = (): boolean => d.stop.aborted || left <= 0;

  const show = async (record: InRecord, partition: number): Promise<void> => {
    let read = d.reader.read(record.value);
    if (read.kind === 'schema-needed') {
      await d.reader.learn(read.id);
      read = d.reader.read(record.value);
    }
    if (read.kind === 'schema-needed') return;
    const text = verdictLine(record, partition, read, o.filter);
    if (text === undefined || over()) return;
    left--;
    lines++;
    d.line(text);
  };

  /** Shows [from, to) and answers where it stopped. */
  const showRange = async (partition: number, from: number, to: number): Promise<number> => {
    let at = from;
    while (at < to && !over()) {
      const until = Math.min(to, at + CHUNK);
      const records: InRecord[] = [];
      await d.logs.scan(o.topic, partition, at, until, (r) => void records.push(r.detach()));
      for (const record of records) {
        await show(record, partition);
        at = record.offset + 1;
      }
      at = until;
    }
    return at;
  };

  const startOf = async (partition: number): Promise<{ readonly at: number; readonly end: number }> => {
    const { start, end } = await d.logs.bounds(o.topic, partition);
    if (o.from === 'beginning') return { at: start, end };
    return { at: o.from === 'end' ? end : await d.logs.offsetAt(o.topic, partition, o.from), end };
  };

  const follow = async (partition: number, from: number): Promise<void> => {
    for (let at = from; !over();) {
      try {
        const { start, end } = await d.logs.bounds(o.topic, partition);
        at = Math.max(at, start);
        if (end > at) at = await showRange(partition, at, end);
        else await d.pause(LOOK_AGAIN_MS);
      } catch (e) {
        if (over()) return;
        if (!isServiceError(e) || (e.action !== 'retry' && e.action !== 'pause')) throw e;
        d.trouble(e);
        await d.pause(TROUBLE_MS);
      }
    }
  };

  const begun = await Promise.all(
    tailed(o).map(async (partition) => ({ partition, ...(await startOf(partition)) })),
  );
  if (o.follow) await Promise.all(begun.map(({ partition, at }) => follow(partition, at)));
  else for (const { partition, at, end } of begun) await showRange(partition, at, end);
  const offsets = begun.reduce((n, { at, end }) => n + Math.max(0, end - at), 0);
  return { lines, partitions: begun.map((b) => b.partition), offsets };
};

/** Where a look that found nothing looked, and what that may mean. */
export const notFound = (o: TailOptions, { partitions, offsets }: Tailed): string => {
  const { key, id } = o.filter;
  const what = id === undefined ? `for key ${JSON.stringify(key)}` : `with ID ${id}`;
  const from =
    o.from === 'beginning' ? '' : ` from ${o.from === 'end' ? 'the end' : new Date(o.from).toISOString()} on`;
  const where =
    partitions.length === o.partitions
      ? `in all ${count(o.partitions, 'partition')} of ${o.topic}`
      : o.partition === undefined
        ? `in ${o.topic}-${partitions[0]}, where records with this key belong`
        : `in ${o.topic}-${partitions[0]} alone`;
  const next = [
    ...(id === undefined ? [] : [`a dead letter is shown by \`verdikt dlq show ${id}\``]),
    ...(partitions.length === o.partitions || o.partition !== undefined
      ? []
      : ['a key that lies elsewhere is found with --partition']),
    'a word may not be decided yet, or belong to another --topic-prefix',
  ];
  return `There is no verdict ${what}: looked at ${count(offsets, 'record')} ${where}${from}. Remedy: ${next.join('; ')}.`;
};
