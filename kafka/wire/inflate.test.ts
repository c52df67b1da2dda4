import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { inflate, inflatePieces } from './inflate.ts';

const CODECS = [
  ['gzip', 1, gzipSync],
  ['zstd', 4, zstdCompressSync],
] as const;

test.each(CODECS)('%s grows whole up to the limit and not beyond', (_name, codec, squeeze) => {
  expect(inflate(codec, squeeze(Buffer.alloc(100_000)), 0, 100_000)).toHaveLength(100_000);
  expect(inflate(codec, squeeze(Buffer.alloc(100_001)), 0, 100_000)).toBeUndefined();
});

test.each(CODECS)('%s comes in pieces, and broken data is LOG_CORRUPT', async (_name, codec, squeeze) => {
  const packed = squeeze(Buffer.alloc(5_000_000, 'abc'));
  const read = async (bytes: Buffer): Promise<Buffer> => {
    const pieces: Buffer[] = [];
    for await (const piece of inflatePieces(codec, bytes, 0)) pieces.push(Buffer.from(piece));
    expect(Math.max(...pieces.map((p) => p.length))).toBeLessThanOrEqual(2 * 1024 * 1024);
    return Buffer.concat(pieces);
  };
  expect((await read(packed)).equals(Buffer.alloc(5_000_000, 'abc'))).toBe(true);
  await expect(read(packed.subarray(0, -20))).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
});
