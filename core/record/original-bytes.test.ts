import { expect, test } from '@jest/globals';
import { originalBytes, retryEntry } from './retry-entry.ts';
import { inRecord, stored } from '@verdikt/test/support/records.ts';

test('a record has the same size wherever it was read from: its state does not count', () => {
  const record = inRecord({ key: 'key', value: 'value', headers: { id: 'x', trace: 't' }, timestamp: 5 });
  expect(originalBytes(record)).toBe(record.size);
  const state = {
    origin: 7,
    redrive: 2,
    attempt: 3,
    dueAt: 9,
    firstFailedAt: 4,
    reason: 'down',
    parkedAt: 1,
  };
  const passed = [{ check: 'c', answer: true, detail: null }];
  const entry = stored(retryEntry(record, { ...state, passed }), 0, 0);
  expect(entry.size).toBeGreaterThan(record.size);
  expect(originalBytes(entry)).toBe(record.size);
});
