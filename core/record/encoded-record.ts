import { HeaderCursor } from './header-cursor.ts';
import { InRecord, type Header, type OutRecord } from './record.ts';

/** A record to be written whose key, value and headers are bytes already: a view on those that lie in its pages. */
export class EncodedRecord implements OutRecord {
  /** As `putBody` writes them, from `start` to `end`. */
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly timestamp?: number;

  constructor(buffer: Buffer, start: number, end: number, timestamp?: number) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    if (timestamp !== undefined) this.timestamp = timestamp;
  }

  get key(): Buffer | null {
    return this.#read().key;
  }

  get value(): Buffer | null {
    return this.#read().value;
  }

  get headers(): readonly Header[] {
    return this.#read().headers();
  }

  #read(): InRecord {
    const cursor = new HeaderCursor(this.buffer, this.start);
    const key = cursor.length();
    const keyStart = cursor.at;
    cursor.skip(key);
    const value = cursor.length();
    const valueStart = cursor.at;
    cursor.skip(value);
    const count = cursor.length();
    return new InRecord(
      this.buffer,
      0,
      this.timestamp ?? -1,
      key < 0 ? -1 : keyStart,
      key < 0 ? -1 : keyStart + key,
      value < 0 ? -1 : valueStart,
      value < 0 ? -1 : valueStart + value,
      cursor.at,
      this.end,
      count,
    );
  }
}
