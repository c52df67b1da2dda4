import { housekeeping } from '@verdikt/core/ports/clock.ts';
import { BytePool } from '@verdikt/core/record/byte-pool.ts';

/**
 * A buffer that grows. `position` is where the next byte goes; code that writes to `buffer` directly calls `reserve` first
 * and moves `position` afterwards.
 */
export class ByteWriter {
  buffer: Buffer;
  position = 0;
  /** Where bytes of others come between its own. */
  readonly #borrowed: { readonly at: number; readonly bytes: readonly Buffer[] }[] = [];
  #borrowedBytes = 0;
  readonly #pool: BytePool | undefined;

  /** `pool` lends the buffer, and gets back the one that has become too small. */
  constructor(size = 1024, pool?: BytePool) {
    this.#pool = pool;
    this.buffer = pool?.take(size) ?? Buffer.allocUnsafeSlow(size);
  }

  /** Makes room for `n` more bytes. May replace `buffer`. */
  reserve(n: number): void {
    const need = this.position + n;
    if (need <= this.buffer.length) return;
    const size = Math.max(need, this.buffer.length * 2);
    const bigger = this.#pool?.take(size) ?? Buffer.allocUnsafeSlow(size);
    bigger.set(this.buffer.subarray(0, this.position));
    this.#pool?.give(this.buffer);
    this.buffer = bigger;
  }

  int8(value: number): void {
    this.reserve(1);
    this.buffer[this.position++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.position = this.buffer.writeInt16BE(value, this.position);
  }

  int32(value: number): void {
    this.reserve(4);
    this.position = this.buffer.writeInt32BE(value, this.position);
  }

  /** A safe integer. */
  int64(value: number): void {
    this.reserve(8);
    putInt64(this.buffer, this.position, value);
    this.position += 8;
  }

  string(value: string | null): void {
    if (value === null) return this.int16(-1);
    this.reserve(2 + value.length * 3);
    const n = this.buffer.write(value, this.position + 2, 'utf8');
    this.buffer.writeInt16BE(n, this.position);
    this.position += 2 + n;
  }

  /** The bytes as they are, without a length. */
  raw(bytes: Buffer): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** These bytes come next and are not copied: they must stay as they are for as long as what was written is read. */
  borrow(bytes: readonly Buffer[]): void {
    this.#borrowed.push({ at: this.position, bytes });
    for (const { length } of bytes) this.#borrowedBytes += length;
  }

  /** Bytes of all that was written, what is borrowed included. */
  get length(): number {
    return this.position + this.#borrowedBytes;
  }

  /** What was written, in its order: views, valid until the next write. */
  parts(): Buffer[] {
    const parts: Buffer[] = [];
    let from = 0;
    for (const { at, bytes } of this.#borrowed) {
      parts.push(this.buffer.subarray(from, at), ...bytes);
      from = at;
    }
    if (from < this.position || from === 0) parts.push(this.buffer.subarray(from, this.position));
    return parts;
  }

  /** The same in one piece: a copy where something is borrowed. */
  written(): Buffer {
    return this.#borrowed.length === 0 ? this.buffer.subarray(0, this.position) : Buffer.concat(this.parts());
  }
}

/** Writes a safe integer as an int64. */
export const putInt64 = (buffer: Buffer, p: number, value: number): void => {
  buffer.writeInt32BE(Math.floor(value / 4294967296), p);
  buffer.writeUInt32BE(value >>> 0, p + 4);
};

/** Lends writers and takes them back, so that a busy sender does not allocate. */
export interface WriterPool {
  take(): ByteWriter;
  /** Nobody reads what it has written any more. */
  give(writer: ByteWriter): void;
}

/** `mostIdle`: bytes that it keeps while nobody writes. */
export const createWriterPool = (mostIdle = 16 * 1024 * 1024, startBytes = 64 * 1024): WriterPool => {
  const pool = new BytePool(mostIdle, housekeeping);
  return {
    take: () => new ByteWriter(startBytes, pool),
    give: (writer) => pool.give(writer.buffer),
  };
};
