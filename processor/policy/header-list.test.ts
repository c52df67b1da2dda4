import { expect, test } from '@jest/globals';
import type { Header } from '@verdikt/core/record.ts';
import { headerBytes } from './header-list.ts';
import { encodeHeaders } from './testing/records.ts';

test.each([
  ['', null],
  ['n', ''],
  ['n', 'x'.repeat(63)],
  ['n', 'x'.repeat(64)],
  ['name', Buffer.alloc(8191)],
  ['name', Buffer.alloc(8192)],
  ['ü'.repeat(32), '語'],
] as Header[])('headerBytes counts %.5j with %.5j as it is written', (name, value) => {
  expect(headerBytes([name, value])).toBe(encodeHeaders([[name, value]]).length);
});
