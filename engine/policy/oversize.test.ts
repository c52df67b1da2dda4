import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { inRecord, outRecord, stored } from '@verdikt/test/support/records.ts';
import type { Attempt } from './attempt.ts';
import { AttemptRunner } from '../task/attempts.ts';
import { Budget } from '../task/budget.ts';
import { about, setup } from '../commands/commands.fixture.ts';
import { Identifier, type Identity } from '../policy/identity.ts';
import {
  commit,
  done,
  failing,
  factsOf,
  header,
  newState,
  offered,
  out,
  topics,
  word,
} from '../state/state.fixture.ts';
import type { TaskState } from '../state/state.ts';

/** The fixture looks at records of 1,000 bytes, and its outputs take 8,000. */
const large = (offset: number, key: string | null, bytes = 1_000): InRecord =>
  inRecord({ key, value: 'x'.repeat(bytes), headers: [[H.id, `id-${offset}`]], offset, timestamp: 7 });

const runnerOf = (s: TaskState, result = 'fine') =>
  new AttemptRunner(
    s,
    {
      prepare: () => undefined,
      decode: (r) =>
        r.value === null
          ? { kind: 'poison', reason: 'tombstone', detail: '' }
          : { kind: 'ok', ...factsOf(r) },
    },
    { run: () => ({ kind: 'done', results: [{ check: 'c', answer: true, detail: result }] }) },
    new Budget(1),
    1_000,
    () => undefined,
  );

const letters = (s: TaskState) => out(s.endSlice(), topics.deadLetters);

describe('a record that is too large', () => {
  test('is rejected undecoded, as a stub', () => {
    const s = newState();
    const record = large(0, 'k');
    runnerOf(s).run(s.offer(record) as Attempt, 10);
    const [letter] = letters(s);
    expect([letter.key, letter.value]).toEqual([Buffer.from('k'), null]);
    expect([H.reason, H.stub, H.originalOffset, H.error].map((n) => header(letter, n))).toEqual([
      ...['oversize', String(record.size), '0', `record of ${record.size} bytes, at most 1000`],
    ]);
  });

  test('of exactly the limit is looked at, whatever its retry entry weighs', () => {
    const s = newState();
    const record = large(0, 'k', 1_000 - 1 - 'id'.length - 'id-0'.length - 2);
    expect(record.size).toBe(1_000);
    expect((s.offer(record) as Attempt).record).toBe(record);
    expect((s.offer(large(1, 'j', record.size)) as Attempt).record.truncated).toBeGreaterThan(0);
  });

  test('that its reader could not keep is one, however small what was kept', () => {
    const s = newState();
    const kept = new (inRecord({ value: null }).constructor as typeof InRecord)(
      ...([Buffer.from('k'), 0, 7, 0, 1, -1, -1, 1, 1, 0, 5_000_000] as const),
    );
    runnerOf(s).run(s.offer(kept) as Attempt, 10);
    expect(header(letters(s)[0], H.stub)).toBe('5000000');
  });

  test('waits its turn behind its key, and as head is rejected, not decoded, before and after its bytes were let go', () => {
    for (const valueBytes of [1_000_000, 0]) {
      const s = newState({ valueBytes });
      const first = offered(s, 0, 'k');
      s.resolve(first, failing('retry'), 10);
      expect(s.offer(large(1, 'k'))).toBeUndefined();
      const plan = s.endSlice();
      commit(s, plan, 0);
      const entries = out(plan, topics.retry);
      expect([entries[1].value, header(entries[1], H.stub)]).toEqual([null, String(large(1, 'k').size)]);
      const fetched = (): void => {
        for (const w of s.wanted())
          s.supply(w.slot, w.incarnation, stored(entries[w.offset], w.offset, 99), 2_000);
      };
      if (valueBytes === 0) {
        expect(s.nextAttempt(2_000)).toBeUndefined();
        fetched();
      }
      const head = s.nextAttempt(2_000) as Attempt;
      expect(head.origin).toBe(0);
      s.resolve(head, done(head), 2_000);
      // The follower was fetched with the head.
      runnerOf(s).run(s.nextAttempt(2_000) as Attempt, 2_000);
      const [letter] = letters(s);
      expect([header(letter, H.reason), header(letter, H.originalTimestamp)]).toEqual(['oversize', '7']);
      expect(s.figures.records).toBe(0);
    }
  });

  test('with a key that is too long as well belongs to the lane of that key', () => {
    const s = newState();
    // The key alone is over the limit, so every record with it is a stub, but for one of an older configuration.
    const key = 'k'.repeat(20_000);
    const identifier = new Identifier(s.context.seed, 'words-0');
    const hashesOf = ({ key: k, hash }: Identity): number[] => [...k, ...hash];
    const hashes = [large(0, key), s.context.admit(large(0, key), 0)].map((r) =>
      hashesOf(identifier.identify(r, 0, 0)),
    );
    expect(hashes[0]).toEqual(hashes[1]);
    expect(hashesOf(identifier.identifyText('id-0', Buffer.from(key), 0))).toEqual(hashes[0]);
    const a = s.offer(large(0, key)) as Attempt;
    s.resolve(a, failing('retry'), 10);
    expect(s.offer(large(1, key))).toBeUndefined();
    expect(s.figures.keys).toBe(1);
  });
});

describe('a verdict that is larger than its topic takes', () => {
  test.each([
    ['for its word', '\u0001'.repeat(900), 'fine', 'verdict-too-large'],
    ['for a detail', 'w', '\u0001'.repeat(2_000), 'verdict-too-large'],
    ['though it was not certain before', 'w'.repeat(900), 'fine', undefined],
  ])('%s', (_, value, detail, reason) => {
    const s = newState();
    const record = inRecord({ key: 'k', value, headers: [[H.id, 'id-0']], offset: 0, timestamp: 7 });
    // 7,200 bytes for 1,200 of them is over what a results topic of 6,000 takes.
    if (reason !== undefined && detail === 'fine') shrink(s, topics.results, 8_000);
    runnerOf(s, detail).run(s.offer(record) as Attempt, 10);
    const plan = s.endSlice();
    const [letter] = out(plan, topics.deadLetters);
    expect([letter && header(letter, H.reason), letter && header(letter, H.stage)]).toEqual(
      reason === undefined ? [undefined, undefined] : [reason, 'verdict'],
    );
    expect(letter?.value?.toString()).toBe(reason === undefined ? undefined : value);
    expect(out(plan, topics.results)).toHaveLength(reason === undefined ? 1 : 0);
    expect([...(plan?.tally.rejected ?? [])]).toEqual(reason === undefined ? [] : [[reason, 1]]);
  });
});

/** The broker refuses a record of about so many bytes of that topic. */
const shrink = (s: TaskState, topic: string, bytes: number): void => {
  const records = [outRecord({ key: 'k', value: 'x'.repeat(Math.max(0, bytes - 1_025)) })];
  const error = new ServiceError('RECORD_TOO_LARGE', 'refused', { topic, output: 0, record: 0 });
  s.context.refused({ outputs: [{ topic, records }], nextOffset: null }, error);
};

describe('a topic that takes less than it should', () => {
  test('of dead letters: a record below the limit leaves a stub too', () => {
    const s = newState();
    shrink(s, topics.deadLetters, 2_700);
    s.resolve(offered(s, 0, 'k'), failing('reject'), 10);
    s.resolve(s.offer(large(1, 'j', 900)) as Attempt, failing('reject'), 10);
    expect(letters(s).map((l) => [header(l, H.stub), l.value === null])).toEqual([
      [undefined, false],
      [String(large(1, 'j', 900).size), true],
    ]);
  });

  test('of retry entries: what would not fit is too large from the start, and what lies there already is no longer decoded', () => {
    const s = newState();
    s.resolve(s.offer(large(0, 'k', 900)) as Attempt, failing('retry'), 10);
    const [entry] = out(s.endSlice(), topics.retry);
    const next = newState({ valueBytes: 0 });
    shrink(next, topics.retry, 2_000);
    expect((next.offer(large(1, 'j', 900)) as Attempt).record.truncated).toBeGreaterThan(0);
    expect(next.context.admit(stored(entry, 0, 99), 0).truncated).toBe(large(0, 'k', 900).size);
  });

  test('of retry entries: what has passed is left out before the record is', () => {
    const s = newState();
    shrink(s, topics.retry, 4_000);
    const passed = Array.from({ length: 60 }, (_, i) => ({ check: `c${i}`, answer: true, detail: null }));
    s.resolve(offered(s, 0, 'k'), { ...failing('retry'), passed } as never, 10);
    const [entry] = out(s.endSlice(), topics.retry);
    expect([header(entry, H.passed), entry.value]).toEqual([undefined, Buffer.from('word-0')]);
  });

  test('nothing is learned of another error, or of a stub, below which there is nothing', () => {
    const s = newState();
    const records = [outRecord({ key: 'k', headers: [[H.stub, '9']] })];
    const plan = { outputs: [{ topic: topics.deadLetters, records }], nextOffset: null };
    const details = { output: 0, record: 0 };
    s.context.refused(plan, new ServiceError('RECORD_TOO_LARGE', 'refused', details));
    s.context.refused(plan, new ServiceError('TRANSACTION_FAILED', 'failed', details));
    s.context.refused(plan, new Error('failed'));
    s.context.refused(plan, new ServiceError('RECORD_TOO_LARGE', 'refused'));
    s.resolve(s.offer(large(1, 'j', 900)) as Attempt, failing('reject'), 10);
    expect(letters(s)[0].value).not.toBeNull();
  });
});

test('a record without id that just fits still fits when its dead letter, which names it, is redriven', () => {
  const { s, send } = setup();
  const record = inRecord({ key: 'k', value: 'x'.repeat(999), offset: 0, timestamp: 7 });
  s.resolve(s.offer(record) as Attempt, failing('reject'), 10);
  s.advance(1n);
  const [letter] = letters(s);
  expect(header(letter, H.id)).toBe('words-0-0');
  expect(send(about({ expected: 'final', submission: 'words-0-0' }), 'k', letter)).toBe('applied');
  const a = s.nextAttempt(60) as Attempt;
  expect([a.record.truncated, a.record.value?.length, a.id, a.redrive]).toEqual([0, 999, 'words-0-0', 1]);
});

describe('the redrive of a stub', () => {
  const original = outRecord({ key: 'k', value: 'small again', headers: [[H.id, 'id-0']] });
  const parked = () => {
    const t = setup({ parks: true });
    runnerOf(t.s).run(t.s.offer(large(0, 'k')) as Attempt, 10);
    t.s.offer(word(1, 'k'));
    t.s.advance(2n);
    const plan = t.s.endSlice();
    commit(t.s, plan, 0);
    const [letter] = out(plan, topics.deadLetters);
    return { ...t, letter };
  };

  test('that is parked needs its original, which takes its place in the lane', () => {
    const { s, send, letter } = parked();
    expect([send(about()), send(about(), 'k', letter)]).toEqual(['refused', 'refused']);
    const wrong = outRecord({ key: 'k', value: 'v', headers: [[H.id, 'other']] });
    expect(send(about(), 'k', wrong)).toBe('stale');
    expect(send(about(), 'k', original)).toBe('applied');
    const a = s.nextAttempt(60) as Attempt;
    expect([a.origin, a.redrive, a.record.truncated, a.record.value?.toString()]).toEqual([
      ...[0, 1, 0, 'small again'],
    ]);
    const [entry] = out(s.endSlice(), topics.retry);
    expect([entry.value?.toString(), header(entry, H.stub)]).toEqual(['small again', undefined]);
  });

  test('that is parked can be skipped as it is', () => {
    const { s, send } = parked();
    expect(send(about({ action: 'skip' }))).toBe('applied');
    expect(header(letters(s)[0], H.stub)).toBe(String(large(0, 'k').size));
  });

  test('that has ended needs its original', () => {
    const { s, send } = setup();
    runnerOf(s).run(s.offer(large(0, 'k')) as Attempt, 10);
    s.advance(1n);
    const [letter] = letters(s);
    expect(send(about({ expected: 'final' }), 'k', letter)).toBe('refused');
    expect(send(about({ expected: 'final' }), 'k', original)).toBe('applied');
    expect((s.nextAttempt(60) as Attempt).record.value?.toString()).toBe('small again');
  });

  test('whose original is too large still is one again', () => {
    const { s, send } = parked();
    const { key, value } = large(0, 'k');
    expect(send(about(), 'k', { key, value, headers: [[H.id, 'id-0']] })).toBe('applied');
    runnerOf(s).run(s.nextAttempt(60) as Attempt, 60);
    const [letter] = letters(s);
    expect([H.reason, H.redrive].map((n) => header(letter, n))).toEqual(['oversize', '1']);
  });
});
