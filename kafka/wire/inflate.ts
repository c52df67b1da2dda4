import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { corrupt } from './batch.ts';
import { unlz4, unsnappy } from './unpack.ts';

/** A batch that grows beyond this is refused: a few bytes can ask for gigabytes. */
export const MAX_INFLATED = 64 * 1024 * 1024;

type Codec = (bytes: Buffer, maxBytes: number) => Buffer;

/** By number of the codec in the attributes of a batch; 0 is none. */
const CODECS: readonly (readonly [name: string, inflate: Codec])[] = [
  ['none', (bytes) => bytes],
  ['gzip', (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength })],
  ['snappy', unsnappy],
  ['lz4', unlz4],
  ['zstd', (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength })],
];

/** The records of a compressed batch. Throws LOG_CORRUPT, also for a codec that does not exist. */
export const inflate = (
  codec: number,
  bytes: Buffer,
  baseOffset: number,
  maxBytes = MAX_INFLATED,
): Buffer => {
  const found = CODECS[codec];
  if (found === undefined) throw corrupt(`it is compressed with the unknown codec ${codec}`, baseOffset);
  const [name, unpack] = found;
  try {
    return unpack(bytes, maxBytes);
  } catch (cause) {
    throw corrupt(`its ${name} data is broken or larger than ${maxBytes} bytes`, baseOffset, cause);
  }
};
