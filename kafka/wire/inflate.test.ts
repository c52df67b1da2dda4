import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { inflate } from './inflate.ts';

test.each([
  ['gzip', 1, gzipSync],
  ['zstd', 4, zstdCompressSync],
] as const)('%s grows up to the limit and not beyond', (_name, codec, squeeze) => {
  expect(inflate(codec, squeeze(Buffer.alloc(100_000)), 0, 100_000)).toHaveLength(100_000);
  expect(() => inflate(codec, squeeze(Buffer.alloc(100_001)), 0, 100_000)).toThrow(
    expect.objectContaining({ code: 'LOG_CORRUPT' }),
  );
});
