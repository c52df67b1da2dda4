import { expect, test } from '@jest/globals';
import { table } from './markdown.ts';

test('a cell neither ends early nor breaks its row', () => {
  const lines = table(['a', 'b'], [['x|y', 'one\ntwo']]);
  expect(lines).toEqual(['| a | b |', '| --- | --- |', '| x\\|y | one two |', '']);
});
