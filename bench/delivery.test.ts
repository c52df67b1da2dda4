import { expect, test } from '@jest/globals';
import { createCheck, isExact } from './delivery.ts';
import { idOf, isPalindrome, SHAPE, Words } from './words.ts';

const N = 20_000;
const words = new Words(SHAPE, 'the-id');
type Output = (id: string | undefined, accepted: boolean) => void;

/** All records in order, with `change` in the place of record 10,005. Records i and i + 10,000 share a key. */
const delivery = (change: (output: Output) => void, finished = (_: number): boolean => true) => {
  const check = createCheck(words, N);
  for (let i = 0; i < N; i++) {
    if (i === 10_005) change(check.output);
    else if (finished(i)) check.output(idOf(i), isPalindrome(i));
  }
  return check.end(finished);
};
const right: Output extends (...a: infer A) => void ? A : never = [idOf(10_005), isPalindrome(10_005)];

test('all of it, once, in order, is exact', () => {
  const d = delivery((output) => output(...right));
  expect(d).toEqual({ expected: N, missing: 0, duplicated: 0, unexpected: 0, outOfOrder: 0, wrong: 0 });
  expect(isExact(d, true)).toBe(true);
});

test.each<[string, (output: Output) => void]>([
  ['missing', () => undefined],
  ['duplicated', (output) => (output(...right), output(...right))],
  ['wrong', (output) => output(right[0], !right[1])],
  ['unexpected', (output) => (output(...right), output(idOf(N), true))],
  ['unexpected', (output) => (output(...right), output(undefined, true))],
])('%s is seen', (kind, change) => {
  const d = delivery(change);
  expect(d).toMatchObject({ [kind]: 1 });
  expect(isExact(d, false)).toBe(false);
});

test('a record before an earlier one of its key is out of order', () => {
  const check = createCheck(words, N);
  for (let i = 0; i < N; i++) {
    const j = i === 5 ? 10_005 : i === 10_005 ? 5 : i;
    check.output(idOf(j), isPalindrome(j));
  }
  const d = check.end(() => true);
  expect(d).toMatchObject({ outOfOrder: 1, missing: 0, duplicated: 0 });
  expect([isExact(d, true), isExact(d, false)]).toEqual([false, true]);
});

test('a run that was stopped is held to what it says it has finished', () => {
  const half = (i: number): boolean => i < 10_000;
  expect(
    isExact(
      delivery(() => undefined, half),
      true,
    ),
  ).toBe(true);
  expect(delivery((output) => output(...right), half)).toMatchObject({ unexpected: 1 });
  expect(
    isExact(
      createCheck(words, N).end(() => false),
      true,
    ),
  ).toBe(false);
});

test('what waits is not expected, and nothing may come of it', () => {
  const some = new Words({ ...SHAPE, waiting: 100 }, 'the-id');
  const check = createCheck(some, N);
  for (let i = 0; i < N; i++) if (!some.waits(i)) check.output(idOf(i), isPalindrome(i));
  expect(check.end(() => true)).toMatchObject({ expected: N - 100, missing: 0, unexpected: 0 });
  check.output(idOf(5), isPalindrome(5));
  expect(check.end(() => true)).toMatchObject({ expected: N - 100, missing: 0, unexpected: 1 });
});
