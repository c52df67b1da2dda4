import { crc32c as native } from '@node-rs/crc32';

/** CRC-32C (Castagnoli) of buffer[start, end), as an unsigned integer; `before`: that of bytes which come before these. */
export const crc32c = (buffer: Buffer, start: number, end: number, before = 0): number =>
  native(buffer.subarray(start, end), before) >>> 0;
