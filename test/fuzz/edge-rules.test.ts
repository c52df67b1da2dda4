import { expect, test } from '@jest/globals';
import type { SeenRecord } from '../support/system/console-reader.ts';
import { metricIn } from '../support/system/metrics.ts';
import { judgeEnds } from './ended-once.ts';
import { faultsIn } from './watch-edge.ts';

const seen = (id: string, key = 'k'): SeenRecord => ({
  ...{ timestamp: 1, partition: 0, offset: 0, key, value: '' },
  headers: new Map([['id', id]]),
});

test('each accepted word ends exactly once; one that was sent again is the same', () => {
  const words = [seen('a'), seen('a'), seen('a', 'other'), seen('b')];
  const ends = [seen('a'), seen('a', 'other'), seen('b')];
  expect(judgeEnds(words, ends, 4, 'equal')).toEqual({ open: 0, submissions: 3, problems: [] });
  expect(judgeEnds(words, ends.slice(1), 4, 'equal').problems).toEqual(['1 never ended: 0 a k']);
  expect(judgeEnds(words, [...ends, seen('b')], 4, 'equal').problems).toEqual(['1 ended twice: 0 b k']);
  expect(judgeEnds(words, [...ends, seen('c')], 4, 'equal').problems).toEqual([
    '1 ended that were never sent: 0 c k',
  ]);
  expect(judgeEnds(words, ends, 5, 'equal').problems).toEqual(['5 were accepted, 4 are in the topic']);
  expect(judgeEnds(words, ends, 3, 'equal').problems).toHaveLength(1);
  expect(judgeEnds(words, ends, 3, 'at least').problems).toEqual([]);
  expect(judgeEnds(words, ends, 5, 'at least').problems).toHaveLength(1);
});

test('finds faults in a log, and nothing in one without', () => {
  const fine = '{"level":"warn","message":"the broker is away"}';
  const fault = '{"level":"error","message":"a request failed by a fault of this service"}';
  const crash = 'TypeError: x is not a function';
  expect(faultsIn(`${fine}\n${fault}\n${crash}\n`)).toEqual([fault, crash]);
  expect(faultsIn(`${fine}\n`)).toEqual([]);
});

test('reads a metric without labels', () => {
  const text = '# HELP a b\na 5\nab 6\nc{d="e"} 7\n';
  expect([metricIn(text, 'a'), metricIn(text, 'ab'), metricIn(text, 'c')]).toEqual([5, 6, undefined]);
});
