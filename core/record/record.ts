import { HeaderCursor } from './header-cursor.ts';

const reused = new HeaderCursor(Buffer.alloc(0), 0);

/**
 * One record as it was read: a view on the bytes of its fetch response. Nothing is copied or parsed before it is asked for.
 * A record that is kept longer than its slice must be copied (`detach`, `copyTo`): its bytes may be written over, see Slice, or it pins the
 * whole response in memory.
 */
export class InRecord {
  readonly buffer: Buffer;
  readonly offset: number;
  /** Milliseconds since 1970; -1 when the writer set none. */
  readonly timestamp: number;
  /** Byte ranges in `buffer`, in this order; start -1 means null. Headers: the encoded header list after its count. */
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly headersStart: number;
  readonly headersEnd: number;
  readonly headerCount: number;
  /** Bytes that the record has where it was written, if its value is not kept here; 0: this is all of it. */
  readonly truncated: number;

  constructor(
    buffer: Buffer,
    offset: number,
    timestamp: number,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    headersStart: number,
    headersEnd: number,
    headerCount: number,
    truncated = 0,
  ) {
    this.buffer = buffer;
    this.offset = offset;
    this.timestamp = timestamp;
    this.keyStart = keyStart;
    this.keyEnd = keyEnd;
    this.valueStart = valueStart;
    this.valueEnd = valueEnd;
    this.headersStart = headersStart;
    this.headersEnd = headersEnd;
    this.headerCount = headerCount;
    this.truncated = truncated;
  }

  get key(): Buffer | null {
    return this.keyStart < 0 ? null : this.buffer.subarray(this.keyStart, this.keyEnd);
  }

  get value(): Buffer | null {
    return this.valueStart < 0 ? null : this.buffer.subarray(this.valueStart, this.valueEnd);
  }

  /** Bytes of key, value and headers together. */
  get size(): number {
    return (
      (this.keyStart < 0 ? 0 : this.keyEnd - this.keyStart) +
      (this.valueStart < 0 ? 0 : this.valueEnd - this.valueStart) +
      (this.headersEnd - this.headersStart)
    );
  }

  /** First header of that name (ASCII), or undefined where there is none; null where its value is null. */
  header(name: string): Buffer | null | undefined {
    const cursor = new HeaderCursor(this.buffer, this.headersStart);
    const v = this.#seek(cursor, name);
    if (v === undefined) return undefined;
    return v < 0 ? null : this.buffer.subarray(cursor.at, cursor.at + v);
  }

  /** True when the first header of that name holds this text; both ASCII. */
  headerIs(name: string, text: string): boolean {
    const cursor = reused.to(this.buffer, this.headersStart);
    if (this.#seek(cursor, name) !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.buffer[cursor.at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Moves on to the value of the first header of that name; its length, negative for null. */
  #seek(cursor: HeaderCursor, name: string): number | undefined {
    const b = this.buffer;
    for (let i = 0; i < this.headerCount; i++) {
      const n = cursor.length();
      const p = cursor.at;
      let same = n === name.length;
      for (let k = 0; same && k < n; k++) same = b[p + k] === name.charCodeAt(k);
      cursor.at += n;
      const v = cursor.length();
      if (same) return v;
      cursor.skip(v);
    }
    return undefined;
  }

  /** First header of that name as UTF-8 text; undefined where missing or null. */
  headerText(name: string): string | undefined {
    const v = this.header(name);
    return v === undefined || v === null ? undefined : v.toString('utf8');
  }

  /** All headers in order, duplicates kept. */
  headers(): Header[] {
    const out: Header[] = [];
    const b = this.buffer;
    const cursor = new HeaderCursor(b, this.headersStart);
    for (let i = 0; i < this.headerCount; i++) {
      const n = cursor.length();
      const name = b.toString('utf8', cursor.at, cursor.at + n);
      cursor.at += n;
      const v = cursor.length();
      out.push([name, v < 0 ? null : b.subarray(cursor.at, cursor.at + v)]);
      cursor.skip(v);
    }
    return out;
  }

  /** The same record without its first `n` headers (0 .. headerCount), as a view on the same bytes. */
  withoutFirstHeaders(n: number): InRecord {
    const b = this.buffer;
    const cursor = new HeaderCursor(b, this.headersStart);
    for (let i = 0; i < n * 2; i++) cursor.skip(cursor.length());
    return new InRecord(
      b,
      this.offset,
      this.timestamp,
      this.keyStart,
      this.keyEnd,
      this.valueStart,
      this.valueEnd,
      cursor.at,
      this.headersEnd,
      this.headerCount - n,
      this.truncated,
    );
  }

  /** A copy that owns just its own bytes. */
  detach(): InRecord {
    return this.copyTo(Buffer.allocUnsafeSlow(this.size), 0);
  }

  /** A copy whose bytes, `size` of them, lie in `to` from `at` on. */
  copyTo(to: Buffer, at: number): InRecord {
    const { buffer, keyStart, keyEnd, valueStart, valueEnd, headersStart, headersEnd } = this;
    const key = at + (keyStart < 0 ? 0 : buffer.copy(to, at, keyStart, keyEnd));
    const value = key + (valueStart < 0 ? 0 : buffer.copy(to, key, valueStart, valueEnd));
    const headers = value + buffer.copy(to, value, headersStart, headersEnd);
    return new InRecord(
      to,
      this.offset,
      this.timestamp,
      keyStart < 0 ? -1 : at,
      keyStart < 0 ? -1 : key,
      valueStart < 0 ? -1 : key,
      valueStart < 0 ? -1 : value,
      value,
      headers,
      this.headerCount,
      this.truncated,
    );
  }

  /** Bytes from its first to its last: `size`, and what lies between key, value and headers. */
  get span(): number {
    return this.headersEnd - this.#first;
  }

  /** As `copyTo`, but of `span` bytes in one piece: quick where little lies between, as in a batch. */
  copySpanTo(to: Buffer, at: number): InRecord {
    const { keyStart, valueStart } = this;
    const first = this.#first;
    const by = at - first;
    this.buffer.copy(to, at, first, this.headersEnd);
    return new InRecord(
      to,
      this.offset,
      this.timestamp,
      keyStart < 0 ? -1 : keyStart + by,
      keyStart < 0 ? -1 : this.keyEnd + by,
      valueStart < 0 ? -1 : valueStart + by,
      valueStart < 0 ? -1 : this.valueEnd + by,
      this.headersStart + by,
      this.headersEnd + by,
      this.headerCount,
      this.truncated,
    );
  }

  /** Key, value and headers lie in this order. */
  get #first(): number {
    if (this.keyStart >= 0) return this.keyStart;
    return this.valueStart >= 0 ? this.valueStart : this.headersStart;
  }
}

export type Header = readonly [name: string, value: Buffer | string | null];

/** One record to be written. Strings are written as UTF-8. */
export interface OutRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers: readonly Header[];
  /** Milliseconds since 1970. Omitted: the time of encoding. */
  readonly timestamp?: number;
}

/** Records to be written, in order. An array is one of them; others make each record when it is asked for. */
export interface OutRecords extends Iterable<OutRecord> {
  readonly length: number;
  at(index: number): OutRecord | undefined;
}
