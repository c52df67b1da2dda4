import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inRecord } from '@verdikt/test/support/records.ts';
import { MemoryBudget } from '../policy/memory.ts';
import { EntryTable } from './entries.ts';
import { RecordStore } from './record-store.ts';

const setup = (limit = 1e9) => {
  const entries = new EntryTable();
  const budget = new MemoryBudget(limit);
  const share = budget.share();
  const store = new RecordStore(entries, share);
  const slots = Array.from({ length: 40 }, (_, i) => entries.alloc(i, 0));
  return { entries, budget, share, store, slots };
};

const word = (bytes: number, key: string | null = 'k') =>
  inRecord({
    key,
    value: 'v'.repeat(bytes),
    headers: [
      ['id', 'x'],
      ['none', null],
    ],
    offset: 7,
    timestamp: 9,
  });

const told = (store: RecordStore, slot: number): unknown => {
  const r = store.record(slot);
  if (r === undefined) return undefined;
  const { key, value, offset, timestamp, truncated } = r;
  return { key, value, offset, timestamp, truncated, headers: r.headers(), note: store.note(slot) };
};

describe('what is kept', () => {
  test.each([
    ['a small record', word(5), 'note'],
    [
      'one without key, note or headers',
      inRecord({ key: null, value: 'a', headers: [], offset: 1, timestamp: -1 }),
      null,
    ],
    [
      'a tombstone with an empty key',
      inRecord({ key: '', value: null, headers: [], offset: 2, timestamp: 3 }),
      'n',
    ],
    ['one larger than a chunk', word(200_000), 'note'],
  ])('is given back as it was: %s', (_, record, note) => {
    const { store, slots } = setup();
    store.put(slots[0], word(10), null);
    store.put(slots[1], record, note === null ? null : Buffer.from(note));
    const { key, value, offset, timestamp, truncated } = record;
    expect(told(store, slots[1])).toEqual({
      ...{ key, value, offset, timestamp, truncated },
      headers: record.headers(),
      note: note === null ? undefined : Buffer.from(note),
    });
  });

  test('a view stays true when its slot has something else, or nothing', () => {
    const { store, slots } = setup();
    store.put(slots[0], word(3), null);
    const view = store.record(slots[0]);
    store.put(slots[0], word(4), null);
    store.drop(slots[0]);
    store.put(slots[1], word(9), null);
    expect(String(view?.value)).toBe('vvv');
  });
});

test('any mix of steps gives back what was put last, and the memory of what was dropped', () => {
  const step = fc.tuple(fc.nat(39), fc.constantFrom(0, 10, 1_000, 30_000, 70_000), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { store, slots, budget } = setup();
      const model = new Map<number, number>();
      steps.forEach(([n, bytes, drop]) => {
        if (drop) {
          store.drop(slots[n]);
          model.delete(n);
        } else {
          store.put(slots[n], word(bytes), Buffer.from(String(n)));
          model.set(n, bytes);
        }
      });
      let bytes = 0;
      slots.forEach((slot, n) => {
        expect(store.record(slot)?.value?.length).toBe(model.get(n));
        expect(store.note(slot)?.toString()).toBe(model.has(n) ? String(n) : undefined);
        bytes += store.sizeOf(slot);
      });
      expect(store.bytes).toBe(bytes);
      // Sparse chunks are emptied, so at most four times what is in use, and the chunk being filled with the one before it.
      expect(budget.used).toBeLessThanOrEqual(bytes * 4 + 3 * 64 * 1024);
      for (const slot of slots) store.drop(slot);
      expect([store.bytes, budget.used]).toEqual([0, 0]);
    }),
    { numRuns: 200 },
  );
});

test('a share that is closed gives back what it had, once', () => {
  const { store, slots, share, budget } = setup(100_000);
  for (const slot of slots) store.put(slot, word(5_000), null);
  expect([share.over, budget.used > 100_000]).toEqual([true, true]);
  share.close();
  store.drop(slots[0]);
  store.put(slots[1], word(70_000), null);
  expect([share.over, budget.used]).toEqual([false, 0]);
});
