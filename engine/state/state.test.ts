import { describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import type { Attempt, Judged } from '../policy/attempt.ts';
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
    expect(s.figures.records).toBe(0);
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

  test('what asked for more time is tried when that is over', () => {
    const s = newState();
    s.resolve(offered(s, 0, 'k'), { ...failing('retry'), afterMs: 700 } as Judged, 10);
    expect(header(out(s.endSlice(), topics.retry)[0], H.dueAt)).toBe('710');
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
    expect(s.figures.records).toBe(0);
  });

  test('a key that fails goes first, or after all that are due, or not at all', () => {
    for (const [turn, order] of [
      ['first', [0, 1, 3]],
      ['last', [1, 3, 0]],
      ['never', [1, 3]],
    ] as const) {
      const s = newState();
      const [bad, slow, later] = [offered(s, 0, 'bad'), offered(s, 1, 'slow'), offered(s, 3, 'later')];
      s.resolve(bad, failing('retry'), 10);
      for (const a of [slow, later]) s.resolve(a, failing('wait'), 200);
      commit(s, s.endSlice(), 0);
      // The first look puts the key that fails aside.
      expect(s.nextAttempt(150, 'never')).toBeUndefined();
      expect(s.behind).toBe(true);
      const seen: (number | undefined)[] = [];
      for (let n = 0; n < order.length; n++) seen.push(s.nextAttempt(100_000, turn)?.origin);
      expect(seen).toEqual(order);
      expect(s.nextAttempt(100_000, turn)).toBeUndefined();
    }
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

  test('what an edge wrote once is not remembered, decided or outstanding; all else is', () => {
    const mine = [H.edge, 'words-id'] as const;
    const other = [H.edge, 'another-id'] as const;
    for (const [dedup, edge, remembered] of [
      ['resubmitted', mine, false],
      ['resubmitted', other, true],
      ['resubmitted', undefined, true],
      ['all', mine, true],
      ['none', undefined, false],
    ] as const) {
      const s = newState({ dedup }, { words: 'words-id' });
      const give = (offset: number, key: string): Attempt =>
        s.offer(word(offset, key, undefined, edge === undefined ? [] : [edge])) as Attempt;
      const [decided, waits] = [give(0, 'a'), give(1, 'b')];
      s.resolve(decided, done(decided), 10);
      s.resolve(waits, failing('retry'), 10);
      const known = [decided, waits].map((a) => insideOf(s).outstanding.dedup.known(a.identity.hash));
      expect([dedup, edge, ...known]).toEqual([
        ...[dedup, edge],
        ...(remembered ? ['decided', 'outstanding'] : ['no', 'no']),
      ]);
    }
    // Without topic ids, nobody knows which topic is meant.
    expect(insideOf(newState()).outstanding.rule.remembers(word(0, 'a', undefined, [mine]), 0)).toBe(true);
    expect(
      insideOf(newState({}, { words: 'words-id' })).outstanding.rule.remembers(
        word(0, 'a', undefined, [mine]),
        1,
      ),
    ).toBe(true);
  });

  test('records without key wait for nobody', () => {
    const s = newState();
    s.resolve(offered(s, 0, null), failing('retry'), 10);
    expect(offered(s, 1, null).origin).toBe(1);
  });

  test('what still runs at the end of the slice is written as it is, and completed later', () => {
    const s = newState();
    const slow = offered(s, 0, 'k');
    s.enterRunning(slow);
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
    s.enterRunning(slow);
    s.resolve(slow, done(slow), 20);
    const plan = s.endSlice();
    expect(plan?.outputs.map((o) => o.topic)).toEqual([topics.results]);
  });

  test('an attempt that could not be made does not count', () => {
    const s = newState();
    const a = offered(s, 0, 'k');
    s.resolve(a, failing('wait'), 10);
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
});
