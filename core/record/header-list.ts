import { HeaderCursor } from './header-cursor.ts';
import { InRecord, type Header } from './record.ts';

const varintBytes = (n: number): number => {
  // Lengths are written in zigzag form.
  let bytes = 1;
  for (let z = n * 2; z >= 128; z = Math.floor(z / 128)) bytes++;
  return bytes;
};

/** Bytes of one header as it is written: name, value, and their lengths. */
export const headerBytes = ([name, value]: Header): number => {
  const n = Buffer.byteLength(name);
  const v = value === null ? 0 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  return varintBytes(n) + n + varintBytes(v) + v;
};

/** All headers of the record in order, duplicates kept, without those named. */
export const headersWithout = (record: InRecord, names: ReadonlySet<string>): Header[] =>
  record.headerCount === 0 ? [] : record.headers().filter(([name]) => !names.has(name));

/** Indexes of the headers to leave out so that the others fit `room`: largest first, later first among equals; never `keep`. */
export const surplus = (headers: readonly Header[], keep: number, room: number): ReadonlySet<number> => {
  const sizes = headers.map(headerBytes);
  let total = sizes.reduce((a, b) => a + b, 0);
  const out = new Set<number>();
  if (total <= room) return out;
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[b] - sizes[a] || b - a);
  for (const i of order) {
    if (total <= room) break;
    if (i === keep) continue;
    out.add(i);
    total -= sizes[i];
  }
  return out;
};

/** A copy of the record with all its headers but those named, their bytes as they are. */
export const withoutHeaders = (record: InRecord, names: ReadonlySet<string>): InRecord => {
  const keep: Buffer[] = [];
  let count = 0;
  for (let rest = record; rest.headerCount > 0;) {
    const after = rest.withoutFirstHeaders(1);
    const [[name]] = new InRecord(
      ...([rest.buffer, 0, 0, -1, -1, -1, -1, rest.headersStart, after.headersStart, 1] as const),
    ).headers();
    if (!names.has(name)) {
      keep.push(rest.buffer.subarray(rest.headersStart, after.headersStart));
      count++;
    }
    rest = after;
  }
  const { key, value } = record;
  const parts = [key ?? EMPTY, value ?? EMPTY, ...keep];
  const k = parts[0].length;
  const v = k + parts[1].length;
  const buffer = Buffer.concat(parts);
  const { offset, timestamp } = record;
  return new InRecord(
    ...([buffer, offset, timestamp] as const),
    ...((key === null ? [-1, -1] : [0, k]) as [number, number]),
    ...((value === null ? [-1, -1] : [k, v]) as [number, number]),
    ...([v, buffer.length, count] as const),
  );
};

const EMPTY = Buffer.alloc(0);
const MISSING = -1;
const NULL = -2;
/** Names that are known by their place: so many, up to so many bytes. */
const PLACES = 16;
const PLACE_BYTES = 64;

/** The name that was last seen at one place of the list. */
class Place {
  readonly #bytes = Buffer.alloc(PLACE_BYTES);
  #length = -1;
  /** Its number. */
  name = -1;

  holds(b: Buffer, at: number, length: number): boolean {
    if (length !== this.#length) return false;
    for (let k = 0; k < length; k++) if (b[at + k] !== this.#bytes[k]) return false;
    return true;
  }

  keep(b: Buffer, at: number, length: number, name: number): void {
    if (length > PLACE_BYTES) return;
    this.#length = b.copy(this.#bytes, 0, at, at + length);
    this.name = name;
  }
}

/** Where the values of some headers lie in a record; one pass over its headers, whatever the number of names. */
export class HeaderPlaces {
  readonly #names: readonly string[];
  readonly #start: Int32Array;
  readonly #end: Int32Array;
  readonly #cursor = new HeaderCursor(EMPTY, 0);
  /** Most records have the headers of the one before, in its order. */
  readonly #before = Array.from({ length: PLACES }, () => new Place());

  /** `names`: ASCII. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#start = new Int32Array(names.length);
    this.#end = new Int32Array(names.length);
  }

  /** Finds the first header of each name in this record; what is asked next must be about it. */
  locate(record: InRecord): void {
    this.#start.fill(MISSING);
    const b = record.buffer;
    const cursor = this.#cursor.to(b, record.headersStart);
    for (let i = 0; i < record.headerCount; i++) {
      const n = cursor.length();
      const name = this.#nameAt(b, cursor.at, n, i);
      cursor.at += n;
      const v = cursor.length();
      if (name >= 0 && this.#start[name] === MISSING) {
        this.#start[name] = v < 0 ? NULL : cursor.at;
        this.#end[name] = cursor.at + v;
      }
      cursor.skip(v);
    }
  }

  /** True where there is one, null or not. */
  has(name: number): boolean {
    return this.#start[name] !== MISSING;
  }

  /** Where its value begins; negative where missing or null. */
  start(name: number): number {
    return this.#start[name];
  }

  /** Where it ends; of one that has a start. */
  end(name: number): number {
    return this.#end[name];
  }

  /** Undefined where missing or null. */
  bytes(record: InRecord, name: number): Buffer | undefined {
    return this.#start[name] < 0 ? undefined : record.buffer.subarray(this.#start[name], this.#end[name]);
  }

  text(record: InRecord, name: number): string | undefined {
    return this.bytes(record, name)?.toString('utf8');
  }

  /** As an integer in 0 .. `most`, written in digits only; undefined where missing or anything else. */
  integer(record: InRecord, name: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const start = this.#start[name];
    const end = this.#end[name];
    if (start < 0 || end === start || end - start > 16) return undefined;
    const b = record.buffer;
    let n = 0;
    for (let i = start; i < end; i++) {
      if (b[i] < 0x30 || b[i] > 0x39) return undefined;
      n = n * 10 + (b[i] - 0x30);
    }
    return n <= most ? n : undefined;
  }

  #nameAt(b: Buffer, at: number, length: number, place: number): number {
    const before = this.#before[place];
    if (before?.holds(b, at, length) === true) return before.name;
    const name = this.#numberOf(b, at, length);
    before?.keep(b, at, length, name);
    return name;
  }

  /** From the end, since our names share their start. */
  #numberOf(b: Buffer, at: number, length: number): number {
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i];
      if (name.length !== length) continue;
      let k = length - 1;
      while (k >= 0 && b[at + k] === name.charCodeAt(k)) k--;
      if (k < 0) return i;
    }
    return -1;
  }
}
