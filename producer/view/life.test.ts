import { describe, expect, test } from '@jest/globals';
import { SEES_ALL } from '@verdikt/test/support/producer/viewers.ts';
import fc from 'fast-check';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { changesOf, createJourney, type Placed } from '@verdikt/test/support/producer/journey.ts';
import type { Change } from './change.ts';
import { grow, type Life } from './life.ts';
import { attemptsOf, reasonOf, tell, type Around } from './tell.ts';

const lived = (changes: readonly Change[]): Life => {
  const life = changes.reduce<Life | undefined>(grow, undefined);
  if (life === undefined) throw new Error('nothing happened');
  return life;
};
const around: Around = {
  ...{ topics: topicNames('', 'g'), now: 1_000_000, asOf: 1_000_000, passed: false, ends: 0 },
  ahead: { first: undefined, count: 0 },
  viewer: SEES_ALL,
};
const states = (l: Life): string[] => l.steps.map((s) => s.what);

describe('the life of a word', () => {
  test('accepted, retried twice, judged: each step with the record that tells it', () => {
    const j = createJourney();
    const w = j.word('a');
    j.entry(w, { attempt: 2, dueAt: 1_010_000, firstFailedAt: 1, reason: 'http_503' });
    j.entry(w, { attempt: 3, dueAt: 1_030_000, firstFailedAt: 1, reason: 'http_500' });
    j.completed(w);
    j.verdict(w, 3);
    const life = lived(changesOf(j.written));
    expect(life).toMatchObject({ id: 'a', key: 'k', origin: 0, state: 'verdict', redrive: 0 });
    expect(states(life)).toEqual(['accepted', 'retrying', 'retrying', 'verdict']);
    expect(tell(life, around)).toMatchObject({
      reason: 'accepted by its checks after 3 attempts',
      attempts: [
        { attempt: 1, outcome: 'failed', reason: 'http_503', endedAt: 1_002_000, idleMs: 8_000 },
        { attempt: 2, outcome: 'failed', reason: 'http_500', endedAt: 1_003_000, idleMs: 27_000 },
        { attempt: 3, outcome: 'passed', endedAt: 1_005_000 },
      ],
      receipt: [
        { what: 'accepted', topic: 'words', partition: 0, offset: 0 },
        { what: 'retrying', topic: 'words.retry.g', offset: 0 },
        { what: 'retrying', topic: 'words.retry.g', offset: 1 },
        { what: 'verdict', topic: 'results', offset: 0 },
      ],
    });
  });

  test('parked, redriven by somebody, judged under the next count', () => {
    const j = createJourney();
    const w = j.word('a');
    j.entry(w, {
      ...{ attempt: 5, reason: 'http_503', parkedAt: 7 },
      parkedFor: { kind: 'retry-exhausted', error: 'away', stage: 'http' },
    });
    j.dead(w, { disposition: 'parked' });
    expect(lived(changesOf(j.written)).state).toBe('parked');
    j.operator(w, 'redrive');
    expect(lived(changesOf(j.written))).toMatchObject({ state: 'redriven', redrive: 1 });
    j.verdict(w, 1, true, [['verdikt-redrive', '1']]);
    const life = lived(changesOf(j.written));
    expect(life).toMatchObject({ state: 'verdict', redrive: 1 });
    expect(life.steps.find((s) => s.what === 'redriven')).toMatchObject({ by: 'ann', topic: 'control' });
  });

  test('a skipped one has ended once its dead letter is there', () => {
    const j = createJourney();
    const w = j.word('a');
    const parked = j.dead(w, { disposition: 'parked' });
    j.operator(w, 'skip');
    expect(lived(changesOf(j.written)).state).toBe('parked');
    j.dead(w);
    const life = lived(changesOf(j.written));
    expect(life.state).toBe('dead-lettered');
    expect(reasonOf(life, around)).toBe('given up after 5 attempts: http_503 (http)');
    // Its last attempt ended when it was parked.
    expect(attemptsOf(life)).toMatchObject([
      { attempt: 5, outcome: 'given-up', endedAt: parked.record.timestamp },
    ]);
  });

  test('an entry that is rewritten is no news, and dead letters of other systems are not ours', () => {
    const j = createJourney();
    const w = j.word('a');
    j.entry(w, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
    const before = lived(changesOf(j.written));
    j.entry(w, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
    j.dead(w, { topic: 'others' });
    const after = lived(changesOf(j.written));
    expect(after).toEqual({ ...before, entryAt: 1 });
  });

  test('an entry that is written again is no news either where its dead letter was read before', () => {
    const j = createJourney();
    const w = j.word('a');
    const failed = { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' };
    const [first, again] = [j.entry(w, failed), j.entry(w, failed)];
    const parked = j.entry(w, { ...failed, parkedAt: 7 });
    const dead = j.dead(w, { disposition: 'parked' });
    const life = lived(changesOf([w, first, dead, again, parked]));
    expect(states(life)).toEqual(['accepted', 'retrying', 'parked', 'parked']);
    expect(attemptsOf(life)[0]).toMatchObject({ attempt: 1, endedAt: first.record.timestamp });
  });

  test('what the retry topic said is unknown once that was cut, until something decides', () => {
    const j = createJourney();
    const w = j.word('a');
    j.entry(w, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
    const cut: Change = {
      ...{ kind: 'cut', role: 'retry', partition: 0, offset: -1, at: 1_100_000, origin: 0, redrive: 0 },
    };
    const changes = [...changesOf(j.written), cut];
    expect(lived(changes).state).toBe('unknown');
    j.entry(w, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
    expect(lived([...changes, ...changesOf(j.written).slice(-1)]).state).toBe('retrying');
    j.verdict(w, 2);
    expect(lived([...changes, ...changesOf(j.written).slice(-1)]).state).toBe('verdict');
  });

  test('a thousand attempts keep the first step and the last ones', () => {
    const j = createJourney();
    const w = j.word('a');
    for (let attempt = 2; attempt < 1_000; attempt++)
      j.entry(w, { attempt, dueAt: attempt, firstFailedAt: 1, reason: 'x' });
    const life = lived(changesOf(j.written));
    expect(life.steps).toHaveLength(64);
    expect([life.steps[0].what, life.steps.at(-1)?.attempt, life.dropped]).toEqual(['accepted', 999, 935]);
  });
});

/** Everything that may happen to one word, each log in its order. */
const full = (): Placed[] => {
  const j = createJourney();
  const w = j.word('a');
  j.entry(w);
  j.entry(w, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
  j.entry(w, { attempt: 2, reason: 'x', parkedAt: 7 });
  j.dead(w, { disposition: 'parked' });
  j.operator(w, 'redrive');
  j.entry(w, { redrive: 1 });
  j.entry(w, { redrive: 1, attempt: 2, dueAt: 99, firstFailedAt: 1, reason: 'y' });
  j.completed(w, 1);
  j.verdict(w, 2, true, [['verdikt-redrive', '1']]);
  return j.written;
};

/** Another order of reading: each log in its own. */
const merged = (changes: readonly Change[], turns: readonly number[]): Change[] => {
  const logs = [...new Set(changes.map((c) => c.role))].map((role) => changes.filter((c) => c.role === role));
  const out: Change[] = [];
  for (let i = 0; out.length < changes.length; i++) {
    const left = logs.filter((log) => log.length > 0);
    out.push(left[turns[i % turns.length] % left.length].shift() as Change);
  }
  return out;
};

test('the order in which topics are read changes nothing in the end, nor does reading some of it twice', () => {
  const told = (l: Life): unknown => {
    const { reason, state, receipt, attempts, redrive } = tell(l, around) as Record<string, unknown>;
    return { reason, state, receipt, attempts, redrive, id: l.id, key: l.key, submittedAt: l.submittedAt };
  };
  const changes = changesOf(full());
  const wanted = told(lived(changes));
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }), fc.nat(10), (turns, again) => {
      const order = merged(changes, turns);
      expect(told(lived(order))).toEqual(wanted);
      expect(told(lived([...order, ...order.slice(-again)]))).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});
