import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLineCutter, NOT_UTF8, TOO_LONG, type Line } from './lines.ts';

const cutAll = (chunks: readonly (Buffer | string)[], maxBytes = 100): Line[] => {
  const cutter = createLineCutter(maxBytes);
  return [...chunks.flatMap((c) => cutter.push(Buffer.from(c as Buffer))), ...cutter.end()];
};

describe('lines', () => {
  test.each<[string, (Buffer | string)[], Line[]]>([
    ['none', [], []],
    ['of one chunk', ['a\nb\n'], ['a', 'b']],
    ['the last without an end', ['a\nb'], ['a', 'b']],
    ['blank ones are kept for counting', ['\n\na\n\n'], ['', '', 'a', '']],
    ['across chunks', ['a', 'b', 'c\nd', '\n'], ['abc', 'd']],
    ['CR is left to the parser', ['a\r\nb\r\n'], ['a\r', 'b\r']],
    ['a character cut in two', [Buffer.from([0xc3]), Buffer.from([0xa9, 10])], ['\u00e9']],
    ['U+FFFD written out is no error', ['\ufffd\n'], ['\ufffd']],
    ['other line ends are not ends', ['a\u2028b\u0085c\n'], ['a\u2028b\u0085c']],
    ['one bad line spoils no other', ['a\n', Buffer.from([0xff, 10, 0x62, 10])], ['a', NOT_UTF8, 'b']],
    ['a bad last line', ['a\n', Buffer.from([0xc3])], ['a', NOT_UTF8]],
  ])('%s', (_, chunks, expected) => {
    expect(cutAll(chunks)).toEqual(expected);
  });

  test.each<[string, (Buffer | string)[], Line[]]>([
    ['at the limit', ['abcd\n'], ['abcd']],
    ['over it', ['abcde\nf\n'], [TOO_LONG, 'f']],
    ['at the limit across chunks', ['ab', 'cd', '\nf\n'], ['abcd', 'f']],
    ['over it across chunks', ['ab', 'cde', 'xxxxx', 'x\nf\n'], [TOO_LONG, 'f']],
    ['over it and never ended', ['abcde', 'xxx'], [TOO_LONG]],
    ['two-byte characters at the limit', ['\u00e9\u00e9\n'], ['\u00e9\u00e9']],
    ['two-byte characters over it', ['\u00e9\u00e9a\n'], [TOO_LONG]],
    ['over it beside a bad line', [Buffer.from([0xff, 10]), 'abcde\n'], [NOT_UTF8, TOO_LONG]],
    [
      'over it in a bad block',
      [Buffer.concat([Buffer.from([0xff, 10]), Buffer.from('abcde\nf\n')])],
      [NOT_UTF8, TOO_LONG, 'f'],
    ],
  ])('of at most four bytes: %s', (_, chunks, expected) => {
    expect(cutAll(chunks, 4)).toEqual(expected);
  });

  test('an endless line is not kept', () => {
    const cutter = createLineCutter(1000);
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(64 * 1024, 97);
    for (let i = 0; i < 1000; i++) cutter.push(chunk);
    expect(cutter.push(Buffer.from('\nb\n'))).toEqual([TOO_LONG, 'b']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  });

  test('however the bytes are cut, the lines are the same', () => {
    const byte = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(10, 97, 0xc3, 0xa9, 0xff, 13) },
      fc.nat(255),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(byte, { maxLength: 60 }),
        fc.array(fc.nat(7)),
        (a, b, cuts) => {
          const bytes = Buffer.from([...a, ...b]);
          const chunks: Buffer[] = [];
          let from = 0;
          for (const c of cuts) chunks.push(bytes.subarray(from, (from += c)));
          chunks.push(bytes.subarray(from));
          const ends = [...bytes.keys()].filter((i) => bytes[i] === 10);
          const expected: Line[] = [];
          let start = 0;
          for (const e of [...ends, bytes.length]) {
            const line = bytes.subarray(start, e);
            start = e + 1;
            if (e === bytes.length && line.length === 0) continue;
            const text = line.toString('utf8');
            expected.push(line.length > 8 ? TOO_LONG : Buffer.from(text).equals(line) ? text : NOT_UTF8);
          }
          expect(cutAll(chunks, 8)).toEqual(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
