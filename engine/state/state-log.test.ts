import { describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import type { Attempt } from '../policy/attempt.ts';
import { LaneRebuild } from '../restore/rebuild.ts';
import { AHEAD } from './entries.ts';
import type { TaskState } from './state.ts';
import {
  commit,
  done,
  failing,
  header,
  insideOf,
  newState,
  offered,
  out,
  topics,
  word,
} from './state.fixture.ts';

const rebuildOf = (s: TaskState): LaneRebuild =>
  new LaneRebuild(insideOf(s).outstanding, s.context.memory, s.position);

describe('the state of a task and its retry log', () => {
  test('values past the bound are let go once written, and fetched before the record runs', () => {
    const s = newState({ valueBytes: 0 });
    s.resolve(offered(s, 0, 'k'), failing('retry'), 10);
    const plan = s.endSlice();
    expect(s.figures.cachedBytes).toBeGreaterThan(0);
    commit(s, plan, 40);
    expect(s.figures.cachedBytes).toBe(0);
    expect(s.nextAttempt(200)).toBeUndefined();
    const [wanted] = s.wanted();
    expect(wanted.offset).toBe(40);
    expect(s.wanted()).toEqual([]);
    s.supply(wanted.slot, wanted.incarnation, word(40, 'k', 'id-0'), 200);
    expect(s.nextAttempt(200)?.origin).toBe(0);
  });

  test('a follower that was fetched ahead is not let go while it is being written', () => {
    const s = newState({ valueBytes: 0 });
    s.resolve(offered(s, 0, 'k'), failing('retry'), 10);
    s.offer(word(1, 'k', 'id-1'));
    commit(s, s.endSlice(), 40);
    expect(s.nextAttempt(200)).toBeUndefined();
    const wanted = s.wanted();
    expect(wanted.map((w) => w.offset)).toEqual([40, 41]);
    wanted.forEach((w, i) => s.supply(w.slot, w.incarnation, word(w.offset, 'k', `id-${i}`), 200));
    const head = s.nextAttempt(200) as Attempt;
    const follower = wanted[1].slot;
    const { outstanding } = insideOf(s);
    outstanding.markDirty(follower);
    s.resolve(head, failing('retry'), 200);
    expect(outstanding.cache.has(follower)).toBe(true);
    // Not counted among what runs soon: enough of that holds back all fetches.
    expect(outstanding.lanes.entries.has(follower, AHEAD)).toBe(false);
    expect(out(s.endSlice(), topics.retry)).toHaveLength(2);
  });

  test('the next followers of a long lane are fetched while half of the last ones still wait', () => {
    const s = newState({ valueBytes: 0, laneMaxEntries: 800 });
    s.resolve(offered(s, 0, 'k'), failing('retry'), 10);
    for (let i = 1; i < 800; i++) s.offer(word(i, 'k'));
    commit(s, s.endSlice(), 1_000);
    const supplied = (): number[] => {
      const wanted = s.wanted();
      for (const w of wanted)
        s.supply(w.slot, w.incarnation, word(w.offset, 'k', `id-${w.offset - 1_000}`), 200);
      return wanted.map((w) => w.offset - 1_000);
    };
    const run = (): number => {
      const a = s.nextAttempt(200) as Attempt;
      s.resolve(a, done(a), 200);
      return a.origin;
    };
    const range = (from: number, to: number): number[] =>
      Array.from({ length: to - from }, (_, i) => from + i);
    expect(s.nextAttempt(200)).toBeUndefined();
    expect(supplied()).toEqual(range(0, 256));
    expect(range(0, 127).map(run)).toEqual(range(0, 127));
    expect(s.wanted()).toEqual([]);
    run();
    expect(supplied()).toEqual(range(256, 512));
    // Nothing is missing from here to the end.
    const rest: number[] = [];
    while (s.figures.records > 0) {
      rest.push(run());
      supplied();
    }
    expect(rest).toEqual(range(128, 800));
  });

  test('the task is full at its bound, and no longer once one has ended', () => {
    const s = newState();
    const slow = Array.from({ length: 5 }, (_, i) => offered(s, i, `k${i}`));
    slow.forEach((a) => s.enterRunning(a));
    expect(s.full).toBe(true);
    s.resolve(slow[0], done(slow[0]), 10);
    expect(s.full).toBe(false);
  });

  test('the start of the retry log is cut behind what has ended, and old live entries are rewritten', () => {
    const s = newState();
    s.resolve(offered(s, 0, 'old'), failing('retry'), 1e6);
    commit(s, s.endSlice(), 0);
    for (let i = 1; i <= 4; i++) {
      const a = offered(s, i, 'k');
      s.enterRunning(a);
      commit(s, s.endSlice(), i * 2 - 1);
      s.resolve(a, done(a), 10);
      if (i < 4) commit(s, s.endSlice(), i * 2);
    }
    // The log is 8 long with one entry live: past 4 × 1 + 3.
    const plan = s.endSlice();
    expect(out(plan, topics.retry).map((r) => header(r, H.origin))).toEqual(['0', undefined]);
    expect(plan?.trimTo).toBe(-1);
    commit(s, plan, 8);
    s.advance(9n);
    expect(s.endSlice()?.trimTo).toBe(8);
  });

  test('a rebuilt state goes on where the committed log ends', () => {
    const s = newState();
    const log: OutRecord[] = [];
    const flush = (): void => {
      const plan = s.endSlice();
      const from = log.length;
      log.push(...out(plan, topics.retry));
      commit(s, plan, from);
    };
    s.resolve(offered(s, 0, 'k'), failing('retry'), 10);
    s.offer(word(1, 'k'));
    s.resolve(offered(s, 2, 'gone'), failing('retry'), 10);
    flush();
    const k = s.nextAttempt(110) as Attempt;
    const gone = s.nextAttempt(110) as Attempt;
    s.resolve(k, failing('retry'), 110);
    s.resolve(gone, done(gone), 110);
    flush();

    const again = newState();
    const rebuild = rebuildOf(again);
    log.forEach((r, offset) =>
      rebuild.visit(
        inRecord({
          key: r.key,
          value: r.value as Buffer,
          headers: r.headers.map(([n, v]): [string, Buffer | string | null] => [n, v]),
          offset,
          timestamp: 9,
        }),
      ),
    );
    rebuild.finish(110, 1_000);
    expect(Array.from(again.figures.places(), ({ origin }) => origin)).toEqual([0, 1]);
    expect(again.nextAttempt(309)).toBeUndefined();
    const head = again.nextAttempt(310) as Attempt;
    expect([head.origin, head.attempt]).toEqual([0, 3]);
    again.offer(word(9, 'k', 'id-1'));
    again.advance(10n);
    expect(again.endSlice()?.tally).toMatchObject({ duplicates: 1, queued: 0 });
  });

  test('an old entry is not rewritten again before its rewrite is committed', () => {
    const s = newState();
    s.resolve(offered(s, 0, 'old'), failing('retry'), 1e6);
    commit(s, s.endSlice(), 0);
    insideOf(s).outstanding.log.end = 100;
    expect(out(s.endSlice(), topics.retry)).toHaveLength(1);
    s.advance(1n);
    expect(out(s.endSlice(), topics.retry)).toEqual([]);
  });

  test('what waits in memory does not pin the response it came with', () => {
    const s = newState();
    const record = word(0, 'k');
    s.enterRunning(s.offer(record) as Attempt);
    record.buffer.fill(0);
    expect(out(s.endSlice(), topics.retry)[0].value?.toString()).toBe('word-0');
  });

  test('a time to come is never further away than the longest back-off', () => {
    const s = newState();
    const rebuild = rebuildOf(s);
    const headers: [string, string][] = [
      [H.origin, '3'],
      [H.dueAt, '99999999'],
      [H.firstFailedAt, '1'],
    ];
    rebuild.visit(inRecord({ key: 'k', value: 'v', headers, offset: 0, timestamp: 0 }));
    rebuild.finish(10, 1_000);
    expect(s.figures.dueAt).toBe(1_010);
  });
});
