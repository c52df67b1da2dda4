import { ServiceError } from '@verdikt/core/errors.ts';

/** What is known of one submission, as bits. */
export const WORD = 1;
export const RESULT = 2;
export const DEAD = 4;
/** Its newest retry entry is not completed. */
export const LIVE = 8;
export const COMPLETED = 16;
/** Seen only in what was written while the audit ran: good to acquit, not to accuse. */
export const LATE_END = 32;
export const LATE_COMPLETION = 64;
/** Without key: it has no order. */
export const KEYLESS = 128;
/** The same submission under another offset stands for it. */
export const COPY = 256;
export const PARKED = 512;
export const PARKED_COPY = 1024;
/** Runs on under a redrive count. */
export const REDRIVEN = 2048;
/** Not looked at: of another key than the one asked for. */
export const LEFT_OUT = 4096;
/** Its hashes are filled in. */
export const KNOWN = 8192;
export const ENDED = RESULT | DEAD;

/** Bytes per submission, those for sorting included. */
const BYTES_PER_ORIGIN = 31;

/**
 * All that an audit keeps of one partition: a row per offset of `words`, as columns. Offsets are dense, so a row needs no
 * pointer; the same memory serves one partition after the other.
 */
export class Columns {
  base = 0;
  size = 0;
  flags = new Uint16Array(0);
  /** 64 bits of a hash of (id, key), and of the key. */
  id0 = new Uint32Array(0);
  id1 = new Uint32Array(0);
  key0 = new Uint32Array(0);
  key1 = new Uint32Array(0);
  /** Offset of the end in its topic, above the start of that. */
  at = new Uint32Array(0);
  /** Milliseconds above `timeBase`: when it ended, before that when it was written. */
  time = new Uint32Array(0);
  /** Highest attempt that a retry entry names; at most 255. */
  attempt = new Uint8Array(0);
  order = new Uint32Array(0);
  #timeBase = 0;

  /** Empties it for origins `base` .. `base + size - 1`. Throws RangeError past 2^32. */
  reset(base: number, size: number, timeBase: number): void {
    this.base = base;
    this.size = size;
    this.#timeBase = timeBase;
    if (size > this.flags.length) this.#allocate(size);
    else for (const column of [this.flags, this.attempt]) column.fill(0, 0, size);
  }

  /** Row of an origin; -1 outside. */
  row(origin: number): number {
    const i = origin - this.base;
    return i >= 0 && i < this.size ? i : -1;
  }

  setTime(row: number, ms: number): void {
    this.time[row] = Math.min(0xffff_ffff, Math.max(0, ms - this.#timeBase));
  }

  timeOf(row: number): number {
    return this.time[row] + this.#timeBase;
  }

  /** Rows with any of `bits`, sorted by `column`, then by origin; a view on `order`. */
  sortedBy(column: Uint32Array, bits: number, without: number): Uint32Array {
    const { flags, order, size } = this;
    const wanted = (i: number): boolean => (flags[i] & bits) !== 0 && (flags[i] & without) === 0;
    // Rows are dealt into buckets by the upper half; what is left to sort are many small ones.
    counts.fill(0);
    for (let i = 0; i < size; i++) if (wanted(i)) counts[column[i] >>> 16]++;
    const n = toStarts(counts);
    for (let i = 0; i < size; i++) if (wanted(i)) order[counts[column[i] >>> 16]++] = i;
    for (let from = 0, bucket = 0; bucket < BUCKETS; bucket++) {
      const to = counts[bucket];
      if (to - from > 1) sortBucket(order.subarray(from, to), column);
      from = to;
    }
    return order.subarray(0, n);
  }

  #allocate(size: number): void {
    // Let go first: the old and the new columns together would be twice the bound.
    const none = new Uint32Array(0);
    this.id0 = this.id1 = this.key0 = this.key1 = this.at = this.time = this.order = none;
    this.flags = new Uint16Array(0);
    this.attempt = new Uint8Array(0);
    try {
      this.flags = new Uint16Array(size);
      this.id0 = new Uint32Array(size);
      this.id1 = new Uint32Array(size);
      this.key0 = new Uint32Array(size);
      this.key1 = new Uint32Array(size);
      this.at = new Uint32Array(size);
      this.time = new Uint32Array(size);
      this.attempt = new Uint8Array(size);
      this.order = new Uint32Array(size);
    } catch (e) {
      const bytes = size * BYTES_PER_ORIGIN;
      const message = `An audit of ${size} submissions of one partition needs ${bytes} bytes. Remedy: lower --window, or give --from and --to.`;
      throw new ServiceError('CONFIG_INVALID', message, { bytes }, e);
    }
  }
}

const BUCKETS = 65_536;
const counts = new Uint32Array(BUCKETS);
const lower = new Uint32Array(BUCKETS);
/** Up to here moving one by one is faster. */
const SMALL = 2_000;

/** Makes counts to the places where their buckets begin; answers the sum. */
const toStarts = (of: Uint32Array): number => {
  let sum = 0;
  for (let d = 0; d < BUCKETS; d++) {
    const c = of[d];
    of[d] = sum;
    sum += c;
  }
  return sum;
};

/** Sorts rows of one upper half by the lower half, stable. One hot key is a bucket of equal ones, which is sorted as it is. */
const sortBucket = (rows: Uint32Array, column: Uint32Array): void => {
  let sorted = true;
  for (let i = 1; i < rows.length && sorted; i++) sorted = column[rows[i - 1]] <= column[rows[i]];
  if (sorted) return;
  if (rows.length <= SMALL) {
    for (let i = 1; i < rows.length; i++) {
      const row = rows[i];
      let k = i;
      for (; k > 0 && column[rows[k - 1]] > column[row]; k--) rows[k] = rows[k - 1];
      rows[k] = row;
    }
    return;
  }
  const from = rows.slice();
  lower.fill(0);
  for (const row of from) lower[column[row] & 0xffff]++;
  toStarts(lower);
  for (const row of from) rows[lower[column[row] & 0xffff]++] = row;
};

/**
 * Calls `visit` with each group of rows that are equal in both columns, in order of origin. `rows` must be sorted by the first;
 * groups of one are left out where `single` is false.
 */
export const eachGroup = (
  rows: Uint32Array,
  first: Uint32Array,
  second: Uint32Array,
  single: boolean,
  visit: (rows: ArrayLike<number>) => void,
): void => {
  for (let from = 0; from < rows.length;) {
    let to = from + 1;
    let same = true;
    for (; to < rows.length && first[rows[to]] === first[rows[from]]; to++)
      same &&= second[rows[to]] === second[rows[from]];
    if (to - from > 1 || single) {
      if (same) visit(rows.subarray(from, to));
      else
        for (const group of split(rows.subarray(from, to), second))
          if (group.length > 1 || single) visit(group);
    }
    from = to;
  }
};

const split = (rows: Uint32Array, column: Uint32Array): number[][] => {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const group = groups.get(column[row]);
    if (group === undefined) groups.set(column[row], [row]);
    else group.push(row);
  }
  return [...groups.values()];
};
