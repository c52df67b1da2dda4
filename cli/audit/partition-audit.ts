import { MAX_KEY_BYTES, shortId, shortKey } from '@verdikt/core/hash/digest.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { murmur3x128 } from '@verdikt/core/hash/murmur3.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import * as c from './columns.ts';
import { noCounts, type Finding, type FindingKind } from './finding.ts';
import { deadLetterFacts, resultFacts, type EndFacts, type VerdictFacts } from './facts.ts';
import type { Redriven } from './redriven.ts';

interface PartitionContext {
  readonly topics: TopicNames;
  readonly partition: number;
  readonly partitions: number;
  /** Committed by the group before anything was read; null: nothing. */
  readonly committed: number | null;
  /** Only records of this key. */
  readonly key?: Buffer;
}

const MOST_BEFORE = 1_000_000;
export const hash53 = (a: number, b: number): number => a * 2 ** 21 + (b >>> 11);

/**
 * Takes in the records of one partition: first `words`, then the retry topic, results and dead letters, in any order of topics.
 * `late`: written after the ends were first asked for. What records show is reported on the spot; what they do not, by `conclude`.
 */
export class PartitionAudit {
  readonly context: PartitionContext;
  readonly columns: c.Columns;
  readonly counts = noCounts();
  readonly redriven: Redriven;
  /** Offset of the newest retry record about an origin that has not ended. */
  readonly retryAt = new Map<number, number>();
  /** Submissions before the range that outputs tell of, as 53 bits of their hash: one in the range may be a copy of theirs. */
  readonly before = new Set<number>();
  /** Outputs that name a record behind the range; the first few. */
  readonly beyond: { readonly origin: number; readonly at: string }[] = [];
  readonly #note: (finding: Finding) => void;
  readonly #hash = new Uint32Array(4);
  /** What lies below may have been deleted from `words`. */
  #wordsStart = 0;
  #resultsStart = 0;
  #deadStart = 0;

  constructor(context: PartitionContext, columns: c.Columns, redriven: Redriven, note: (f: Finding) => void) {
    this.context = context;
    this.columns = columns;
    this.redriven = redriven;
    this.#note = note;
  }

  /** Below it everything was read by the group. */
  get committed(): number {
    return this.context.committed ?? -1;
  }

  /** Where `words` began once all of it had been taken in. */
  wordsStart(offset: number): void {
    this.#wordsStart = offset;
  }

  /** The retry log was cut here meanwhile: what lies below was dead by then, and its completions may be gone with it. */
  retryCut(start: number): void {
    const { columns } = this;
    for (const [origin, offset] of this.retryAt) {
      const row = columns.row(origin);
      if (offset >= start || row < 0 || (columns.flags[row] & c.LIVE) === 0) continue;
      columns.flags[row] = (columns.flags[row] & ~(c.LIVE | c.PARKED)) | c.COMPLETED | c.LATE_COMPLETION;
    }
    this.redriven.cut(start);
  }

  /** Where the logs of the outputs begin: offsets are kept above them. */
  outputsStart(results: number, deadLetters: number): void {
    this.#resultsStart = results;
    this.#deadStart = deadLetters;
  }

  find(kind: FindingKind, at: string, origin: number | undefined, detail: string): void {
    const { partition } = this.context;
    this.#note({ kind, at, partition, ...(origin === undefined ? {} : { origin }), detail });
  }

  place(topic: 'words' | 'results' | 'retry' | 'deadLetters', offset: number): string {
    return `${this.context.topics[topic]}-${this.context.partition}@${offset}`;
  }

  /** Of the end of a row that has one. */
  endPlace(row: number): string {
    const dead = (this.columns.flags[row] & c.DEAD) !== 0;
    const start = dead ? this.#deadStart : this.#resultsStart;
    return this.place(dead ? 'deadLetters' : 'results', this.columns.at[row] + start);
  }

  word(r: InRecord): void {
    const { columns } = this;
    const row = columns.row(r.offset);
    if (row < 0) return;
    if (this.#leftOut(r)) {
      columns.flags[row] |= c.LEFT_OUT;
      return;
    }
    this.counts.words++;
    columns.flags[row] |= c.WORD;
    columns.setTime(row, r.timestamp);
    this.#learn(row, r, r.offset);
    if (this.#misplaced(r))
      this.find(
        'wrong-partition',
        this.place('words', r.offset),
        r.offset,
        'its key belongs to another partition',
      );
  }

  retry(r: InRecord, late: boolean): void {
    const { columns } = this;
    this.counts.retryRecords++;
    const at = this.place('retry', r.offset);
    const parsed = parseRetryEntry(r);
    if (parsed.kind === 'foreign') return this.find('foreign', at, undefined, 'no retry entry of ours');
    if (parsed.kind === 'completed') {
      for (const { origin, redrive } of parsed.ended) {
        if (redrive > 0) {
          this.redriven.completed(origin, redrive, at, late);
          continue;
        }
        const row = columns.row(origin);
        if (row < 0 || (columns.flags[row] & c.LEFT_OUT) !== 0) continue;
        columns.flags[row] = (columns.flags[row] & ~(c.LIVE | c.PARKED)) | c.COMPLETED;
        if (late) columns.flags[row] |= c.LATE_COMPLETION;
        if ((columns.flags[row] & c.ENDED) === 0) this.retryAt.set(origin, r.offset);
      }
      return;
    }
    const { origin, redrive, attempt, parkedAt } = parsed;
    const row = this.#rowOf(r, origin, at);
    if (row < 0) return;
    if (redrive > 0) {
      columns.flags[row] |= c.REDRIVEN;
      return this.redriven.entered(origin, redrive, at, r.offset, parkedAt > 0);
    }
    columns.flags[row] |= c.LIVE;
    if (parkedAt > 0) columns.flags[row] |= c.PARKED;
    else columns.flags[row] &= ~c.PARKED;
    columns.attempt[row] = Math.max(columns.attempt[row], Math.min(attempt, 255));
    this.retryAt.set(origin, r.offset);
  }

  result(r: InRecord, verdict: VerdictFacts, late: boolean): void {
    this.counts.results++;
    const at = this.place('results', r.offset);
    if (this.#leftOut(r)) return;
    if ('unreadable' in verdict) this.find('unreadable', at, undefined, verdict.unreadable);
    const facts = resultFacts(r, verdict);
    this.#end(r, at, facts, c.RESULT, r.offset - this.#resultsStart, late);
  }

  deadLetter(r: InRecord, late: boolean): void {
    this.counts.deadLetters++;
    if (this.#leftOut(r)) return;
    const at = this.place('deadLetters', r.offset);
    const facts = deadLetterFacts(r, this.context.topics.words, this.context.partition);
    this.#end(r, at, facts, c.DEAD, r.offset - this.#deadStart, late);
  }

  #end(r: InRecord, at: string, f: EndFacts, bit: number, offset: number, late: boolean): void {
    const { columns } = this;
    for (const [kind, detail] of f.problems) this.find(kind, at, f.origin, detail);
    if (f.origin === undefined) return;
    const row = this.#rowOf(r, f.origin, at);
    if (row < 0) return;
    if (f.parked) {
      columns.flags[row] |= c.PARKED_COPY;
      this.redriven.parkedCopy(f.origin, f.redrive);
      return;
    }
    if (f.redrive > 0) {
      columns.flags[row] |= c.REDRIVEN;
      this.redriven.ended(f.origin, f.redrive, at, late, (first) =>
        this.find('doubled', at, f.origin, `redrive ${f.redrive} has ended before, at ${first}`),
      );
      return;
    }
    if (f.attempts !== undefined && f.attempts < columns.attempt[row])
      this.find(
        'attempts',
        at,
        f.origin,
        `says ${f.attempts}, a retry entry tells of attempt ${columns.attempt[row]}`,
      );
    if ((columns.flags[row] & c.ENDED) !== 0)
      return this.find('doubled', at, f.origin, `has ended before, at ${this.endPlace(row)}`);
    columns.flags[row] |= bit | (late ? c.LATE_END : 0);
    columns.at[row] = offset;
    columns.setTime(row, r.timestamp);
    if ((columns.flags[row] & c.LIVE) === 0) this.retryAt.delete(f.origin);
  }

  /** Row of the submission that a record of another topic is about; -1 where it must not be counted for it. */
  #rowOf(r: InRecord, origin: number, at: string): number {
    const { columns } = this;
    const row = columns.row(origin);
    if (row < 0) {
      if (origin < columns.base) {
        this.counts.outside++;
        this.#identify(r, origin);
        if (this.before.size < MOST_BEFORE) this.before.add(hash53(this.#hash[0], this.#hash[1]));
      } else if (this.beyond.length < 1_000) this.beyond.push({ origin, at });
      return -1;
    }
    const f = columns.flags[row];
    if ((f & c.LEFT_OUT) !== 0) return -1;
    if ((f & c.KNOWN) === 0) {
      if (origin >= this.#wordsStart) {
        this.#stray(r, at, origin, 'words has no record at that offset');
        return -1;
      }
      this.#learn(row, r, origin);
      columns.setTime(row, r.timestamp);
      return row;
    }
    const h = this.#hash;
    this.#identify(r, origin);
    if (h[0] === columns.id0[row] && h[1] === columns.id1[row]) return row;
    this.#stray(r, at, origin, 'the record there has another id or key');
    return -1;
  }

  #stray(r: InRecord, at: string, origin: number, detail: string): void {
    // The digest of a key says nothing of where the key belongs.
    if (r.header(H.keyDigest) === undefined && this.#misplaced(r))
      this.find('wrong-partition', at, origin, `its key belongs to another partition, and ${detail}`);
    else this.find('foreign', at, origin, `names origin ${origin}, but ${detail}`);
  }

  #misplaced(r: InRecord): boolean {
    const { key } = r;
    return key !== null && partitionOf(key, this.context.partitions) !== this.context.partition;
  }

  #leftOut(r: InRecord): boolean {
    const { key } = this.context;
    return key !== undefined && (r.key === null || !shortKey(r.key).equals(shortKey(key)));
  }

  #learn(row: number, r: InRecord, origin: number): void {
    const { columns } = this;
    const h = this.#hash;
    columns.flags[row] |= c.KNOWN | (r.keyStart < 0 ? c.KEYLESS : 0);
    if (r.keyStart >= 0) {
      this.#hashKey(r, 0);
      columns.key0[row] = h[0];
      columns.key1[row] = h[1];
    }
    this.#identify(r, origin);
    columns.id0[row] = h[0];
    columns.id1[row] = h[1];
  }

  /** Long keys, like long ids, count by their digest, which is all that stubs have of them. */
  #hashKey(r: InRecord, seed: number): void {
    const { keyStart, keyEnd } = r;
    const long = keyEnd - keyStart > MAX_KEY_BYTES;
    const key = long ? shortKey(r.buffer.subarray(keyStart, keyEnd)) : r.buffer;
    murmur3x128(key, long ? 0 : keyStart, long ? key.length : keyEnd, seed, this.#hash);
  }

  /** Hash of id and key; a record without id is identified by where it was written. */
  #identify(r: InRecord, origin: number): void {
    const h = this.#hash;
    let [k0, k1] = [0x9e3779b9, 0];
    if (r.keyStart >= 0) {
      this.#hashKey(r, 1);
      [k0, k1] = [h[0], h[1]];
    }
    const given = r.header(H.id);
    const none = given === undefined || given === null || given.length === 0;
    const id = none
      ? Buffer.from(`${this.context.topics.words}-${this.context.partition}-${origin}`)
      : shortId(given);
    murmur3x128(id, 0, id.length, 2, h);
    h[0] ^= k0;
    h[1] ^= k1;
  }
}
