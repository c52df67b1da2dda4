import { BytePages } from './byte-pages.ts';
import type { BytePool } from './byte-pool.ts';
import { EncodedRecord } from './encoded-record.ts';
import { bodyBound, bodyOf, putBody, type BodyWriter } from './record-body.ts';
import type { OutRecord, OutRecords } from './record.ts';

const LARGEST_PAGE = 256 * 1024;
const FEWEST = 64;

/**
 * Encodes records as they come and keeps them as bytes, side by side in pages, without an object for any of them: what waits for its
 * transaction as objects lives just long enough to be copied by each collection of the young generation.
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

  /** `pool`: lends the pages until `release`. */
  constructor(pool?: BytePool) {
    this.#pages = new BytePages(LARGEST_PAGE, pool);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of key, value and headers of all of them, with all lengths. */
  get allBytes(): number {
    return this.#bytes;
  }

  /** Asks the record for key, value and headers once. */
  add(record: OutRecord): void {
    const body = bodyOf(record);
    const page = this.#pages.room(bodyBound(body));
    this.#added(page, putBody(page, this.#pages.used, body), record.timestamp);
  }

  /** The same of one that is written as it is. */
  write(body: BodyWriter): void {
    const page = this.#pages.room(body.mostBytes);
    this.#added(page, body.write(page, this.#pages.used), undefined);
  }

  /** Encodes the last record again, as `change` has it; no-op where there is none. */
  changeLast(change: (last: OutRecord) => OutRecord): void {
    const last = this.at(this.length - 1);
    if (last === undefined) return;
    const changed = change(last);
    // What it is made of stays where it is.
    this.#length--;
    this.#bytes -= this.bytes(this.#length);
    this.#time.delete(this.#length);
    if (this.#first[this.#first.length - 1] === this.#length) {
      this.#page.pop();
      this.#first.pop();
    }
    this.add(changed);
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

  /** Gives back all pages: it is empty, and nobody may read a record that it has handed out. */
  release(): void {
    this.#length = this.#bytes = this.#at = 0;
    for (const column of [this.#page, this.#first]) column.length = 0;
    this.#time.clear();
    this.#pages.release();
  }

  #pageOf(index: number): Buffer {
    if (this.#at >= this.#first.length || this.#first[this.#at] > index) this.#at = 0;
    while (this.#at + 1 < this.#first.length && this.#first[this.#at + 1] <= index) this.#at++;
    return this.#page[this.#at];
  }

  #added(page: Buffer, end: number, time: number | undefined): void {
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
    this.#bounds[at] = this.#pages.used;
    this.#bounds[at + 1] = end;
    if (time !== undefined) this.#time.set(this.#length, time);
    this.#bytes += end - this.#pages.used;
    this.#length++;
    this.#pages.used = end;
  }
}
