import { expect, test } from '@jest/globals';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import type { Attempt } from './define.ts';
import { createModuleCheck } from './module.ts';
import { ran } from './ran.ts';

/** The attempt of a check that has looked at it so, and has ended at once. */
const keptBy = (look: (a: Attempt) => void, end: () => boolean = () => true): Attempt => {
  const kept: Attempt[] = [];
  const run = (a: Attempt): boolean => {
    kept.push(a);
    look(a);
    return end();
  };
  const limits = { timeoutMs: 1_000, concurrency: 2, breakerFailures: 3, breakerHalfOpenMs: 60_000 };
  const check = createModuleCheck({ run }, undefined, { name: 'own', ...limits }, { clock: manualClock() });
  const record = makeRecord({ offset: 0, timestamp: 0, value: null, key: Buffer.from('k'), headers: [] });
  void ran(check, { word: 'w', id: 'i', attempt: 1, record });
  return kept[0];
};

test.each([
  ['answers', () => true],
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
])('a check that %s at once has what it asked for before, and an error for what it did not', (_, end) => {
  const kept = keptBy((a) => a.id, end);
  expect([kept.id, kept.word]).toEqual(['i', 'w']);
  for (const name of ['key', 'headers', 'traceHeaders'] as const)
    expect(() => kept[name]).toThrow('until it is answered');
  expect(() => kept.log.info({}, 'late')).not.toThrow();
});

test('that there is no trace can be asked again', () => {
  expect(keptBy((a) => a.traceHeaders).traceHeaders).toEqual({});
});
