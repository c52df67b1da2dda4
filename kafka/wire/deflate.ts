import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '@verdikt/core/record/compression.ts';
import { CODECS } from './codecs.ts';

/** Fewer bytes are not worth the time that a compressor takes to begin. */
const FEWEST_BYTES = 4_096;
/**
 * Records of one topic are alike, and each repeats what lies just before it: more effort takes several times as long for a few percent. A
 * table of what was seen that stays in the first cache, over the last 128 KiB, takes a quarter less time and finds as much in verdicts; in
 * prose it finds a tenth less.
 */
const ZSTD = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 1,
    [constants.ZSTD_c_hashLog]: 12,
    [constants.ZSTD_c_windowLog]: 17,
  },
};
const GZIP = { level: constants.Z_BEST_SPEED };

const DEFLATE: Readonly<Record<Exclude<Compression, 'none'>, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes, GZIP),
  zstd: (bytes) => zstdCompressSync(bytes, ZSTD),
};

interface Deflated {
  /** In the attributes of a batch. */
  readonly codec: number;
  readonly bytes: Buffer;
}

/** The records of a batch, compressed; undefined when they are fewer bytes as they are. */
export const deflate = (compression: Compression, records: Buffer): Deflated | undefined => {
  if (compression === 'none' || records.length < FEWEST_BYTES) return undefined;
  const bytes = DEFLATE[compression](records);
  return bytes.length < records.length ? { codec: CODECS.indexOf(compression) + 1, bytes } : undefined;
};
