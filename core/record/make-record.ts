import { InRecord, type Header } from './record.ts';

interface Parts {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
  /** See InRecord. */
  readonly truncated?: number;
}

const varint = (n: number, into: number[]): void => {
  let z = n < 0 ? 1 : n * 2;
  for (; z >= 128; z = Math.floor(z / 128)) into.push((z % 128) | 0x80);
  into.push(z);
};

/** The record that a log would hold for these parts. */
export const makeRecord = ({ offset, timestamp, key, value, headers, truncated }: Parts): InRecord => {
  const chunks: Buffer[] = [key ?? Buffer.alloc(0), value ?? Buffer.alloc(0)];
  for (const [name, v] of headers) {
    const nameBytes = Buffer.from(name);
    const bytes = v === null ? null : Buffer.from(v as Buffer);
    const length: number[] = [];
    varint(nameBytes.length, length);
    chunks.push(Buffer.from(length), nameBytes);
    const valueLength: number[] = [];
    varint(bytes === null ? -1 : bytes.length, valueLength);
    chunks.push(Buffer.from(valueLength), ...(bytes === null ? [] : [bytes]));
  }
  const buffer = Buffer.concat(chunks);
  const k = key?.length ?? 0;
  const v = value?.length ?? 0;
  return new InRecord(
    buffer,
    offset,
    timestamp,
    key === null ? -1 : 0,
    key === null ? -1 : k,
    value === null ? -1 : k,
    value === null ? -1 : k + v,
    k + v,
    buffer.length,
    headers.length,
    truncated,
  );
};
