import { grown } from '@verdikt/core/hash/grown.ts';
import { PENDING, type EntryTable } from './entries.ts';

/** Written by one plan: slot and incarnation per retry record, in order. */
export interface Written {
  readonly slot: number;
  readonly incarnation: number;
}

/**
 * Where the live entries lie in the retry partition, oldest first, so that the dead start of the log can be cut and old live
 * entries be rewritten before they hold it back. 16 bytes an entry.
 */
export class RetryLog {
  readonly #entries: EntryTable;
  /** Committed entries by offset; a row is live while its slot still has that offset. */
  #offset = new Float64Array(64);
  #slot = new Int32Array(64);
  #incarnation = new Uint32Array(64);
  #first = 0;
  #past = 0;
  /** First offset still in the log. */
  start: number;
  /** One past the last offset that is known to be committed. */
  end: number;

  constructor(entries: EntryTable, start: number, end: number) {
    this.#entries = entries;
    this.start = start;
    this.end = end;
  }

  /** Takes over the offsets that a committed plan got, completion records included. Entries ended meanwhile are ignored. */
  committed(written: readonly Written[], offsets: readonly number[]): void {
    for (let i = 0; i < written.length; i++) this.place(written[i].slot, written[i].incarnation, offsets[i]);
    if (offsets.length > 0) this.end = Math.max(this.end, offsets[offsets.length - 1] + 1);
  }

  /** Notes that the newest entry of a slot lies at `offset`. Offsets must come in rising order. */
  place(slot: number, incarnation: number, offset: number): void {
    if (this.#entries.incarnation[slot] !== incarnation) return;
    this.#entries.logOffset[slot] = offset;
    this.#entries.clear(slot, PENDING);
    if (this.#past === this.#offset.length) this.#makeRoom();
    this.#offset[this.#past] = offset;
    this.#slot[this.#past] = slot;
    this.#incarnation[this.#past] = incarnation;
    this.#past++;
  }

  /** Everything before this offset is dead once the plan being built is committed. The last record stays: it tells a position. */
  base(): number {
    while (this.#first < this.#past && !this.#live(this.#first)) this.#first++;
    return this.#first < this.#past ? this.#offset[this.#first] : Math.max(this.start, this.end - 1);
  }

  /** Oldest live slots, when the log has grown past `factor` × live + `slack` records; else none. */
  toRewrite(factor: number, slack: number, most: number): number[] {
    const base = this.base();
    if (this.end - base <= factor * this.#entries.size + slack) return [];
    const out: number[] = [];
    for (let i = this.#first; i < this.#past && out.length < most; i++)
      if (this.#live(i)) out.push(this.#slot[i]);
    return out;
  }

  #live(i: number): boolean {
    const slot = this.#slot[i];
    return (
      this.#entries.incarnation[slot] === this.#incarnation[i] &&
      this.#entries.logOffset[slot] === this.#offset[i]
    );
  }

  /** Drops the dead rows; doubles when too few were dead. */
  #makeRoom(): void {
    let kept = 0;
    for (let i = this.#first; i < this.#past; i++) {
      if (!this.#live(i)) continue;
      this.#offset[kept] = this.#offset[i];
      this.#slot[kept] = this.#slot[i];
      this.#incarnation[kept] = this.#incarnation[i];
      kept++;
    }
    this.#first = 0;
    this.#past = kept;
    if (kept * 2 <= this.#offset.length) return;
    const n = this.#offset.length * 2;
    this.#offset = grown(this.#offset, n);
    this.#slot = grown(this.#slot, n);
    this.#incarnation = grown(this.#incarnation, n);
  }
}
