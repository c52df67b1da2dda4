import { gzipSync, zstdCompressSync } from 'node:zlib';
import { crc32c } from '../../kafka/wire/crc32c.ts';
import type { Random } from '../engine/history/random.ts';
import { bytes, lyingVarint, mutate, safeInteger, text, varint, wrong } from './mutate.ts';

export interface RecordSpec {
  readonly delta: number;
  readonly timeDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [Buffer, Buffer | null])[];
}

export interface BatchSpec {
  readonly baseOffset: number;
  readonly lastDelta: number;
  readonly baseTimestamp: number;
  readonly appendTime: number | undefined;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  readonly producerId: number;
  readonly transactional: boolean;
  readonly marker: 'commit' | 'abort' | undefined;
  readonly records: readonly RecordSpec[];
}

/** Where an encoder lies: asked for each variable-length number, by its place. */
type Lie = ((place: number, n: number) => Buffer | undefined) | undefined;

const sectionOf = (records: readonly RecordSpec[], lie: Lie): { section: Buffer; numbers: number } => {
  const out: Buffer[] = [];
  let place = 0;
  const number = (n: number): Buffer => lie?.(place++, n) ?? varint(n);
  for (const record of records) {
    const parts: Buffer[] = [Buffer.alloc(1)];
    const put = (b: Buffer | null): void => {
      parts.push(number(b === null ? -1 : b.length));
      if (b !== null) parts.push(b);
    };
    parts.push(number(record.timeDelta), number(record.delta));
    put(record.key);
    put(record.value);
    parts.push(number(record.headers.length));
    for (const [name, value] of record.headers) {
      put(name);
      put(value);
    }
    const body = Buffer.concat(parts);
    out.push(number(body.length), body);
  }
  return { section: Buffer.concat(out), numbers: place };
};

const snappy = (b: Buffer): Buffer => {
  const size: number[] = [];
  let n = b.length;
  for (; n >= 128; n = Math.floor(n / 128)) size.push((n % 128) | 128);
  const parts: Buffer[] = [Buffer.from([...size, n])];
  for (let p = 0; p < b.length; p += 256) {
    const piece = b.subarray(p, p + 256);
    parts.push(Buffer.from([60 << 2, piece.length - 1]), piece);
  }
  return Buffer.concat(parts);
};

const lz4 = (b: Buffer): Buffer => {
  const longer: number[] = [];
  let rest = b.length - 15;
  for (; rest >= 255; rest -= 255) longer.push(255);
  const head = b.length < 15 ? [b.length << 4] : [0xf0, ...longer, rest];
  const block = Buffer.concat([Buffer.from(head), b]);
  const frame = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0]);
  frame.writeUInt32LE(block.length, 7);
  return Buffer.concat([frame, block, Buffer.alloc(4)]);
};

const PACK: readonly ((b: Buffer) => Buffer)[] = [
  (b) => b,
  (b) => gzipSync(b, { level: 1 }),
  snappy,
  lz4,
  (b) => zstdCompressSync(b),
];

/** Makes the checksum of the batch at `at` right for the length that it declares, be that true or not. */
export const seal = (bytes: Buffer, at = 0): Buffer => {
  const declared = at + 12 + bytes.readInt32BE(at + 8);
  const end = Math.min(Math.max(declared, at + 21), bytes.length);
  bytes.writeUInt32BE(crc32c(bytes, at + 21, end), at + 17);
  return bytes;
};

const assemble = (b: BatchSpec, section: Buffer): Buffer => {
  const packed = PACK[b.codec](section);
  const out = Buffer.alloc(61 + packed.length);
  out.writeBigInt64BE(BigInt(b.baseOffset), 0);
  out.writeInt32BE(out.length - 12, 8);
  out.writeInt32BE(3, 12);
  out[16] = 2;
  const flags = b.codec | (b.appendTime === undefined ? 0 : 8) | (b.transactional ? 16 : 0);
  out.writeInt16BE(flags | (b.marker === undefined ? 0 : 32), 21);
  out.writeInt32BE(b.lastDelta, 23);
  out.writeBigInt64BE(BigInt(b.baseTimestamp), 27);
  out.writeBigInt64BE(BigInt(b.appendTime ?? b.baseTimestamp), 35);
  out.writeBigInt64BE(BigInt(b.producerId), 43);
  out.writeInt32BE(b.records.length, 57);
  packed.copy(out, 61);
  return seal(out);
};

/** As a broker stores it. Shares no code with our own writer. */
export const encodeBatch = (b: BatchSpec): Buffer => assemble(b, sectionOf(b.records, undefined).section);

/** Fields of the header by place and size; the checksum is no field. */
const FIELDS: readonly (readonly [at: number, size: 1 | 2 | 4 | 8])[] = [
  ...([
    [0, 8],
    [8, 4],
    [12, 4],
    [16, 1],
    [21, 2],
    [23, 4],
    [27, 8],
    [35, 8],
    [43, 8],
    [51, 2],
    [53, 4],
  ] as const),
  [57, 4],
];

const lieInHeader = (r: Random, batch: Buffer): void => {
  const [at, size] = r.pick(FIELDS);
  if (size === 1) batch[at] = wrong(r, batch[at]) & 0xff;
  else if (size === 2) batch.writeInt16BE((wrong(r, batch.readInt16BE(at)) << 16) >> 16, at);
  else if (size === 4) batch.writeInt32BE(wrong(r, batch.readInt32BE(at)) | 0, at);
  else {
    const old = batch.readBigInt64BE(at);
    const far = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -1n, old + 1n, old - 1n, BigInt(r.below(1_000))];
    batch.writeBigInt64BE(BigInt.asIntN(64, r.pick(far)), at);
  }
};

/** A batch that lies in one way or several; mostly with a checksum that is right all the same. */
export const encodeWrongly = (r: Random, b: BatchSpec): Buffer => {
  let lie: Lie;
  if (r.chance(0.6)) {
    const { numbers } = sectionOf(b.records, undefined);
    const at = r.below(Math.max(1, numbers));
    const second = r.chance(0.2) ? r.below(Math.max(1, numbers)) : -1;
    lie = (place, n) => (place === at || place === second ? lyingVarint(r, n) : undefined);
  }
  const { section } = sectionOf(b.records, lie);
  let out: Buffer = assemble(b, r.chance(0.2) ? mutate(r, section) : section);
  if (lie === undefined || r.chance(0.2)) lieInHeader(r, out);
  // The size that snappy declares.
  if (b.codec === SNAPPY && r.chance(0.3)) {
    const size = lyingVarint(r, section.length);
    out = Buffer.concat([out.subarray(0, 61), size, out.subarray(61 + varint(section.length).length)]);
    out.writeInt32BE(out.length - 12, 8);
  }
  // The bytes of a codec, where there is one.
  if (r.chance(b.codec === 0 ? 0.1 : 0.5)) {
    out = Buffer.concat([out.subarray(0, 61), mutate(r, out.subarray(61))]);
    if (r.chance(0.8)) out.writeInt32BE(out.length - 12, 8);
  }
  return r.chance(0.95) ? seal(out) : out;
};

const SNAPPY = 2;

const makeRecord = (r: Random, delta: number): RecordSpec => ({
  delta,
  timeDelta: r.chance(0.05) ? safeInteger(r) * (r.chance(0.5) ? -1 : 1) : r.below(1_000),
  key: r.chance(0.2) ? null : bytes(r, 20),
  value: r.chance(0.1) ? null : bytes(r, r.chance(0.1) ? 300 : 30),
  headers: Array.from({ length: r.below(5) }, () => [
    Buffer.from(text(r, 4)),
    r.chance(0.2) ? null : bytes(r, 20),
  ]),
});

const MARKER = (type: number): RecordSpec => ({
  ...{ delta: 0, timeDelta: 0, key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6), headers: [] },
});

/** Mostly those that are ours: packing with the others takes long. */
const CODECS = [2, 2, 2, 3, 3, 3, 1, 4];

export const makeBatch = (r: Random, baseOffset: number): BatchSpec => {
  const marker = r.chance(0.15) ? r.pick(['commit', 'abort'] as const) : undefined;
  // Compaction leaves holes, and may leave nothing.
  let delta = -1;
  const records =
    marker !== undefined
      ? [MARKER(marker === 'commit' ? 1 : 0)]
      : Array.from({ length: r.below(5) }, () =>
          makeRecord(r, (delta += r.chance(0.8) ? 1 : 1 + r.below(9))),
        );
  const last =
    records.length === 0 ? r.below(4) : records[records.length - 1].delta + (r.chance(0.9) ? 0 : r.below(5));
  return {
    ...{
      baseOffset,
      lastDelta: last,
      baseTimestamp: r.chance(0.1) ? -1 : 1_700_000_000_000 + r.below(1_000_000),
    },
    appendTime: r.chance(0.1) ? 1_700_000_000_000 : undefined,
    codec: marker !== undefined || r.chance(0.85) ? 0 : r.pick(CODECS),
    producerId: r.chance(0.3) ? -1 : r.below(3),
    transactional: marker !== undefined || r.chance(0.4),
    ...{ marker, records },
  };
};
