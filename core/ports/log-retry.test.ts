import { expect, test } from '@jest/globals';
import { rootMessage, ServiceError } from '../errors.ts';
import { logRetry } from './log-retry.ts';
import { silentLog } from './log.ts';

const logged = (retry: Parameters<typeof logRetry>[2]): unknown[] => {
  const lines: unknown[] = [];
  const log = { ...silentLog, warn: (...line: unknown[]) => void lines.push(...line) };
  expect(logRetry(log, { task: 3 }, retry)).toBe(retry.againInMs);
  return lines;
};

test('a failure is told with its facts, its cause and when it is tried again, without a stack', () => {
  const error = new ServiceError('OFFSET_LOST', 'It is gone.', { origins: [7] }, new Error('reset'));
  expect(logged({ error, againInMs: 1_500, what: 'cannot start yet: ' })).toEqual([
    { task: 3, againInMs: 1_500, code: 'OFFSET_LOST', details: { origins: [7] }, cause: 'reset' },
    'cannot start yet: It is gone; trying again in 1.5 s',
  ]);
  expect(
    logged({ error: new ServiceError('STOPPING', 'x'), againInMs: 100, again: 'it starts within' }),
  ).toEqual([{ task: 3, againInMs: 100, code: 'STOPPING' }, 'x; it starts within 0.1 s']);
});

test('a defect keeps its stack', () => {
  const error = new TypeError('undefined is not a function');
  expect(logged({ error, againInMs: 200 })).toEqual([
    { task: 3, againInMs: 200, err: error },
    'undefined is not a function; trying again in 0.2 s',
  ]);
});

test('the innermost message is found, a cycle ends', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  expect(
    rootMessage(new Error('a', { cause: new ServiceError('LOG_CORRUPT', 'b', {}, new Error('c')) })),
  ).toBe('c');
  expect(rootMessage(loop)).toBe('loop');
  expect(rootMessage('text')).toBe('text');
});
