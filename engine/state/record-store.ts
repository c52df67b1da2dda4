import { InRecord } from '@verdikt/core/record/record.ts';
import type { MemoryShare } from '../policy/memory.ts';
import type { EntryTable } from './entries.ts';

/** A record larger than this has a chunk of its own. */
const CHUNK_BYTES = 64 * 1024;
const LEAST_CHUNK_BYTES = 4 * 1024;
/** Rows begin at multiples of it, so that a place fits into 32 bits. */
const ALIGN = 8;
const PLACES = CHUNK_BYTES / ALIGN;
/** A chunk is emptied into others once less than this part of it is in use. */
const SPARSE = 0.25;

/** Fields of a row before its bytes: key, value, headers, note. */
const SLOT = 0;
const LENGTH = 4;
const OFFSET = 8;
const TIMESTAMP = 16;
const TRUNCATED = 24;
const KEY = 28;
const VALUE = 32;
const HEADERS = 36;
const HEADER_COUNT = 40;
const NOTE = 44;
const FIXED = 48;

interface Chunk {
  readonly number: number;
  readonly buffer: Buffer;
  used: number;
  live: number;
}

/**
 * Bytes of outstanding records by slot, each with a note, in chunks that are counted against the budget. A record is handed out as a
 * view on its chunk: a chunk is never written over, so that a view stays true for as long as somebody has it.
 */
export class RecordStore {
  readonly #entries: EntryTable;
  readonly #memory: MemoryShare;
  /** By number; a number is used again once its chunk is empty. */
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  #current: Chunk | undefined;
  #bytes = 0;

  constructor(entries: EntryTable, memory: MemoryShare) {
    this.#entries = entries;
    this.#memory = memory;
  }

  /** Bytes of the records that are kept, their notes included. */
  get bytes(): number {
    return this.#bytes;
  }

  has(slot: number): boolean {
    return this.#entries.kept[slot] !== 0;
  }

  /** Bytes that the slot takes; 0 when it is not kept. */
  sizeOf(slot: number): number {
    const place = this.#entries.kept[slot];
    return place === 0 ? 0 : this.#chunkAt(place).buffer.readUInt32LE(at(place) + LENGTH);
  }

  /** Keeps a copy, in place of what the slot had. `note`: see `note`; null: none. */
  put(slot: number, r: InRecord, note: Buffer | null): void {
    const key = r.keyStart < 0 ? -1 : r.keyEnd - r.keyStart;
    const value = r.valueStart < 0 ? -1 : r.valueEnd - r.valueStart;
    const headers = r.headersEnd - r.headersStart;
    const noteBytes = note?.length ?? 0;
    const length = aligned(FIXED + Math.max(0, key) + Math.max(0, value) + headers + noteBytes);
    const chunk = this.#room(length);
    const b = chunk.buffer;
    const row = chunk.used;
    b.writeInt32LE(slot, row + SLOT);
    b.writeUInt32LE(length, row + LENGTH);
    b.writeDoubleLE(r.offset, row + OFFSET);
    b.writeDoubleLE(r.timestamp, row + TIMESTAMP);
    b.writeUInt32LE(r.truncated, row + TRUNCATED);
    b.writeInt32LE(key, row + KEY);
    b.writeInt32LE(value, row + VALUE);
    b.writeUInt32LE(headers, row + HEADERS);
    b.writeUInt32LE(r.headerCount, row + HEADER_COUNT);
    b.writeUInt32LE(noteBytes, row + NOTE);
    let p = row + FIXED;
    if (key > 0) p += r.buffer.copy(b, p, r.keyStart, r.keyEnd);
    if (value > 0) p += r.buffer.copy(b, p, r.valueStart, r.valueEnd);
    p += r.buffer.copy(b, p, r.headersStart, r.headersEnd);
    note?.copy(b, p);
    this.#placed(slot, chunk, length);
  }

  /** A view on the record; undefined when it is not kept. */
  record(slot: number): InRecord | undefined {
    const place = this.#entries.kept[slot];
    if (place === 0) return undefined;
    const b = this.#chunkAt(place).buffer;
    const row = at(place);
    const key = b.readInt32LE(row + KEY);
    const value = b.readInt32LE(row + VALUE);
    const keyEnd = row + FIXED + Math.max(0, key);
    const valueEnd = keyEnd + Math.max(0, value);
    return new InRecord(
      b,
      b.readDoubleLE(row + OFFSET),
      b.readDoubleLE(row + TIMESTAMP),
      key < 0 ? -1 : row + FIXED,
      key < 0 ? -1 : keyEnd,
      value < 0 ? -1 : keyEnd,
      value < 0 ? -1 : valueEnd,
      valueEnd,
      valueEnd + b.readUInt32LE(row + HEADERS),
      b.readUInt32LE(row + HEADER_COUNT),
      b.readUInt32LE(row + TRUNCATED),
    );
  }

  /** A view on the note that was put beside the record; undefined when there is none. */
  note(slot: number): Buffer | undefined {
    const place = this.#entries.kept[slot];
    if (place === 0) return undefined;
    const b = this.#chunkAt(place).buffer;
    const row = at(place);
    const length = b.readUInt32LE(row + NOTE);
    if (length === 0) return undefined;
    const from =
      row +
      FIXED +
      Math.max(0, b.readInt32LE(row + KEY)) +
      Math.max(0, b.readInt32LE(row + VALUE)) +
      b.readUInt32LE(row + HEADERS);
    return b.subarray(from, from + length);
  }

  /** Lets go of what the slot has, if anything. */
  drop(slot: number): void {
    const place = this.#entries.kept[slot];
    if (place === 0) return;
    this.#entries.kept[slot] = 0;
    const chunk = this.#chunkAt(place);
    const length = chunk.buffer.readUInt32LE(at(place) + LENGTH);
    this.#bytes -= length;
    chunk.live -= length;
    if (chunk.live === 0) this.#dropChunk(chunk);
    else if (chunk !== this.#current && chunk.live < chunk.used * SPARSE) this.#empty(chunk);
  }

  /** The chunk with room for a row, at `used`. */
  #room(length: number): Chunk {
    const current = this.#current;
    if (current !== undefined && current.used + length <= current.buffer.length) return current;
    const number = this.#freeNumbers.pop() ?? this.#chunks.length;
    // As large as all there is, so that a task with little takes little.
    const usual = Math.min(CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, this.#bytes));
    const buffer = Buffer.allocUnsafeSlow(Math.max(usual, length));
    const chunk = { number, buffer, used: 0, live: 0 };
    this.#chunks[number] = chunk;
    this.#memory.take(buffer.length);
    // One that a large record fills leaves the present one in use.
    if (length <= CHUNK_BYTES) this.#current = chunk;
    return chunk;
  }

  #placed(slot: number, chunk: Chunk, length: number): void {
    // What it had may lie in the same chunk, which must not become empty meanwhile.
    chunk.live += length;
    const place = chunk.number * PLACES + chunk.used / ALIGN + 1;
    chunk.used += length;
    this.#bytes += length;
    this.drop(slot);
    this.#entries.kept[slot] = place;
  }

  /** Moves what lives in a chunk into others. */
  #empty(chunk: Chunk): void {
    const b = chunk.buffer;
    const { kept } = this.#entries;
    for (let row = 0; row < chunk.used; row += b.readUInt32LE(row + LENGTH)) {
      const slot = b.readInt32LE(row + SLOT);
      if (kept[slot] !== chunk.number * PLACES + row / ALIGN + 1) continue;
      const length = b.readUInt32LE(row + LENGTH);
      const to = this.#room(length);
      b.copy(to.buffer, to.used, row, row + length);
      to.live += length;
      kept[slot] = to.number * PLACES + to.used / ALIGN + 1;
      to.used += length;
    }
    this.#dropChunk(chunk);
  }

  #dropChunk(chunk: Chunk): void {
    this.#memory.give(chunk.buffer.length);
    this.#chunks[chunk.number] = undefined;
    this.#freeNumbers.push(chunk.number);
    if (this.#current === chunk) this.#current = undefined;
  }

  #chunkAt(place: number): Chunk {
    return this.#chunks[Math.floor((place - 1) / PLACES)] as Chunk;
  }
}

const at = (place: number): number => ((place - 1) % PLACES) * ALIGN;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;
