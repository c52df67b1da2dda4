import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Life, State } from '../../../producer/view/life.ts';
import type { Batch, ViewStore } from '../../../producer/view/store.ts';

import { lifeFor as lifeOf, writeWhole } from './lives.ts';

export { lifeFor as lifeOf, writeWhole } from './lives.ts';
export { later, SEES_ALL } from './viewers.ts';

const batch = (more: Partial<Batch> = {}): Batch => ({ lives: [], ends: [], positions: [], ...more });
const position = (role: 'words' | 'results', offset: number, more = {}) => ({
  ...{ role, partition: 0, offset, from: 0, committed: -1, since: 0 },
  ...more,
});
const NO_LIMIT = { now: 1e6, before: 0, maxRows: Infinity, maxBytes: Infinity };

/** What every store of the view must do; `open` opens the same store again after it was closed. */
export const storeSuite = (name: string, open: () => ViewStore, forget: () => void): void => {
  describe(`a store of the view: ${name}`, () => {
    let store: ViewStore;
    beforeEach(() => {
      store = open();
      store.reset('s');
    });
    afterEach(() => {
      store.close();
      forget();
    });
    const again = (): void => {
      store.close();
      store = open();
    };

    test('finds what an idempotency key of an owner stands for, and not that of another', () => {
      const claimed = (origin: number, owner: string, claim: string): Life =>
        lifeOf(origin, { owner, claim });
      writeWhole(
        store,
        batch({
          lives: [claimed(1, 'a', 'k'), claimed(2, 'b', 'k'), claimed(3, 'a', ''), claimed(4, 'a', 'k')],
        }),
      );
      expect(store.byClaim('a', 'k').map((l) => l.origin)).toEqual([1, 4]);
      expect([store.byClaim('', 'k'), store.byClaim('a', ''), store.byClaim('a', 'x')]).toEqual([[], [], []]);
      writeWhole(store, batch({ lives: [claimed(1, 'a', '')] }));
      expect(store.byClaim('a', 'k').map((l) => l.origin)).toEqual([4]);
      // Its word may be read after its verdict.
      writeWhole(store, batch({ lives: [claimed(3, 'a', 'late')] }));
      expect(store.byClaim('a', 'late').map((l) => l.origin)).toEqual([3]);
    });

    test('a batch goes in a little at a time', () => {
      const write = store.begin(
        batch({ lives: [1, 2, 3].map((i) => lifeOf(i)), positions: [position('words', 4)] }),
      );
      expect([write.some(2), store.positions(), write.some(2), store.positions()[0]?.offset]).toEqual([
        ...['more', [], 'done', 4],
      ]);
      again();
      expect([1, 2, 3].map((i) => store.life(0, i)?.origin)).toEqual([1, 2, 3]);
    });

    test('keeps lives, verdicts, positions and its system over a restart', () => {
      const life = lifeOf(2 ** 33, { partition: 11, key: 'ü\u{1f600}' });
      const at = { role: 'retry', partition: 11, offset: 7, from: 3, committed: -1, since: 5 } as const;
      writeWhole(
        store,
        batch({ lives: [life], ends: [{ partition: 11, offset: 4, origin: 2 ** 33 }], positions: [at] }),
      );
      again();
      expect(store.system()).toBe('s');
      expect(store.positions()).toEqual([at]);
      expect(store.life(11, 2 ** 33)).toEqual(life);
      expect(store.life(10, 2 ** 33)).toBeUndefined();
      expect(store.ends(11, 0, 5, 10)).toEqual([{ offset: 4, life }]);
      expect(store.size().rows).toBe(1);
    });

    test('a batch that fails leaves nothing behind', () => {
      const bad = { ...lifeOf(2), id: undefined as unknown as string };
      expect(() =>
        writeWhole(store, batch({ lives: [lifeOf(1), bad], positions: [position('words', 9)] })),
      ).toThrow();
      expect([store.life(0, 1), store.positions(), store.size().rows]).toEqual([undefined, [], 0]);
      writeWhole(store, batch({ lives: [lifeOf(1)] }));
      expect(store.life(0, 1)).toBeDefined();
    });

    test('a life is replaced, not doubled', () => {
      writeWhole(store, batch({ lives: [lifeOf(1, { state: 'accepted', id: '' })] }));
      writeWhole(store, batch({ lives: [lifeOf(1, { id: 'x' })] }));
      expect([store.byId(''), store.byId('x').length, store.size().rows]).toEqual([[], 1, 1]);
    });

    test('finds by id in all partitions, and by key from the newest down', () => {
      const lives = [
        lifeOf(1, { id: 'a' }),
        lifeOf(2),
        lifeOf(3, { id: 'a', partition: 1 }),
        lifeOf(4, { key: 'l' }),
      ];
      writeWhole(store, batch({ lives }));
      expect(store.byId('a').map((l) => [l.partition, l.origin])).toEqual([
        [0, 1],
        [1, 3],
      ]);
      expect(store.byKey('k', 2 ** 50, 2).map((l) => l.origin)).toEqual([3, 2]);
      expect(store.byKey('k', 2, 5).map((l) => l.origin)).toEqual([1]);
      expect(store.byKey('nothing', 2 ** 50, 5)).toEqual([]);
    });

    test('who is ahead: those of the key that are in its lane', () => {
      const states: State[] = ['verdict', 'accepted', 'parked', 'unknown', 'retrying', 'queued'];
      writeWhole(
        store,
        batch({ lives: [...states.map((state, i) => lifeOf(i, { state })), lifeOf(9, { partition: 1 })] }),
      );
      writeWhole(store, batch({ lives: [lifeOf(3, { key: 'other', state: 'queued' })] }));
      expect(store.ahead(0, 'k', 5)).toMatchObject({ first: { origin: 2 }, count: 2 });
      expect(store.ahead(0, 'k', 2)).toEqual({ first: undefined, count: 0 });
      expect(store.inLanes(0).map((l) => l.origin)).toEqual([2, 3, 4, 5]);
    });

    test('the lane of a key, in order, and what waits by state', () => {
      const states: State[] = ['verdict', 'parked', 'queued', 'queued', 'accepted'];
      writeWhole(store, batch({ lives: states.map((state, i) => lifeOf(i, { state })) }));
      writeWhole(store, batch({ lives: [lifeOf(9, { key: 'other', state: 'retrying' })] }));
      const lane = store.lane(0, 'k', 2);
      expect([lane.size, lane.first.map((l) => l.origin)]).toEqual([3, [1, 2]]);
      const { counts, some } = store.waiting(3);
      expect([...counts].sort()).toEqual([
        ['parked', 1],
        ['queued', 2],
        ['retrying', 1],
      ]);
      expect(some).toHaveLength(3);
    });

    const waited = (at: number): Life['steps'] => [
      { what: 'queued', at, topic: 'retry', offset: at, redrive: 0 },
    ];

    test('those that have left the lane of a key since, the last first', () => {
      writeWhole(
        store,
        batch({
          lives: [
            ...[1, 2, 3, 4].map((i) => lifeOf(i, { changedAt: 60 - i * 10, steps: waited(i) })),
            // Never in a lane; in it still; of another key, and of another partition.
            lifeOf(5, { changedAt: 90 }),
            lifeOf(6, { changedAt: 90, steps: waited(6), state: 'queued' }),
            lifeOf(7, { changedAt: 90, steps: waited(7), key: 'other' }),
            lifeOf(8, { changedAt: 90, steps: waited(8), partition: 1 }),
            // What is not known from its beginning may have been.
            lifeOf(9, { changedAt: 45, submittedAt: -1 }),
          ],
        }),
      );
      const left = (after: number, limit = 9): number[] =>
        store.left(0, 'k', after, limit).map((l) => l.origin);
      expect([left(35), left(0, 2), left(50)]).toEqual([[1, 9, 2], [1, 9], []]);
      writeWhole(
        store,
        batch({ lives: [lifeOf(1, { changedAt: 60, steps: waited(1), state: 'redriven' })] }),
      );
      expect(left(35)).toEqual([9, 2]);
    });

    test('says from when on lanes are known: what it let go has left them before', () => {
      const lives = [
        lifeOf(0, { changedAt: 10, steps: waited(5) }),
        lifeOf(1, { changedAt: 20 }),
        lifeOf(2, { changedAt: 30, steps: waited(5) }),
      ];
      writeWhole(store, batch({ lives, positions: [position('words', 4), position('results', 14)] }));
      const since = (): number[] => store.positions().map((p) => p.since);
      while (store.trim({ ...NO_LIMIT, before: 25 }));
      expect(since()).toEqual([0, 10]);
      // An older position takes nothing of it back.
      writeWhole(store, batch({ positions: [position('words', 5)] }));
      expect(since()).toEqual([0, 10]);
      while (store.trim({ ...NO_LIMIT, before: 35 }));
      expect(since()).toEqual([0, 30]);
      // What is in its lane and was let go is lacked from now on.
      writeWhole(store, batch({ lives: [lifeOf(3, { state: 'queued' })] }));
      while (store.trim({ ...NO_LIMIT, maxRows: 0 }));
      expect(since()).toEqual([0, NO_LIMIT.now]);
    });

    test('a time of a writer that has not come yet does not put off from when on lanes are known', () => {
      const lives = [lifeOf(0, { changedAt: 2 ** 53 - 1, steps: waited(5) })];
      writeWhole(store, batch({ lives, positions: [position('words', 1)] }));
      while (store.trim({ ...NO_LIMIT, maxRows: 0 }));
      expect([store.size().rows, store.positions()[0].since]).toEqual([0, NO_LIMIT.now]);
    });

    test('pages of verdicts, in order, with those whose life is gone', () => {
      const ends = [0, 1, 2, 3].map((i) => ({ partition: 0, offset: i * 2, origin: i }));
      writeWhole(store, batch({ lives: [lifeOf(0), lifeOf(2), lifeOf(3)], ends }));
      expect(store.ends(0, 1, 6, 10).map((e) => [e.offset, e.life?.origin])).toEqual([
        [2, undefined],
        [4, 2],
      ]);
      expect(store.ends(0, 0, 9, 1)).toHaveLength(1);
      expect(store.ends(1, 0, 9, 1)).toEqual([]);
    });

    test('lets go what is decided and old, and says from where it is whole', () => {
      const lives = [0, 1, 2, 3].map((i) =>
        lifeOf(i, { changedAt: i * 10, ...(i === 1 ? { state: 'parked' } : {}) }),
      );
      const ends = [0, 2, 3].map((i) => ({ partition: 0, offset: i + 10, origin: i }));
      writeWhole(store, batch({ lives, ends, positions: [position('words', 4), position('results', 14)] }));
      while (store.trim({ ...NO_LIMIT, before: 25 }));
      expect([0, 1, 2, 3].filter((i) => store.life(0, i) !== undefined)).toEqual([1, 3]);
      expect(store.positions().map((p) => [p.role, p.from])).toEqual([
        ['results', 13],
        ['words', 1],
      ]);
      expect(store.ends(0, 0, 99, 9).map((e) => e.offset)).toEqual([13]);
      expect(store.size().rows).toBe(2);
    });

    test('what no processor has come to stays however old; a copy that was dropped does not', () => {
      const lives = [0, 1].map((i) => lifeOf(i, { state: 'accepted' }));
      writeWhole(store, batch({ lives, positions: [position('words', 2, { committed: 1 })] }));
      while (store.trim({ ...NO_LIMIT, before: 1_000 }));
      expect(store.life(0, 0)).toBeUndefined();
      expect(store.life(0, 1)).toBeDefined();
    });

    test('undecided words before it hold up no decided one', () => {
      const waiting = Array.from({ length: 2_000 }, (_, i) => lifeOf(i, { state: 'parked', changedAt: 0 }));
      writeWhole(
        store,
        batch({
          lives: [...waiting, lifeOf(2_000, { changedAt: 0 })],
          positions: [position('words', 2_001)],
        }),
      );
      const bounds = { ...NO_LIMIT, before: 1_000 };
      while (store.trim(bounds));
      expect(store.size().rows).toBe(2_000);
    });

    test('stays within its rows and bytes; the oldest go first, whatever their state and partition', () => {
      const lives = Array.from({ length: 3_000 }, (_, i) =>
        lifeOf(i, { partition: i % 3, changedAt: i, state: 'parked', id: `id-${i}-${'x'.repeat(500)}` }),
      );
      const positions = [0, 1, 2].map((partition) => position('words', 3_000, { partition }));
      writeWhole(store, batch({ lives, positions }));
      while (store.trim({ ...NO_LIMIT, maxRows: 2_000 }));
      expect(store.size().rows).toBeLessThanOrEqual(2_000);
      expect(store.size().rows).toBeGreaterThan(1_000);
      expect(store.size().dropped).toBe(3_000 - store.size().rows);
      const first = lives.findIndex((l) => store.life(l.partition, l.origin) !== undefined);
      expect(lives.slice(first + 600).filter((l) => store.life(l.partition, l.origin) === undefined)).toEqual(
        [],
      );
      const { bytes } = store.size();
      while (store.trim({ ...NO_LIMIT, maxBytes: bytes / 2 }));
      expect(store.size().bytes).toBeLessThanOrEqual(bytes / 2);
      expect(store.life(2, 2_999)).toBeDefined();
    });
  });
};
