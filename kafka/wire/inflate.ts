import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { corrupt } from './batch.ts';

/** A batch that grows beyond this is refused: a few bytes can ask for gigabytes. */
export const MAX_INFLATED = 64 * 1024 * 1024;

const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** The records of a compressed batch. Throws LOG_CORRUPT, also for a codec that we do not have. */
export const inflate = (
  codec: number,
  bytes: Buffer,
  baseOffset: number,
  maxBytes = MAX_INFLATED,
): Buffer => {
  try {
    if (codec === 1) return gunzipSync(bytes, { maxOutputLength: maxBytes });
    if (codec === 4) return zstdDecompressSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    throw corrupt(`its ${NAMES[codec]} data is broken or larger than ${maxBytes} bytes`, baseOffset);
  }
  throw corrupt(
    `it is compressed with ${NAMES[codec] ?? `codec ${codec}`}; use none, gzip or zstd for this topic`,
    baseOffset,
  );
};
