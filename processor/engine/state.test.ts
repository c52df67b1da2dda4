import { describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/headers.ts';
import type { OutRecord } from '@verdikt/core/record.ts';
import { topicNames } from '@verdikt/core/topics.ts';
import type { Outcome } from '../outcome.ts';
import { DeadLetterLimit } from '../policy/dead-letter-limit.ts';
import { inRecord } from '../testing/records.ts';
import type { Attempt, Judged } from './attempt.ts';
import { createPolicies } from './make-policy.ts';
import type { SlicePlan } from './plan.ts';
import { LaneRebuild } from './rebuild.ts';
import { TaskState } from './state.ts';

const topics = topicNames('', 'g');
const bounds = {
  dedup: true,
  dedupWindowMs: 60_000,
  dedupMaxIds: 100,
  laneMaxEntries: 5,
  laneValueMaxBytes: 1_000,
  compactionFactor: 4,
  compactionSlack: 3,
  compactionMaxRecords: 2,
  trimAfter: 1,
  deadLetterMax: 2,
  waitMs: 50,
};

const newState = (over: Partial<typeof bounds> = {}): TaskState => {
  const limit = { max: 2, windowMs: 1_000, backOffMs: 500, maxBackOffMs: 5_000 };
  const policies = createPolicies({
    topics,
    bounds: { ...bounds, ...over },
    retry: { maxAttempts: 3, baseMs: 100, multiplier: 2, maxMs: 1_000, jitter: 'none' },
    encodeVerdict: (v) => JSON.stringify(v),
    newLimit: (now, written) => new DeadLetterLimit(limit, now, written),
    random: () => 0.5,
  });
  const policy = policies(0);
  return new TaskState(policy, policy.newLimit(0, []), 0, 0);
};

const word = (offset: number, key: string | null, id = `id-${offset}`) =>
  inRecord({ key, value: `word-${offset}`, headers: [[H.id, id]], offset, timestamp: 7 });
const done = (a: Attempt): Judged => ({
  kind: 'done',
  results: [],
  word: a.record.value?.toString() ?? '',
  submittedAt: 5,
});
const failing = (kind: 'retry' | 'reject'): Judged =>
  ({
    kind,
    reason: 'why',
    detail: 'because',
    stage: 'http',
    passed: [],
    word: '',
    submittedAt: 5,
  }) as Outcome & Judged;
const offered = (s: TaskState, offset: number, key: string | null, id?: string): Attempt => {
  const a = s.offer(word(offset, key, id));
  if (a === undefined) throw new Error('expected an attempt');
  return a;
};
const out = (plan: SlicePlan | undefined, topic: string): readonly OutRecord[] =>
  plan?.outputs.find((o) => o.topic === topic)?.records ?? [];
const header = (r: OutRecord, name: string): string | undefined =>
  r.headers
    .filter(([n]) => n === name)
    .map(([, v]) => v?.toString())
    .at(0);
/** Commits with offsets from `from` on, as a log without gaps. */
const commit = (s: TaskState, plan: SlicePlan | undefined, from: number): void => {
  if (plan !== undefined)
    s.committed(plan, { offsets: plan.outputs.map((o) => o.records.map((_, i) => from + i)) });
};

describe('the state of a task', () => {
  test('a record that is decided at once touches no lane', () => {
    const s = newState();
    const a = offered(s, 0, 'k');
    s.resolve(a, done(a), 10);
    s.advance(1n);
    const plan = s.endSlice();
    expect(plan?.nextOffset).toBe(1n);
    expect(plan?.outputs.map((o) => o.topic)).toEqual([topics.results]);
    expect(header(out(plan, topics.results)[0], H.origin)).toBe('0');
    expect(s.lanes.size).toBe(0);
    expect(s.endSlice()).toBeUndefined();
  });

  test('a retry and all that follows it of the same key go to the retry topic; other keys go on', () => {
    const s = newState();
    s.resolve(offered(s, 0, 'k'), failing('retry'), 10);
    expect(s.offer(word(1, 'k'))).toBeUndefined();
    const other = offered(s, 2, 'other');
    s.resolve(other, done(other), 10);
    const plan = s.endSlice();
    const retry = out(plan, topics.retry);
    expect(retry.map((r) => [header(r, H.origin), header(r, H.attempt), header(r, H.dueAt)])).toEqual([
      ['0', '2', '110'],
      ['1', '1', '0'],
    ]);
    expect(out(plan, topics.results)).toHaveLength(1);
  });

  test('the head runs when due, its followers right after it, and a completion ends both', () => {
    const s = newState();
    s.resolve(offered(s, 0, 'k'), failing('retry'), 10);
    s.offer(word(1, 'k'));
    commit(s, s.endSlice(), 0);
    expect(s.nextAttempt(109)).toBeUndefined();
    const head = s.nextAttempt(110) as Attempt;
    expect([head.origin, head.attempt]).toEqual([0, 2]);
    expect(s.nextAttempt(110)).toBeUndefined();
    s.resolve(head, done(head), 110);
    const follower = s.nextAttempt(110) as Attempt;
    expect([follower.origin, follower.attempt]).toEqual([1, 1]);
    s.resolve(follower, done(follower), 111);
    const plan = s.endSlice();
    expect(out(plan, topics.results).map((r) => header(r, H.origin))).toEqual(['0', '1']);
    expect(out(plan, topics.retry).map((r) => r.key)).toEqual([null]);
    expect(s.lanes.size).toBe(0);
  });

  test('the last attempt ends in a dead letter, then the key goes on', () => {
    const s = newState();
    s.resolve(offered(s, 0, 'k'), failing('retry'), 0);
    s.offer(word(1, 'k'));
    s.resolve(s.nextAttempt(1_000) as Attempt, failing('retry'), 1_000);
    s.resolve(s.nextAttempt(2_000) as Attempt, failing('retry'), 2_000);
    const next = s.nextAttempt(2_000) as Attempt;
    expect(next.origin).toBe(1);
    s.resolve(next, done(next), 2_000);
    const plan = s.endSlice();
    const [letter] = out(plan, topics.deadLetters);
    expect([header(letter, H.attempts), header(letter, H.reason), header(letter, H.originalOffset)]).toEqual([
      '3',
      'why',
      '0',
    ]);
    // Nothing of it was ever written to the retry topic, so nothing needs to be completed there.
    expect(out(plan, topics.retry)).toEqual([]);
  });

  test('an id that is decided or outstanding is dropped, under another key it is another record', () => {
    const s = newState();
    const a = offered(s, 0, 'k', 'same');
    s.resolve(a, done(a), 10);
    expect(s.offer(word(1, 'k', 'same'))).toBeUndefined();
    expect(offered(s, 2, 'other', 'same').origin).toBe(2);
    s.resolve(offered(s, 3, 'p', 'slow'), failing('retry'), 10);
    expect(s.offer(word(4, 'p', 'slow'))).toBeUndefined();
    s.advance(5n);
    const plan = s.endSlice();
    expect(plan?.tally.duplicates).toBe(2);
    expect(out(plan, topics.retry).map((r) => header(r, H.origin))).toEqual(['3']);
  });

  test('records without key wait for nobody', () => {
    const s = newState();
    s.resolve(offered(s, 0, null), failing('retry'), 10);
    expect(offered(s, 1, null).origin).toBe(1);
  });

  test('what still runs at the end of the slice is written as it is, and completed later', () => {
    const s = newState();
    const slow = offered(s, 0, 'k');
    s.park(slow);
    expect(s.offer(word(1, 'k'))).toBeUndefined();
    const plan = s.endSlice();
    expect(out(plan, topics.retry).map((r) => [header(r, H.origin), header(r, H.attempt)])).toEqual([
      ['0', '1'],
      ['1', '1'],
    ]);
    expect(s.nextAttempt(1e9)).toBeUndefined();
    commit(s, plan, 0);
    s.resolve(slow, done(slow), 20);
    expect(out(s.endSlice(), topics.retry)).toHaveLength(1);
  });

  test('what ends within its slice was never in the retry topic', () => {
    const s = newState();
    const slow = offered(s, 0, 'k');
    s.park(slow);
    s.resolve(slow, done(slow), 20);
    const plan = s.endSlice();
    expect(plan?.outputs.map((o) => o.topic)).toEqual([topics.results]);
  });

  test('an attempt that could not be made does not count', () => {
    const s = newState();
    const a = offered(s, 0, 'k');
    s.resolve(a, { kind: 'wait', reason: 'schema-unavailable', detail: '', stage: 'decode', passed: [] }, 10);
    const again = s.nextAttempt(60) as Attempt;
    expect(again.attempt).toBe(1);
  });

  test('a dead letter over the limit is held: not written, its record waits with the same attempt', () => {
    const s = newState();
    for (let i = 0; i < 3; i++) s.resolve(offered(s, i, `k${i}`), failing('reject'), 10);
    const plan = s.endSlice();
    expect(out(plan, topics.deadLetters)).toHaveLength(2);
    expect(plan?.tally.held).toBe(1);
    expect(out(plan, topics.retry).map((r) => [header(r, H.origin), header(r, H.attempt)])).toEqual([
      ['2', '1'],
    ]);
  });

  test('values past the bound are let go once written, and fetched before the record runs', () => {
    const s = newState({ laneValueMaxBytes: 0 });
    s.resolve(offered(s, 0, 'k'), failing('retry'), 10);
    const plan = s.endSlice();
    expect(s.heldBytes).toBeGreaterThan(0);
    commit(s, plan, 40);
    expect(s.heldBytes).toBe(0);
    expect(s.nextAttempt(200)).toBeUndefined();
    const [wanted] = s.wanted();
    expect(wanted.offset).toBe(40);
    expect(s.wanted()).toEqual([]);
    s.supply(wanted.slot, wanted.incarnation, word(40, 'k', 'id-0'), 200);
    expect(s.nextAttempt(200)?.origin).toBe(0);
  });

  test('the task is full at its bound, and no longer once one has ended', () => {
    const s = newState();
    const slow = Array.from({ length: 5 }, (_, i) => offered(s, i, `k${i}`));
    slow.forEach((a) => s.park(a));
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
      s.park(a);
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
    const rebuild = new LaneRebuild(again);
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
    expect([...again.lanes.walk()].map((slot) => again.lanes.entries.origin[slot])).toEqual([0, 1]);
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
    s.log.end = 100;
    expect(out(s.endSlice(), topics.retry)).toHaveLength(1);
    s.advance(1n);
    expect(out(s.endSlice(), topics.retry)).toEqual([]);
  });

  test('what waits in memory does not pin the response it came with', () => {
    const s = newState();
    const record = word(0, 'k');
    s.park(s.offer(record) as Attempt);
    record.buffer.fill(0);
    expect(out(s.endSlice(), topics.retry)[0].value?.toString()).toBe('word-0');
  });

  test('a time to come is never further away than the longest back-off', () => {
    const s = newState();
    const rebuild = new LaneRebuild(s);
    const headers: [string, string][] = [
      [H.origin, '3'],
      [H.dueAt, '99999999'],
      [H.firstFailedAt, '1'],
    ];
    rebuild.visit(inRecord({ key: 'k', value: 'v', headers, offset: 0, timestamp: 0 }));
    rebuild.finish(10, 1_000);
    expect(s.lanes.nextDueAt()).toBe(1_010);
  });
});
