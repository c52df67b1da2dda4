import { expect, test } from '@jest/globals';
import { ByteWriter } from './byte-writer.ts';

const text = (parts: readonly Buffer[]): string[] => parts.map(String);

test('what is borrowed comes in its place, and is not copied', () => {
  const w = new ByteWriter(4);
  const [b, c, e] = ['B', 'CC', 'EEE'].map((s) => Buffer.from(s)) as [Buffer, Buffer, Buffer];
  w.raw(Buffer.from('a'));
  w.borrow([b, c]);
  w.raw(Buffer.from('dddddddd'));
  w.borrow([e]);
  expect([text(w.parts()), String(w.written()), w.length, w.position]).toEqual([
    ...[['a', 'B', 'CC', 'dddddddd', 'EEE'], 'aBCCddddddddEEE', 15, 9],
  ]);
  e.write('xyz');
  expect(String(w.written())).toBe('aBCCddddddddxyz');
});

test('what is not borrowed is one view, be it empty', () => {
  const w = new ByteWriter(4);
  expect(text(w.parts())).toEqual(['']);
  w.raw(Buffer.from('ab'));
  expect([text(w.parts()), w.length]).toEqual([['ab'], 2]);
  expect(w.written().buffer).toBe(w.buffer.buffer);
});

test('two pieces may be borrowed in a row', () => {
  const w = new ByteWriter(4);
  w.borrow([Buffer.from('a')]);
  w.borrow([Buffer.from('b')]);
  expect(String(Buffer.concat(w.parts()))).toBe('ab');
});
