import { expect, test } from '@jest/globals';
import { count } from './count.ts';

test.each([
  [0, '0 dead letters'],
  [1, '1 dead letter'],
  [2, '2 dead letters'],
  [1_234, '1,234 dead letters'],
])('%d agrees with its noun', (n, text) => {
  expect(count(n, 'dead letter')).toBe(text);
});

test('an irregular noun', () => {
  expect([count(1, 'key is', 'keys are'), count(2, 'key is', 'keys are')]).toEqual([
    '1 key is',
    '2 keys are',
  ]);
});
