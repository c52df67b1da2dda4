import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lifeFor as lifeOf } from '@verdikt/test/support/producer/lives.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { createHeldStore } from './held.ts';
import { createKeeper } from './keeper.ts';
import { openSqliteFile } from './sqlite-file.ts';
import { createSqliteStore } from './sqlite-store.ts';
import type { Position, ViewStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdikt-keeper-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const LIMITS = { windowMs: 1_000, maxRows: 1e6, maxBytes: 1e9 };

/** A keeper whose slices run when told, over a store in a file. */
const setUp = (room = () => true) => {
  const path = join(folder, `${files++}.sqlite`);
  const file = openSqliteFile(path);
  const store = createSqliteStore(file);
  store.reset('s');
  const { begin } = store;
  const atOnce: number[] = [];
  store.begin = (batch) => {
    const write = begin(batch);
    return {
      some: (rows) => {
        atOnce.push(rows);
        if (room()) return write.some(rows);
        // As SQLite does it.
        if (file.db.isTransaction) file.db.exec('ROLLBACK');
        return 'full';
      },
    };
  };
  const held = createHeldStore(store);
  const slices: (() => void)[] = [];
  let read = 0;
  const at = (): Position[] => [
    { role: 'words', partition: 0, offset: read, from: 0, committed: -1, since: 0 },
  ];
  const clock = manualClock();
  const keeper = createKeeper({
    ...{ held, store, clock, bounds: LIMITS, positions: at, trimmed: () => undefined },
    later: (then) => void slices.push(then),
  });
  /** So many words come, which are undecided or not. */
  const come = (words: number, changedAt = clock.now()): void => {
    for (let i = 0; i < words; i++) held.put(lifeOf(read++, { changedAt }));
    keeper.changed(words);
  };
  const slice = (): boolean => {
    const next = slices.shift();
    next?.();
    return next !== undefined;
  };
  return { ...{ path, store, held, keeper, clock, come, slice, atOnce }, read: () => read };
};

/** What another process would find, were this one killed now. */
const found = (path: string, look: (s: ViewStore) => void): void => {
  const file = openSqliteFile(path);
  look(createSqliteStore(file));
  file.db.close();
};

test('what is full is written a little at a time, and is seen all the while', () => {
  const { held, keeper, come, slice, path } = setUp();
  come(500);
  let slices = 0;
  for (; slice(); slices++) {
    come(1);
    expect([held.life(0, 0)?.origin, held.withId('id-499').length, held.life(0, 500)?.origin]).toEqual([
      0, 1, 500,
    ]);
  }
  expect(slices).toBeGreaterThan(20);
  found(path, (s) => {
    expect(s.positions()[0]?.offset).toBe(500);
    expect([s.life(0, 499)?.origin, s.life(0, 500)]).toEqual([499, undefined]);
  });
  keeper.close();
});

test('where words leave no time between them, they are written as they come, and never many at once', () => {
  const { store, keeper, come, atOnce } = setUp();
  for (let i = 0; i < 300; i++) come(10);
  expect(store.size().rows).toBeGreaterThan(2_500);
  expect(Math.max(...atOnce)).toBeLessThan(50);
  keeper.close();
});

test('a word that changes while it is written is written again', () => {
  const { held, keeper, clock, come, slice, store } = setUp();
  come(500);
  slice();
  held.put(lifeOf(3, { version: 2, changedAt: clock.now() }));
  while (slice());
  expect([store.life(0, 3)?.version, held.life(0, 3)?.version]).toEqual([1, 2]);
  keeper.tick();
  while (slice());
  expect(store.life(0, 3)?.version).toBe(2);
  keeper.close();
});

test('what is past its time goes a little at a time, never in the middle of a write', () => {
  const { store, keeper, clock, come, slice } = setUp();
  come(2_000);
  while (slice());
  expect(store.size().rows).toBe(2_000);
  clock.advance(LIMITS.windowMs + 1);
  come(300);
  keeper.tick();
  const sizes: number[] = [];
  while (slice()) sizes.push(store.size().rows);
  expect(Math.max(...sizes)).toBe(2_300);
  expect(sizes.at(-1)).toBe(300);
  expect(Math.max(...sizes.map((n, i) => (sizes[i - 1] ?? n) - n))).toBeLessThanOrEqual(200);
  keeper.close();
});

test('without room it holds on to all, lets go what may go, and writes once there is room', () => {
  let room = true;
  const { store, keeper, clock, come, slice, held } = setUp(() => room);
  come(500);
  while (slice());
  clock.advance(LIMITS.windowMs + 1);
  room = false;
  come(100);
  keeper.tick();
  while (slice());
  expect([keeper.full(), store.size().rows, held.life(0, 599)?.origin]).toEqual([true, 0, 599]);
  room = true;
  keeper.tick();
  slice();
  // A part of it says nothing of the rest.
  expect(keeper.full()).toBe(true);
  while (slice());
  expect([keeper.full(), store.size().rows]).toEqual([false, 100]);
  keeper.close();
});

test('whenever it is killed, all words before the position in the store are in it', () => {
  const step = fc.oneof(
    fc.record({ words: fc.nat(600) }),
    fc.record({ slices: fc.nat(40) }),
    fc.constantFrom('tick' as const, 'flush' as const, 'room' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let room = true;
      const s = setUp(() => room);
      for (const what of steps) {
        if (what === 'tick') s.keeper.tick();
        else if (what === 'room') room = !room;
        else if (what === 'flush') {
          if (s.keeper.flush()) expect(s.store.positions()[0]?.offset ?? 0).toBe(s.read());
        } else if ('words' in what) s.come(what.words);
        else for (let i = 0; i < what.slices; i++) s.slice();
        found(s.path, (killed) => {
          const offset = killed.positions()[0]?.offset ?? 0;
          expect(killed.size().rows).toBe(offset);
          if (offset > 0) expect(killed.life(0, offset - 1)?.origin).toBe(offset - 1);
        });
        for (let i = 0; i < s.read(); i += 97) expect(s.held.life(0, i)?.origin).toBe(i);
      }
      room = true;
      s.keeper.close();
    }),
    { numRuns: 60 },
  );
});
