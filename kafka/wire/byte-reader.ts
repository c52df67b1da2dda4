import { ServiceError } from '@verdikt/core/errors.ts';

/**
 * Reads the fixed-size fields of a response. Every read is checked against the end:
 * a short or lying response rejects with BROKER_UNAVAILABLE, so that it is asked for again.
 */
export class ByteReader {
  readonly buffer: Buffer;
  position: number;
  readonly end: number;

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#take(4));
  }

  /** As a number: exact up to 2^53, which no offset or time reaches. */
  int64(): number {
    const p = this.#take(8);
    return this.buffer.readInt32BE(p) * 4294967296 + this.buffer.readUInt32BE(p + 4);
  }

  bigint64(): bigint {
    return this.buffer.readBigInt64BE(this.#take(8));
  }

  string(): string {
    const text = this.nullableString();
    if (text === null) throw malformed('a string is null');
    return text;
  }

  nullableString(): string | null {
    const n = this.int16();
    if (n < 0) return null;
    const p = this.#take(n);
    return this.buffer.toString('utf8', p, p + n);
  }

  /** A view of the next `n` bytes. */
  raw(n: number): Buffer {
    const p = this.#take(n);
    return this.buffer.subarray(p, p + n);
  }

  /** A view of the next `n` bytes where `n` is written before them; empty for null. */
  bytes(): Buffer {
    const n = this.int32();
    return this.raw(Math.max(0, n));
  }

  /** Reads an array; null counts as empty. */
  array<T>(item: (reader: ByteReader) => T): T[] {
    const n = this.int32();
    // An element has at least one byte: a count beyond the rest is a lie, and is not allocated.
    if (n > this.end - this.position) throw malformed('an array is longer than the response');
    const out: T[] = [];
    for (let i = 0; i < n; i++) out.push(item(this));
    return out;
  }

  #take(n: number): number {
    const p = this.position;
    // Turned round, so that a length which is not a number is refused too.
    if (!(p + n <= this.end)) throw malformed('it ends early');
    this.position = p + n;
    return p;
  }
}

const malformed = (why: string): ServiceError =>
  new ServiceError('BROKER_UNAVAILABLE', `The broker sent a malformed response: ${why}.`);
