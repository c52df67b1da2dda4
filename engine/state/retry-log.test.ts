import { describe, expect, test } from '@jest/globals';
import { EntryTable } from './entries.ts';
import { RetryLog } from './retry-log.ts';

const setup = (n: number): { entries: EntryTable; log: RetryLog; slots: number[] } => {
  const entries = new EntryTable();
  const log = new RetryLog(entries, 0, 0);
  const slots = Array.from({ length: n }, (_, i) => entries.alloc(i, 0));
  const written = slots.map((slot) => ({ slot, incarnation: entries.incarnation[slot] }));
  log.committed(
    written,
    slots.map((_, i) => i),
  );
  return { entries, log, slots };
};

describe('the retry partition as a log', () => {
  test('the base is the oldest live entry', () => {
    const { entries, log, slots } = setup(3);
    expect(log.base()).toBe(0);
    entries.free(slots[0]);
    expect(log.base()).toBe(1);
    entries.free(slots[2]);
    expect(log.base()).toBe(1);
    entries.free(slots[1]);
    // The last record stays.
    expect(log.base()).toBe(2);
  });

  test('a rewritten entry counts where it was written last', () => {
    const { entries, log, slots } = setup(2);
    log.committed([{ slot: slots[0], incarnation: entries.incarnation[slots[0]] }], [7]);
    expect(log.base()).toBe(1);
    expect(log.end).toBe(8);
  });

  test('an entry that ended before its commit was confirmed holds nothing back', () => {
    const { entries, log, slots } = setup(1);
    const stale = { slot: slots[0], incarnation: entries.incarnation[slots[0]] };
    entries.free(slots[0]);
    log.committed([stale], [5]);
    expect(log.base()).toBe(5);
  });

  test('completion records move the end', () => {
    const { log } = setup(1);
    log.committed([], [9]);
    expect(log.end).toBe(10);
  });

  test('the oldest are rewritten only when the log is much longer than what lives in it', () => {
    const { entries, log, slots } = setup(200);
    expect(log.toRewrite(4, 10, 500)).toEqual([]);
    for (const slot of slots.slice(3)) entries.free(slot);
    expect(log.toRewrite(4, 300, 500)).toEqual([]);
    expect(log.toRewrite(4, 10, 500)).toEqual(slots.slice(0, 3));
    expect(log.toRewrite(4, 10, 2)).toEqual(slots.slice(0, 2));
  });
});
