import { at } from '@verdikt/core/at.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { stubBytes } from '@verdikt/core/record/stub.ts';
import { appendAll } from '@verdikt/operate/dlq/send-commands.ts';
import type { Appender, Pace } from '@verdikt/operate/dlq/ports.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { Source, Undecided } from './look.ts';
import { COPIED_FROM, copyOf, idOf, isOriginalOf, placeText, targetPartition, type Words } from './record.ts';

export interface CopyCounts {
  /** Written now. */
  fromLanes: number;
  fromWords: number;
  /** Copied by an earlier run. */
  there: number;
  /** Places of stubs whose original is gone, and of records that are too large to be read whole. */
  readonly leftOut: string[];
}

export interface Copying {
  readonly logs: LogReader;
  readonly sink: Appender;
  readonly pace: Pace;
  readonly source: Source;
  readonly words: Words;
  readonly target: string;
  readonly targetPartitions: number;
  readonly progress: (partition: number, at: number, end: number) => void;
}

/** What earlier runs have copied, by where it came from. */
export const copiedBefore = async ({
  logs,
  target,
  targetPartitions,
  words,
}: Copying): Promise<Set<string>> => {
  const found = new Set<string>();
  for (let p = 0; p < targetPartitions; p++) {
    const { start, end } = await logs.bounds(target, p);
    if (start < end)
      await logs.scan(target, p, start, end, (r) => {
        const from = r.headerText(COPIED_FROM);
        if (from?.startsWith(`${words.name}@`) === true) found.add(from);
      });
  }
  return found;
};

/** Bounds of what is held at once. */
const CHUNK_RECORDS = 500;
const CHUNK_BYTES = 1_048_576;
/** A larger one is the last of its request, so that nothing of its key is behind it when it is refused. */
const LARGE_BYTES = 65_536;
const ENTRIES = 100;
const STEP = { least: 100, most: 50_000, smallBytes: 2_097_152, largeBytes: 8_388_608 };

/**
 * Copies what is undecided, in order per key. Records that do not lie where their key belongs in the old system were written after
 * partitions were added, so they follow all others.
 *
 * Rejects with RECORD_TOO_LARGE, APPEND_UNCONFIRMED, BROKER_UNAVAILABLE or ACCESS_DENIED; what was copied until then is not copied
 * again by the next run.
 */
export const copyAll = async (
  c: Copying,
  all: readonly Undecided[],
  done: Set<string>,
): Promise<CopyCounts> => {
  const counts: CopyCounts = { fromLanes: 0, fromWords: 0, there: 0, leftOut: [] };
  const moved: Undecided[] = [];
  for (const u of all) if (await new PartitionCopy(c, u, done, counts, false).run()) moved.push(u);
  for (const u of moved) await new PartitionCopy(c, u, done, counts, true).run();
  return counts;
};

interface Waiting {
  readonly partition: number;
  readonly record: OutRecord;
  readonly place: string;
  readonly lane: boolean;
}

class PartitionCopy {
  readonly #c: Copying;
  readonly #u: Undecided;
  readonly #done: Set<string>;
  readonly #counts: CopyCounts;
  /** Whether this is the pass over records that lie elsewhere than their key belongs. */
  readonly #moved: boolean;
  #others = false;
  #waiting: Waiting[] = [];
  #bytes = 0;

  constructor(c: Copying, u: Undecided, done: Set<string>, counts: CopyCounts, moved: boolean) {
    this.#c = c;
    this.#u = u;
    this.#done = done;
    this.#counts = counts;
    this.#moved = moved;
  }

  /** True when records were left to the other pass. */
  async run(): Promise<boolean> {
    const { from, words, entries, former } = this.#u;
    let next = 0;
    const lanesUpTo = async (origin: number): Promise<void> => {
      const first = next;
      for (let e = entries[next]; e !== undefined && e.origin <= origin; e = entries[next]) next++;
      for (let i = first; i < next; i += ENTRIES) await this.#lanes(i, Math.min(next, i + ENTRIES));
    };
    // Lanes of a former topic are older than all of the present one, whatever their origins.
    if (former !== undefined) await lanesUpTo(Infinity);
    for (let at = from, step = STEP.least; at < words.end;) {
      const to = Math.min(words.end, at + step);
      const records: InRecord[] = [];
      await this.#c.logs.scan(this.#c.words.name, this.#u.partition, at, to, (r) => records.push(r.detach()));
      for (const r of records) {
        // An operator may have set the offset below what is in lanes.
        await lanesUpTo(r.offset);
        await this.#take(r, r.offset, 0, false);
      }
      const bytes = records.reduce((n, r) => n + r.size, 0);
      if (bytes < STEP.smallBytes) step = Math.min(STEP.most, step * 2);
      else if (bytes > STEP.largeBytes) step = Math.max(STEP.least, Math.floor(step / 2));
      at = to;
      this.#c.progress(this.#u.partition, at, words.end);
    }
    await lanesUpTo(Infinity);
    await this.#flush();
    return this.#others;
  }

  async #lanes(from: number, to: number): Promise<void> {
    const some = this.#u.entries.slice(from, to);
    const { retry } = this.#c.source.topics;
    const records = await this.#c.logs.fetch(
      retry,
      this.#u.partition,
      some.map((e) => e.offset),
    );
    for (const [i, record] of records.entries()) {
      const { origin, redrive } = at(some, i);
      await this.#take(record, origin, redrive, true);
    }
  }

  async #take(record: InRecord, origin: number, redrive: number, lane: boolean): Promise<void> {
    const { partition, former } = this.#u;
    const { words, targetPartitions } = this.#c;
    const old = lane && former !== undefined;
    // The same place in two topics of one name is not the same record.
    const engineId = `${words.name}-${partition}-${origin}${old ? `@${former}` : ''}`;
    const whole = lane && stubBytes(record) > 0 ? await this.#original(record, origin, engineId) : record;
    const lacking = whole === undefined || whole.truncated > 0;
    if (!this.#mine(lacking ? null : whole.key)) return;
    const place = placeText(old ? { ...words, id: former } : words, partition, origin, redrive);
    if (this.#done.has(place)) {
      this.#counts.there++;
      return;
    }
    if (lacking) {
      this.#counts.leftOut.push(`${words.name}-${partition}@${origin}`);
      return;
    }
    this.#done.add(place);
    const out = copyOf(whole, idOf(whole, engineId), place);
    const large = whole.size > LARGE_BYTES;
    this.#waiting.push({
      ...{ record: out, place, lane },
      partition: targetPartition(whole, partition, targetPartitions),
    });
    this.#bytes += whole.size;
    if (large || this.#waiting.length >= CHUNK_RECORDS || this.#bytes >= CHUNK_BYTES) await this.#flush();
  }

  /** Whether this pass takes the record. */
  #mine(key: Buffer | null): boolean {
    const { partitions } = this.#c.source;
    const moved = key !== null && partitionOf(key, partitions) !== this.#u.partition;
    const mine = (moved || this.#u.partition >= partitions) === this.#moved;
    this.#others ||= !mine;
    return mine;
  }

  async #original(stub: InRecord, origin: number, place: string): Promise<InRecord | undefined> {
    if (this.#u.former !== undefined) return undefined;
    try {
      const [found] = await this.#c.logs.fetch(this.#c.words.name, this.#u.partition, [origin]);
      return found !== undefined && isOriginalOf(stub, found, place) ? found : undefined;
    } catch (e) {
      if (isServiceError(e, 'OFFSET_LOST')) return undefined;
      throw e;
    }
  }

  async #flush(): Promise<void> {
    const some = this.#waiting;
    if (some.length === 0) return;
    this.#waiting = [];
    this.#bytes = 0;
    const taken = await appendAll(this.#c.sink, some, this.#c.pace);
    const refused = some.find((_, i) => taken[i] === false);
    if (refused !== undefined)
      throw new ServiceError(
        'RECORD_TOO_LARGE',
        `${this.#c.target} does not take ${refused.place}. Remedy: set its max.message.bytes to that of ${this.#c.words.name}, and run this again.`,
        { topic: this.#c.target, place: refused.place },
      );
    for (const { lane } of some)
      if (lane) this.#counts.fromLanes++;
      else this.#counts.fromWords++;
  }
}
