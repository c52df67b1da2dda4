import { PENDING, type EntryTable } from './entries.ts';

/** Written by one plan: slot and incarnation per retry record, in order. */
export interface Written {
  readonly slot: number;
  readonly incarnation: number;
}

/**
 * Where the live entries lie in the retry partition, oldest first, so that the dead start of the log can be cut and old live
 * entries be rewritten before they hold it back.
 */
export class RetryLog {
  readonly #entries: EntryTable;
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
    this.#entries.clear(slot, PENDING);
    this.#entries.place(slot, offset);
  }

  /** Everything before this offset is dead once the plan being built is committed. The last record stays: it tells a position. */
  base(): number {
    const { oldest, logOffset } = this.#entries;
    return oldest < 0 ? Math.max(this.start, this.end - 1) : logOffset[oldest];
  }

  /** Oldest live slots, when the log has grown past `factor` × live + `slack` records; else none. */
  toRewrite(factor: number, slack: number, most: number): number[] {
    if (this.end - this.base() <= factor * this.#entries.size + slack) return [];
    const out: number[] = [];
    for (let slot = this.#entries.oldest; slot >= 0 && out.length < most; slot = this.#entries.newer(slot))
      out.push(slot);
    return out;
  }
}
