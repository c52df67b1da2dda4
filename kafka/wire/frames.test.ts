import { describe, expect, test } from '@jest/globals';
import { FrameReader } from './frames.ts';

const framed = (body: Buffer): Buffer => {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(body.length);
  return Buffer.concat([prefix, body]);
};

const bodies = [4, 5, 300, 70_000, 9 * 1024 * 1024, 4].map((n, i) => Buffer.alloc(n, i + 1));
const stream = Buffer.concat(bodies.map(framed));

/** The same buffer for every piece, as a socket delivers them. */
const deliver = (reader: FrameReader, bytes: Buffer, size: () => number): boolean => {
  const shared = Buffer.alloc(256 * 1024);
  for (let at = 0; at < bytes.length;) {
    const n = Math.min(size(), shared.length, bytes.length - at);
    bytes.copy(shared, 0, at, at + n);
    if (!reader.push(shared.subarray(0, n))) return false;
    shared.fill(0xff);
    at += n;
  }
  return true;
};

describe('frames', () => {
  test.each([1000, 65_536, 256 * 1024])('come out whole from pieces of %i bytes', (size) => {
    const got: Buffer[] = [];
    expect(deliver(new FrameReader((f) => got.push(f)), stream, () => size)).toBe(true);
    expect(got.map((f) => f.equals(bodies[got.indexOf(f)]))).toEqual(bodies.map(() => true));
  });

  test('come out whole wherever they are cut', () => {
    const small = Buffer.concat([framed(Buffer.from('abcd')), framed(Buffer.from('efghij'))]);
    for (let first = 1; first < small.length; first++)
      for (let second = 1; first + second <= small.length; second++) {
        const got: string[] = [];
        const sizes = [first, second, small.length];
        deliver(new FrameReader((f) => got.push(f.toString())), small, () => sizes.shift() ?? 1);
        expect(got).toEqual(['abcd', 'efghij']);
      }
  });

  test('hold no more memory than has come, whatever a length claims', () => {
    const reader = new FrameReader(() => undefined);
    const before = process.memoryUsage().arrayBuffers;
    reader.push(Buffer.from('HTTP/1.1 400 Bad Request\r\n'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  test.each([-1, 0, 3])('a length of %i is refused', (length) => {
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(length);
    expect(new FrameReader(() => undefined).push(prefix)).toBe(false);
  });
});
