import { BytePages } from './byte-pages.ts';
import type { BytePool } from './byte-pool.ts';
import { EncodedRecord } from './encoded-record.ts';
import { bodyBound, bodyOf, putBody, type BodyWriter } from './record-body.ts';
import type { OutRecord, OutRecords } from './record.ts';
import { putVarint, sizeOfVarint } from './varint.ts';

const LARGEST_PAGE = 256 * 1024;
const FEWEST = 64;
/** Most bytes of a record before its key: its length, attributes, time and place. */
const BEFORE_BODY = 32;

/**
 * Encodes records as they come and keeps them as bytes, side by side in pages, without an object for any of them: what waits for its
 * transaction as objects lives just long enough to be copied by each collection of the young generation. They lie there as a batch holds
 * them that begins with the first one, all of the same time.
 */
export class EncodedRecords implements OutRecords {
  readonly #pages: BytePages;
  /** Pages that hold records, and the first record of each. */
  readonly #page: Buffer[] = [];
  readonly #first: number[] = [];
  /** Of each record: where it lies in its page, begin and end in turn. */
  #bounds = new Int32Array(FEWEST);
  #length = 0;
  /** Of those that have one. */
  readonly #time = new Map<number, number>();
  /** In which page the last look-up ended: records are mostly asked for in their order. */
  #at = 0;
  #bytes = 0;
  /** Bytes of the length of the record before, the best guess for the next one. */
  #prefix = 1;

  /** `pool`: lends the pages until `release`. */
  constructor(pool?: BytePool) {
    this.#pages = new BytePages(LARGEST_PAGE, pool);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of all of them in a batch, see `copyAll`. */
  get allBytes(): number {
    return this.#bytes;
  }

  /** None has a time of its own. */
  get timeless(): boolean {
    return this.#time.size === 0;
  }

  /** Asks the record for key, value and headers once. */
  add(record: OutRecord): void {
    const body = bodyOf(record);
    const page = this.#pages.room(BEFORE_BODY + bodyBound(body));
    const at = this.#begin(page);
    this.#end(page, at, putBody(page, at, body), record.timestamp);
  }

  /** The same of one that is written as it is. */
  write(body: BodyWriter): void {
    const page = this.#pages.room(BEFORE_BODY + body.mostBytes);
    const at = this.#begin(page);
    this.#end(page, at, body.write(page, at), undefined);
  }

  /** Encodes the last record again, as `change` has it; no-op where there is none. */
  changeLast(change: (last: OutRecord) => OutRecord): void {
    const index = this.#length - 1;
    if (index < 0) return;
    const end = this.#bounds[2 * index + 1];
    const own = Buffer.from(this.#pageOf(index).subarray(this.#bounds[2 * index], end));
    const time = this.#time.get(index);
    const first = this.#first[this.#first.length - 1] === index;
    const begin = first ? 0 : this.#bounds[2 * index - 1];
    if (first) {
      this.#page.pop();
      this.#first.pop();
    }
    this.#time.delete(index);
    this.#bytes -= end - begin;
    this.#length = index;
    this.#pages.used = begin;
    this.add(change(new EncodedRecord(own, 0, own.length, time)));
  }

  /** A view. */
  at(index: number): OutRecord | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const page = this.#pageOf(index);
    const [start, end] = this.#bounds.subarray(2 * index, 2 * index + 2);
    return new EncodedRecord(page, start, end, this.#time.get(index));
  }

  *[Symbol.iterator](): Iterator<OutRecord> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as OutRecord;
  }

  /** Time of a record, if it has one. */
  timestamp(index: number): number | undefined {
    return this.#time.size === 0 ? undefined : this.#time.get(index);
  }

  /** Bytes of key, value and headers, with all lengths. */
  bytes(index: number): number {
    return this.#bounds[2 * index + 1] - this.#bounds[2 * index];
  }

  /** Copies them to `at`; returns the position after them. */
  copy(index: number, to: Buffer, at: number): number {
    return at + this.#pageOf(index).copy(to, at, this.#bounds[2 * index], this.#bounds[2 * index + 1]);
  }

  /** Copies all to `at` as the records of one batch; returns the position after them. Only while `timeless`. */
  copyAll(to: Buffer, at: number): number {
    let p = at;
    this.#page.forEach((page, i) => {
      p += page.copy(to, p, 0, this.#endIn(i));
    });
    return p;
  }

  /** The bytes that `copyAll` writes, where they lie: views, valid until `release`. Only while `timeless`. */
  parts(): Buffer[] {
    return this.#page.map((page, i) => page.subarray(0, this.#endIn(i)));
  }

  /** Gives back all pages: it is empty, and nobody may read a record that it has handed out. */
  release(): void {
    this.#length = this.#bytes = this.#at = 0;
    for (const column of [this.#page, this.#first]) column.length = 0;
    this.#time.clear();
    this.#pages.release();
  }

  /** Where the records of this page end. */
  #endIn(page: number): number {
    const next = page + 1 < this.#first.length ? this.#first[page + 1] : this.#length;
    return this.#bounds[2 * next - 1];
  }

  #pageOf(index: number): Buffer {
    if (this.#at >= this.#first.length || this.#first[this.#at] > index) this.#at = 0;
    while (this.#at + 1 < this.#first.length && this.#first[this.#at + 1] <= index) this.#at++;
    return this.#page[this.#at];
  }

  /** Writes what stands before key, value and headers, whose position it returns. */
  #begin(page: Buffer): number {
    const at = this.#pages.used + this.#prefix;
    page[at] = 0;
    page[at + 1] = 0;
    return putVarint(page, at + 2, this.#length);
  }

  /** They lie in [body, end). */
  #end(page: Buffer, body: number, end: number, time: number | undefined): void {
    const begin = this.#pages.used;
    const from = begin + this.#prefix;
    const size = sizeOfVarint(end - from);
    const moved = size - this.#prefix;
    if (moved !== 0) page.copyWithin(begin + size, from, end);
    putVarint(page, begin, end - from);
    this.#prefix = size;
    if (page !== this.#page[this.#page.length - 1]) {
      this.#page.push(page);
      this.#first.push(this.#length);
    }
    const at = 2 * this.#length;
    if (at === this.#bounds.length) {
      const bounds = new Int32Array(2 * at);
      bounds.set(this.#bounds);
      this.#bounds = bounds;
    }
    this.#bounds[at] = body + moved;
    this.#bounds[at + 1] = end + moved;
    if (time !== undefined) this.#time.set(this.#length, time);
    this.#bytes += end + moved - begin;
    this.#length++;
    this.#pages.used = end + moved;
  }
}
