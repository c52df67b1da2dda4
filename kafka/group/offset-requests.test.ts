import { expect, test } from '@jest/globals';
import { fetchOffset } from './offset-requests.ts';

const { response } = fetchOffset('g', 'words', 3);
const answer = (errorCode: number, offset?: string): unknown => ({
  errorCode,
  responses:
    offset === undefined
      ? []
      : [{ topic: 'words', partitions: [{ partition: 3, offset, metadata: 'm', errorCode: 0 }] }],
});

test('a group that the broker does not know has committed nothing', () => {
  expect(response.parse(answer(69))).toEqual({ offset: null, metadata: null });
  expect(response.parse(answer(0, '-1'))).toEqual({ offset: null, metadata: 'm' });
  expect(response.parse(answer(0, '7'))).toEqual({ offset: 7n, metadata: 'm' });
});

test('any other code is no answer', () => {
  for (const code of [14, 15, 16, 30])
    expect(() => response.parse(answer(code))).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ kafka: code }) }),
    );
});
