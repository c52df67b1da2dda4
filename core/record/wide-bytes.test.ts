import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OVER, Piece, putPiece, putRange, viewOf, ViewOfLast } from './wide-bytes.ts';

const BEFORE = 3;
const AFTER = 5;
/** The bytes that lie in `room` after a copy of `length` bytes to BEFORE: those before it, those of it, those that it must not touch. */
const parts = (room: Buffer, length: number): readonly string[] => [
  room.toString('hex', 0, BEFORE),
  room.toString('hex', BEFORE, BEFORE + length),
  room.toString('hex', BEFORE + length + OVER),
];
const roomFor = (length: number): Buffer => Buffer.alloc(BEFORE + length + OVER + AFTER, 0xee);

const texts = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

describe('a copy', () => {
  test('has the bytes of the range, wherever it ends, and leaves alone what lies around it', () => {
    fc.assert(
      fc.property(texts, fc.nat(40), fc.nat(40), (bytes, a, b) => {
        const [start, end] = [a, b].map((n) => Math.min(n, bytes.length)).sort((x, y) => x - y) as [
          number,
          number,
        ];
        const room = roomFor(end - start);
        const after = putRange(viewOf(room), BEFORE, viewOf(bytes), start, end);
        expect([after, ...parts(room, end - start)]).toEqual([
          ...[
            BEFORE + end - start,
            'ee'.repeat(BEFORE),
            bytes.toString('hex', start, end),
            'ee'.repeat(AFTER),
          ],
        ]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of a piece is the same', () => {
    fc.assert(
      fc.property(texts, (bytes) => {
        const room = roomFor(bytes.length);
        const after = putPiece(viewOf(room), BEFORE, new Piece(bytes));
        expect([after, ...parts(room, bytes.length)]).toEqual([
          ...[BEFORE + bytes.length, 'ee'.repeat(BEFORE), bytes.toString('hex'), 'ee'.repeat(AFTER)],
        ]);
      }),
    );
  });

  test('is refused where there is no room', () => {
    const small = viewOf(Buffer.alloc(8));
    expect(() => putPiece(small, 0, new Piece(Buffer.alloc(9)))).toThrow(RangeError);
    expect(() => putRange(small, 1, viewOf(Buffer.alloc(16)), 0, 8)).toThrow(RangeError);
  });
});

test('a view is of the buffer that is asked for, and made once while that is the same', () => {
  const views = new ViewOfLast();
  const memory = Buffer.from('abcdef');
  const [a, b] = [memory.subarray(1, 3), memory.subarray(3)];
  const first = views.of(a);
  expect([first.getUint8(0), first.byteLength, views.of(a) === first]).toEqual([0x62, 2, true]);
  expect([views.of(b).getUint8(0), views.of(a).getUint8(0)]).toEqual([0x64, 0x62]);
});
