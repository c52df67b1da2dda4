import { expect, test } from '@jest/globals';
import { crc32c } from './crc32c.ts';

// RFC 3720, appendix B.4, and the usual check value.
test.each([
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 rising', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ['32 falling', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
  ['nothing', Buffer.alloc(0), 0],
])('crc32c of %s', (_name, bytes, crc) => {
  expect(crc32c(bytes, 0, bytes.length)).toBe(crc);
});

test.each([0, 1, 4, 9])('crc32c goes on behind the first %i bytes', (at) => {
  const bytes = Buffer.from('123456789');
  expect(crc32c(bytes, at, 9, crc32c(bytes, 0, at))).toBe(0xe3069283);
});

test('crc32c covers only the given range', () => {
  expect(crc32c(Buffer.from('xx123456789yy'), 2, 11)).toBe(0xe3069283);
});
