/**
 * Snappy and LZ4, for records that other clients have compressed: decoding alone, without a dependency. Every read and copy is
 * checked; throws RangeError on bytes that make no sense. Whole results are limited; pieces keep memory bounded instead.
 */

export const PIECE_BYTES = 1024 * 1024;

/** Thrown where the whole is larger than the caller wants. */
export const TOO_LARGE = new RangeError('too large');

/** Collects output; matches copy from what is already there. */
interface Output {
  bytes: Buffer;
  length: number;
  /** Up to where `bytes` was handed out, and how much has slid out of it. */
  sent: number;
  gone: number;
  /** Of the whole; in pieces, as far as matches reach back at most. */
  readonly maxBytes: number;
  readonly pieces: boolean;
}

const wholeOutput = (guess: number, maxBytes: number): Output => ({
  bytes: Buffer.allocUnsafeSlow(Math.max(64, Math.min(guess, maxBytes))),
  length: 0,
  sent: 0,
  gone: 0,
  maxBytes,
  pieces: false,
});

const pieceOutput = (window: number): Output => ({
  bytes: Buffer.allocUnsafeSlow(Math.max(window * 2, window + PIECE_BYTES)),
  length: 0,
  sent: 0,
  gone: 0,
  maxBytes: window,
  pieces: true,
});

/** How many of `n` bytes there is room for: all of them, except in pieces, where 0 asks for a `cut`. */
const reserve = (out: Output, n: number): number => {
  if (out.pieces) return Math.min(n, out.bytes.length - out.length, PIECE_BYTES - (out.length - out.sent));
  const need = out.length + n;
  if (need > out.maxBytes) throw TOO_LARGE;
  if (need <= out.bytes.length) return n;
  const bigger = Buffer.allocUnsafeSlow(Math.min(out.maxBytes, Math.max(need, out.bytes.length * 2)));
  bigger.set(out.bytes.subarray(0, out.length));
  out.bytes = bigger;
  return n;
};

/** What was not handed out yet; to be copied before the next `slide`. */
const cut = (out: Output): Buffer => {
  const piece = out.bytes.subarray(out.sent, out.length);
  out.sent = out.length;
  return piece;
};

/** Drops what no match can reach, once the room is used up. */
const slide = (out: Output): void => {
  if (out.length < out.bytes.length) return;
  const from = out.length - out.maxBytes;
  out.bytes.copyWithin(0, from, out.length);
  out.gone += from;
  out.length = out.sent = out.maxBytes;
};

/** Copies `n` bytes as far as there is room; returns how many. */
const literal = (out: Output, src: Buffer, at: number, n: number, end: number): number => {
  if (at + n > end) throw new RangeError('literal beyond the end');
  const fits = reserve(out, n);
  out.bytes.set(src.subarray(at, at + fits), out.length);
  out.length += fits;
  return fits;
};

/** The same for a match. Byte by byte: source and target may overlap, which repeats a pattern. */
const match = (out: Output, offset: number, n: number): number => {
  if (offset === 0 || offset > out.length) throw new RangeError('match before the start');
  const fits = reserve(out, n);
  const { bytes } = out;
  let to = out.length;
  let from = to - offset;
  for (let i = 0; i < fits; i++) bytes[to++] = bytes[from++];
  out.length = to;
  return fits;
};

/** One raw block, or the blocks that the Java client frames. */
export const unsnappy = (src: Buffer, maxBytes: number): Buffer =>
  wholeOf(snappy(src, wholeOutput(src.length * 4, maxBytes)));

/** The same in pieces of at most PIECE_BYTES, each valid until the next. Encoders match within a block that they hold in memory. */
export const snappyPieces = (src: Buffer): Generator<Buffer> => snappy(src, pieceOutput(8 * PIECE_BYTES));

/** One LZ4 frame. Its checksums are not looked at: that of the batch covers the same bytes. */
export const unlz4 = (src: Buffer, maxBytes: number): Buffer =>
  wholeOf(lz4(src, wholeOutput(src.length * 4, maxBytes)));

/** The same in pieces of at most PIECE_BYTES, each valid until the next. */
export const lz4Pieces = (src: Buffer): Generator<Buffer> => lz4(src, pieceOutput(64 * 1024));

const wholeOf = (pieces: Generator<Buffer>): Buffer => pieces.next().value as Buffer;

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER = 16;

function* snappy(src: Buffer, out: Output): Generator<Buffer> {
  if (src.length >= XERIAL_HEADER && src.subarray(0, XERIAL.length).equals(XERIAL)) {
    let p = XERIAL_HEADER;
    do {
      const end = p + 4 + src.readUInt32BE(p);
      if (end > src.length) throw new RangeError('block beyond the end');
      yield* snappyBlock(src, p + 4, end, out);
      p = end;
    } while (p < src.length);
  } else yield* snappyBlock(src, 0, src.length, out);
  yield cut(out);
}

function* snappyBlock(src: Buffer, start: number, end: number, out: Output): Generator<Buffer> {
  let p = start;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    if (p >= end || shift > 28) throw new RangeError('no size');
    const byte = src[p++];
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const before = out.gone + out.length;
  while (p < end) {
    const tag = src[p++];
    const high = tag >> 2;
    let n = high + 1;
    let offset = 0;
    switch (tag & 3) {
      case 0:
        if (high >= 60) {
          n = src.readUIntLE(p, high - 59) + 1;
          p += high - 59;
        }
        for (let done = 0; (done += literal(out, src, p + done, n - done, end)) < n;) {
          yield cut(out);
          slide(out);
        }
        p += n;
        continue;
      case 1:
        offset = ((tag >> 5) << 8) | src.readUInt8(p);
        n = (high & 7) + 4;
        p += 1;
        break;
      case 2:
        offset = src.readUInt16LE(p);
        p += 2;
        break;
      default:
        offset = src.readUInt32LE(p);
        p += 4;
    }
    while ((n -= match(out, offset, n)) > 0) {
      yield cut(out);
      slide(out);
    }
  }
  if (p !== end || out.gone + out.length - before !== size) throw new RangeError('wrong size');
}

const LZ4_MAGIC = 0x184d2204;
const RAW_BLOCK = 0x80000000;

function* lz4(src: Buffer, out: Output): Generator<Buffer> {
  if (src.readUInt32LE(0) !== LZ4_MAGIC) throw new RangeError('not an LZ4 frame');
  const flags = src.readUInt8(4);
  if (flags >> 6 !== 1) throw new RangeError('unknown LZ4 version');
  const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0;
  const contentSize = (flags & 0x08) !== 0 ? 8 : 0;
  if ((flags & 0x01) !== 0) throw new RangeError('LZ4 dictionaries are not supported');
  for (let p = 7 + contentSize; ;) {
    const head = src.readUInt32LE(p);
    if (head === 0) break;
    const n = head % RAW_BLOCK;
    const end = p + 4 + n;
    if (end > src.length) throw new RangeError('block beyond the end');
    yield* lz4Block(src, p + 4, end, out, head >= RAW_BLOCK);
    p = end + blockChecksum;
  }
  yield cut(out);
}

function* lz4Block(src: Buffer, start: number, end: number, out: Output, raw: boolean): Generator<Buffer> {
  let p = start;
  const longer = (n: number): number => {
    if (n !== 15) return n;
    for (;;) {
      if (p >= end) throw new RangeError('length beyond the end');
      const byte = src[p++];
      n += byte;
      if (byte !== 255) return n;
    }
  };
  while (p < end) {
    const token = raw ? 0 : src[p++];
    const n = raw ? end - p : longer(token >> 4);
    for (let done = 0; (done += literal(out, src, p + done, n - done, end)) < n;) {
      yield cut(out);
      slide(out);
    }
    p += n;
    // The last sequence of a block is literals alone.
    if (p === end) return;
    if (p + 2 > end) throw new RangeError('offset beyond the end');
    const offset = src.readUInt16LE(p);
    p += 2;
    for (let left = longer(token & 0x0f) + 4; (left -= match(out, offset, left)) > 0;) {
      yield cut(out);
      slide(out);
    }
  }
}
