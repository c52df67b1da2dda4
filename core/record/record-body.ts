import type { Header, OutRecord } from './record.ts';
import { putVarint, sizeOfVarint } from './varint.ts';

/** Up to here strings and buffers are copied in a loop: a call into native code costs more. */
const SHORT = 12;
/** Header names are few and come in the same order on every record, so their bytes are kept by place. */
const names: string[] = [];
const nameBytes: Buffer[] = [];
const MAX_NAMES = 16;

/** Key, value and headers, each asked of the record once: it may make them again each time. */
export interface Body {
  readonly key: Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers: readonly Header[];
}

export const bodyOf = ({ key, value, headers }: OutRecord): Body => ({ key, value, headers });

/** Writes key, value and headers of one record by itself, as `putBody` does. */
export interface BodyWriter {
  /** Most bytes that `write` writes, those included that it writes over behind its end. */
  readonly mostBytes: number;
  /** Returns the position after them. */
  write(b: Buffer, at: number): number;
}

/** Most bytes that a string or buffer can take, with its length. */
const bound = (v: Buffer | string | null): number =>
  v === null ? 1 : typeof v === 'string' ? v.length * 3 + 5 : v.length + 5;

/** Most bytes that `putBody` writes. */
export const bodyBound = ({ key, value, headers }: Body): number => {
  let most = 5 + bound(key) + bound(value);
  for (let i = 0; i < headers.length; i++) most += headers[i][0].length * 3 + 5 + bound(headers[i][1]);
  return most;
};

/**
 * Writes key, value and headers at `p` as a record batch (magic 2) holds them; returns the position after them. The caller has made room
 * for `bodyBound`.
 */
export const putBody = (b: Buffer, at: number, { key, value, headers }: Body): number => {
  let p = putBytes(b, at, key);
  p = typeof value === 'string' ? putString(b, p, value) : putBytes(b, p, value);
  p = putVarint(b, p, headers.length);
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i];
    p = names[i] === header[0] ? putShort(b, p, nameBytes[i]) : putName(b, p, header[0], i);
    const text = header[1];
    p = typeof text === 'string' ? putString(b, p, text) : putBytes(b, p, text);
  }
  return p;
};

const putBytes = (b: Buffer, p: number, bytes: Buffer | null): number => {
  if (bytes === null) {
    b[p] = 1;
    return p + 1;
  }
  const n = bytes.length;
  p = putVarint(b, p, n);
  if (n <= SHORT) return putShort(b, p, bytes);
  b.set(bytes, p);
  return p + n;
};

const putName = (b: Buffer, p: number, name: string, place: number): number => {
  const end = putString(b, p, name);
  if (place < MAX_NAMES && place <= names.length && end - p <= 64) {
    names[place] = name;
    nameBytes[place] = Buffer.from(b.subarray(p, end));
  }
  return end;
};

const putShort = (b: Buffer, p: number, bytes: Buffer): number => {
  const n = bytes.length;
  for (let i = 0; i < n; i++) b[p + i] = bytes[i];
  return p + n;
};

/** UTF-8 with its length before it. Written as if it were ASCII, where length and bytes agree; else moved into place. */
const putString = (b: Buffer, p: number, text: string): number => {
  const n = text.length;
  const at = putVarint(b, p, n);
  if (n <= SHORT) {
    let i = 0;
    for (; i < n; i++) {
      const c = text.charCodeAt(i);
      if (c > 0x7f) break;
      b[at + i] = c;
    }
    if (i === n) return at + n;
  }
  const bytes = b.write(text, at, 'utf8');
  if (bytes === n) return at + n;
  const size = sizeOfVarint(bytes);
  if (p + size !== at) b.copyWithin(p + size, at, at + bytes);
  putVarint(b, p, bytes);
  return p + size + bytes;
};
