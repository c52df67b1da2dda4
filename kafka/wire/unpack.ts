/**
 * Snappy and LZ4, for records that other clients have compressed: decoding alone, without a dependency. Every read and copy is
 * checked; throws RangeError on bytes that make no sense or grow beyond `maxBytes`.
 */

/** Collects output; matches copy from what is already there. */
interface Output {
  bytes: Buffer;
  length: number;
  readonly maxBytes: number;
}

const createOutput = (guess: number, maxBytes: number): Output => ({
  bytes: Buffer.allocUnsafeSlow(Math.max(64, Math.min(guess, maxBytes))),
  length: 0,
  maxBytes,
});

const reserve = (out: Output, n: number): void => {
  const need = out.length + n;
  if (need > out.maxBytes) throw new RangeError('too large');
  if (need <= out.bytes.length) return;
  const bigger = Buffer.allocUnsafeSlow(Math.min(out.maxBytes, Math.max(need, out.bytes.length * 2)));
  bigger.set(out.bytes.subarray(0, out.length));
  out.bytes = bigger;
};

const literal = (out: Output, src: Buffer, at: number, n: number, end: number): number => {
  if (at + n > end) throw new RangeError('literal beyond the end');
  reserve(out, n);
  out.bytes.set(src.subarray(at, at + n), out.length);
  out.length += n;
  return at + n;
};

/** Byte by byte: source and target may overlap, which repeats a pattern. */
const match = (out: Output, offset: number, n: number): void => {
  if (offset === 0 || offset > out.length) throw new RangeError('match before the start');
  reserve(out, n);
  const { bytes } = out;
  let to = out.length;
  let from = to - offset;
  for (let i = 0; i < n; i++) bytes[to++] = bytes[from++];
  out.length = to;
};

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER = 16;

/** One raw block, or the blocks that the Java client frames. */
export const unsnappy = (src: Buffer, maxBytes: number): Buffer => {
  const out = createOutput(src.length * 4, maxBytes);
  if (src.length >= XERIAL_HEADER && src.subarray(0, XERIAL.length).equals(XERIAL)) {
    let p = XERIAL_HEADER;
    do {
      const end = p + 4 + src.readUInt32BE(p);
      if (end > src.length) throw new RangeError('block beyond the end');
      snappyBlock(src, p + 4, end, out);
      p = end;
    } while (p < src.length);
  } else snappyBlock(src, 0, src.length, out);
  return out.bytes.subarray(0, out.length);
};

const snappyBlock = (src: Buffer, start: number, end: number, out: Output): void => {
  let p = start;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    if (p >= end || shift > 28) throw new RangeError('no size');
    const byte = src[p++];
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const before = out.length;
  while (p < end) {
    const tag = src[p++];
    const high = tag >> 2;
    switch (tag & 3) {
      case 0: {
        const extra = high < 60 ? 0 : high - 59;
        const n = extra === 0 ? high : src.readUIntLE(p, extra);
        p = literal(out, src, p + extra, n + 1, end);
        break;
      }
      case 1:
        match(out, ((tag >> 5) << 8) | src.readUInt8(p), (high & 7) + 4);
        p += 1;
        break;
      case 2:
        match(out, src.readUInt16LE(p), high + 1);
        p += 2;
        break;
      default:
        match(out, src.readUInt32LE(p), high + 1);
        p += 4;
    }
  }
  if (p !== end || out.length - before !== size) throw new RangeError('wrong size');
};

const LZ4_MAGIC = 0x184d2204;
const RAW_BLOCK = 0x80000000;

/** One LZ4 frame. Its checksums are not looked at: that of the batch covers the same bytes. */
export const unlz4 = (src: Buffer, maxBytes: number): Buffer => {
  if (src.readUInt32LE(0) !== LZ4_MAGIC) throw new RangeError('not an LZ4 frame');
  const flags = src.readUInt8(4);
  if (flags >> 6 !== 1) throw new RangeError('unknown LZ4 version');
  const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0;
  const contentSize = (flags & 0x08) !== 0 ? 8 : 0;
  if ((flags & 0x01) !== 0) throw new RangeError('LZ4 dictionaries are not supported');
  const out = createOutput(src.length * 4, maxBytes);
  for (let p = 7 + contentSize; ;) {
    const head = src.readUInt32LE(p);
    if (head === 0) break;
    const n = head % RAW_BLOCK;
    const end = p + 4 + n;
    if (end > src.length) throw new RangeError('block beyond the end');
    if (head >= RAW_BLOCK) literal(out, src, p + 4, n, end);
    else lz4Block(src, p + 4, end, out);
    p = end + blockChecksum;
  }
  return out.bytes.subarray(0, out.length);
};

const lz4Block = (src: Buffer, start: number, end: number, out: Output): void => {
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
    const token = src[p++];
    const n = longer(token >> 4);
    p = literal(out, src, p, n, end);
    // The last sequence of a block is literals alone.
    if (p === end) return;
    if (p + 2 > end) throw new RangeError('offset beyond the end');
    const offset = src.readUInt16LE(p);
    p += 2;
    match(out, offset, longer(token & 0x0f) + 4);
  }
};
