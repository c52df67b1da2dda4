import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lz4Pieces, PIECE_BYTES, snappyPieces, unlz4, unsnappy } from './unpack.ts';

// The records of one batch, as a broker with compression.type snappy and lz4 stored them.
const SNAPPY = Buffer.from(
  '82534e41505059000000000100000001000000d6e204403a000000012e76616c75652030206162632e030010003a000002111e00314e1e000804' +
    '012e093c00324e1e000006111e00334e1e000008111e00344e1e00000a111e00354e1e00000c111e00364e1e00000e111e00374e1e0000101' +
    '11e00384e1e000012111e0039421e00143c000014013009f00031462d010c3c000016151f462e010c3c000018151f462f010c3c00001a151f' +
    '4630010c3c00001c151f4631010c3c00001e151f4632010c3c000020151f4633010c3c000022151f4634010c3c000024151f4635010c3c000' +
    '026151f463601',
  'hex',
);
const LZ4 = Buffer.from(
  '04224d18604082d4000000f8023a000000012e76616c7565203020616263030054003a0000021e001f311e000114041e001f321e000114061e001f' +
    '331e000114081e001f341e0001140a1e001f351e0001140c1e001f361e0001140e1e001f371e000114101e001f381e000114121e001d391e0' +
    '0623c00001401302c011e312d01453c0000161f001f313e000115181f000e2f01453c00001a1f001f333e0001151c1f000e3101453c00001e' +
    '1f000e3201453c0000201f000e3301453c0000221f000e3401453c0000241f000e3501453c0000261f0009360150636162630000000000',
  'hex',
);
// What both hold: a value of 23 bytes and more in each record.
const PLAIN = Buffer.concat(
  Array.from({ length: 20 }, (_, i) => {
    const value = `value ${i} abcabcabcabcabc`;
    const body = Buffer.concat([
      Buffer.from([0, 0, i * 2, 1, value.length * 2]),
      Buffer.from(value),
      Buffer.from([0]),
    ]);
    return Buffer.concat([Buffer.from([body.length * 2]), body]);
  }),
);

// By name: those of node itself have another constructor inside of the test runner.
const rangeError = expect.objectContaining({ name: 'RangeError' });

describe.each([
  ['snappy', unsnappy, SNAPPY],
  ['lz4', unlz4, LZ4],
] as const)('%s', (_name, unpack, packed) => {
  test('as brokers write it', () => {
    expect(unpack(packed, 1e6).toString('hex')).toBe(PLAIN.toString('hex'));
  });

  test('the limit is exact', () => {
    expect(unpack(packed, PLAIN.length)).toHaveLength(PLAIN.length);
    expect(() => unpack(packed, PLAIN.length - 1)).toThrow(rangeError);
  });

  test('cut anywhere it is refused', () => {
    for (let n = 0; n < packed.length; n++)
      expect(() => unpack(packed.subarray(0, n), 1e6)).toThrow(rangeError);
  });

  test('any change of bytes ends in bytes within the limit or in a RangeError', () => {
    const changes = fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const spoiled = Buffer.from(packed);
        for (const [at, value] of list) spoiled[at] = value;
        try {
          expect(unpack(spoiled, 5_000).length).toBeLessThanOrEqual(5_000);
        } catch (e) {
          expect(e).toMatchObject({ name: 'RangeError' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test('snappy without the frame of the Java client', () => {
  const raw = Buffer.from([9, 0x08, 97, 98, 99, 0x09, 3, 0x02, 6, 0]);
  // Literal "abc", then two matches: 6 bytes back 3 would be 10 in all, so the size of 9 is a lie.
  expect(() => unsnappy(raw, 100)).toThrow(rangeError);
  raw[0] = 10;
  expect(unsnappy(raw, 100).toString()).toBe('abcabcabca');
});

test('lz4 with a content size, block checksums and a block that is not compressed', () => {
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x78, 0x40, 5, 0, 0, 0, 0, 0, 0, 0, 0]);
  const block = Buffer.from([5, 0, 0, 0x80, ...Buffer.from('hello'), 9, 9, 9, 9]);
  expect(unlz4(Buffer.concat([head, block, Buffer.alloc(4)]), 100).toString()).toBe('hello');
});

/** Literals and matches of an LZ4 block and a raw snappy block that both stand for the same bytes, `size` and a little more. */
const longBlocks = (size: number, seed: number): { snappy: Buffer; lz4: Buffer; plainBytes: number } => {
  let x = seed;
  const below = (n: number): number => (x = (x * 48_271) % 2_147_483_647) % n;
  const snappy: number[] = [];
  const lz4: number[] = [];
  let plainBytes = 0;
  const longer = (n: number): void => {
    if (n < 15) return;
    let rest = n - 15;
    for (; rest >= 255; rest -= 255) lz4.push(255);
    lz4.push(rest);
  };
  while (plainBytes < size) {
    const literal = Array.from({ length: 1 + below(50) }, () => below(256));
    const distance = 1 + below(Math.min(65_535, plainBytes + literal.length));
    const count = 4 + below(100_000);
    lz4.push((Math.min(15, literal.length) << 4) | Math.min(15, count - 4));
    longer(literal.length);
    for (const byte of literal) lz4.push(byte);
    lz4.push(distance & 255, distance >> 8);
    longer(count - 4);
    snappy.push((literal.length - 1) << 2, ...literal);
    for (let left = count; left > 0; left -= 64)
      snappy.push(((Math.min(64, left) - 1) << 2) | 2, distance & 255, distance >> 8);
    plainBytes += literal.length + count;
  }
  lz4.push(0x10, 7);
  snappy.push(0, 7);
  plainBytes++;
  const length: number[] = [];
  let n = plainBytes;
  for (; n >= 128; n = Math.floor(n / 128)) length.push((n % 128) | 128);
  const frame = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0]);
  frame.writeUInt32LE(lz4.length, 7);
  return {
    snappy: Buffer.from([...length, n].concat(snappy)),
    lz4: Buffer.concat([frame, Buffer.from(lz4), Buffer.alloc(4)]),
    plainBytes,
  };
};

test('in pieces the same bytes come as at once', () => {
  const { snappy, lz4, plainBytes } = longBlocks(18 * PIECE_BYTES, 5);
  const wanted = unlz4(lz4, 1e9);
  expect(wanted).toHaveLength(plainBytes);
  expect(unsnappy(snappy, 1e9).equals(wanted)).toBe(true);
  for (const pieces of [snappyPieces(snappy), lz4Pieces(lz4)]) {
    let at = 0;
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES);
      expect(piece.compare(wanted, at, at + piece.length)).toBe(0);
      at += piece.length;
    }
    expect(at).toBe(plainBytes);
  }
  const short = snappy.subarray(0, -3);
  expect(() => [...snappyPieces(short)]).toThrow(rangeError);
  expect(() => [...lz4Pieces(lz4.subarray(0, -5))]).toThrow(rangeError);
});
