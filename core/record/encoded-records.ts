import { BytePages } from './byte-pages.ts';
import { EncodedRecord } from './encoded-record.ts';
import { bodyBound, bodyOf, putBody, type BodyWriter } from './record-body.ts';
import type { OutRecord, OutRecords } from './record.ts';

const LARGEST_PAGE = 256 * 1024;

/**
 * Encodes records as they come and keeps them as bytes, side by side in pages, without an object for any of them: what waits for its
 * transaction as objects lives just long enough to be copied by each collection of the young generation.
 */
export class EncodedRecords implements OutRecords {
  readonly #pages = new BytePages(LARGEST_PAGE);
  /** Of each record: its page, where it lies there, and its time, if it has one. */
  readonly #page: Buffer[] = [];
  readonly #start: number[] = [];
  readonly #end: number[] = [];
  readonly #time: (number | undefined)[] = [];

  get length(): number {
    return this.#page.length;
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
    for (const column of [this.#page, this.#start, this.#end, this.#time]) column.pop();
    this.add(changed);
  }

  /** A view. */
  at(index: number): OutRecord | undefined {
    if (index < 0 || index >= this.length) return undefined;
    return new EncodedRecord(this.#page[index], this.#start[index], this.#end[index], this.#time[index]);
  }

  *[Symbol.iterator](): Iterator<OutRecord> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as OutRecord;
  }

  /** Time of a record, if it has one. */
  timestamp(index: number): number | undefined {
    return this.#time[index];
  }

  /** Bytes of key, value and headers, with all lengths. */
  bytes(index: number): number {
    return this.#end[index] - this.#start[index];
  }

  /** Copies them to `at`; returns the position after them. */
  copy(index: number, to: Buffer, at: number): number {
    return at + this.#page[index].copy(to, at, this.#start[index], this.#end[index]);
  }

  #added(page: Buffer, end: number, time: number | undefined): void {
    this.#page.push(page);
    this.#start.push(this.#pages.used);
    this.#end.push(end);
    this.#time.push(time);
    this.#pages.used = end;
  }
}
