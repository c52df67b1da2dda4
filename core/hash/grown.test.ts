import { expect, test } from '@jest/globals';
import { grown } from './grown.ts';

test('a column keeps its values and its kind, and what is new is empty', () => {
  expect(grown(Float64Array.of(1, 2.5), 4)).toEqual(Float64Array.of(1, 2.5, 0, 0));
  expect(grown(Int32Array.of(-1, 7), 4, -1)).toEqual(Int32Array.of(-1, 7, -1, -1));
});
