import { crc32c as native } from '@node-rs/crc32';

/** CRC-32C (Castagnoli) of buffer[start, end), as an unsigned integer. */
export const crc32c = (buffer: Buffer, start: number, end: number): number =>
  native(buffer.subarray(start, end)) >>> 0;
