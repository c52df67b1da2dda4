import { describe, expect, test } from '@jest/globals';
import { decodeControl, type Command } from '@verdikt/core/record/control.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { inRecord, stored } from '@verdikt/test/support/records.ts';
import type { Attempt } from '../policy/attempt.ts';
import { about, issued, setup, withParked, type About } from './commands.fixture.ts';
import { done, failing, header, insideOf, offered, out, topics, word } from '../state/state.fixture.ts';
import type { TaskState } from '../state/state.ts';

const letterOf = (s: TaskState): OutRecord => out(s.endSlice(), topics.deadLetters)[0];
const answers = (s: TaskState): unknown[] =>
  out(s.endSlice(), topics.control).map((r) => {
    const c = decodeControl(stored(r, 0, 0));
    return c.kind === 'answer' ? [c.answer.result, c.answer.reason] : c.kind;
  });

describe('a key is parked', () => {
  test('its copy is no end, its entry says since when and why, and neither it nor what follows ever runs', () => {
    const { s, plan } = withParked();
    const [letter] = out(plan, topics.deadLetters);
    expect(header(letter, H.disposition)).toBe('parked');
    const [head, follower] = out(plan, topics.retry);
    expect([H.parkedAt, H.kind, H.error, H.stage, H.attempt].map((n) => header(head, n))).toEqual([
      ...['10', 'reject', 'because', 'http', '1'],
    ]);
    expect(header(follower, H.parkedAt)).toBeUndefined();
    expect(s.figures.dueAt).toBe(Infinity);
    expect(s.nextAttempt(1e12)).toBeUndefined();
    expect(offered(s, 2, 'other').origin).toBe(2);
    expect(s.offer(word(3, 'k'))).toBeUndefined();
    expect([s.figures.parkedKeys, s.figures.oldestParked]).toEqual([1, 10]);
  });

  test('a second time under its submitted id it is dropped as long as it waits', () => {
    const { s, send } = withParked();
    expect(s.offer(word(7, 'k', 'id-0'))).toBeUndefined();
    send(about());
    expect(s.offer(word(8, 'k', 'id-0'))).toBeUndefined();
    expect(s.endSlice()?.tally.duplicates).toBe(2);
  });
});

describe('a redrive of a parked record', () => {
  test('runs it from attempt 1 under the next count, then what follows; the old entry is completed in the same plan', () => {
    const { s, send } = withParked();
    expect(send(about())).toBe('applied');
    const a = s.nextAttempt(50) as Attempt;
    expect([a.origin, a.redrive, a.attempt, a.id]).toEqual([0, 1, 1, 'id-0']);
    const plan = s.endSlice();
    const [entry, completion] = out(plan, topics.retry);
    expect([header(entry, H.redrive), header(entry, H.attempt), header(entry, H.parkedAt)]).toEqual([
      ...['1', '1', undefined],
    ]);
    expect(header(completion, H.completed)).toBe('1');
    expect(out(plan, topics.control)).toHaveLength(1);
    s.resolve(a, done(a), 60);
    expect((s.nextAttempt(60) as Attempt).origin).toBe(1);
    expect(header(out(s.endSlice(), topics.results)[0], H.redrive)).toBe('1');
  });

  test('that dies again is parked again', () => {
    const { s, send } = withParked();
    send(about());
    s.resolve(s.nextAttempt(50) as Attempt, failing('reject'), 60);
    expect(s.nextAttempt(1e12)).toBeUndefined();
    expect(header(letterOf(s), H.redrive)).toBe('1');
    expect(send(about())).toBe('duplicate');
    expect(send(about({ redrive: 1 }))).toBe('applied');
    expect((s.nextAttempt(70) as Attempt).redrive).toBe(2);
  });
});

test('a skip of a parked record writes its final dead letter, and its key goes on', () => {
  const { s, send } = withParked();
  const command = about({ action: 'skip' });
  expect(send(command)).toBe('applied');
  const a = s.nextAttempt(50) as Attempt;
  expect(a.origin).toBe(1);
  s.resolve(a, done(a), 51);
  const plan = s.endSlice();
  const [letter] = out(plan, topics.deadLetters);
  expect(
    [H.disposition, H.command, H.kind, H.reason, H.error, H.stage, H.attempts].map((n) => header(letter, n)),
  ).toEqual(['final', command.id, 'reject', 'why', 'because', 'http', '1']);
  expect(header(out(plan, topics.retry)[0], H.completed)).toBe('1');
  expect(s.figures.records).toBe(0);
  expect(send(about({ action: 'skip' }))).toBe('duplicate');
  expect(send(about({ action: 'redrive' }))).toBe('stale');
});

test('a parked record whose bytes are not held: the command waits until they are fetched', () => {
  const { s, send } = withParked({ valueBytes: 0 });
  const command = about();
  expect(send(command)).toBe('wait');
  const [wanted] = s.wanted();
  const entry = inRecord({
    key: 'k',
    value: 'word-0',
    headers: [
      [H.id, 'id-0'],
      [H.origin, '0'],
      [H.parkedAt, '10'],
      [H.kind, 'reject'],
    ],
  });
  s.supply(wanted.slot, wanted.incarnation, entry, 50);
  expect(send(command)).toBe('applied');
  expect(s.nextAttempt(60)?.redrive).toBe(1);
});

describe('a redrive of a final dead letter', () => {
  const ended = () => {
    const t = setup();
    t.s.resolve(offered(t.s, 0, 'k'), failing('reject'), 10);
    t.s.advance(1n);
    const letter = letterOf(t.s);
    const final = about({ expected: 'final' });
    return { ...t, letter, final };
  };

  test('carries its record, whose entry is the record as it was: the headers of the dead letter are gone', () => {
    const { s, send, letter, final } = ended();
    expect(send(final, 'k', letter)).toBe('applied');
    const [entry] = out(s.endSlice(), topics.retry);
    expect([entry.key?.toString(), entry.value?.toString()]).toEqual(['k', 'word-0']);
    expect(entry.headers.map(([n, v]) => [n, String(v)])).toEqual([
      [H.id, 'id-0'],
      [H.originalTimestamp, '7'],
      [H.origin, '0'],
      [H.attempt, '1'],
      [H.dueAt, '0'],
      [H.redrive, '1'],
      [H.next, '1'],
      [H.group, 'words/g'],
    ]);
  });

  test('goes before what is outstanding of its key, but not before what runs', () => {
    for (const running of [false, true]) {
      const { s, send, letter, final } = ended();
      const a = offered(s, 1, 'k');
      if (running) s.enterRunning(a);
      else s.resolve(a, failing('retry'), 20);
      s.offer(word(2, 'k'));
      send(final, 'k', letter);
      if (running) {
        expect(s.nextAttempt(1e9)).toBeUndefined();
        s.resolve(a, failing('retry'), 20);
      }
      const order: string[] = [];
      for (let next = s.nextAttempt(1e9); next !== undefined; next = s.nextAttempt(1e9)) {
        order.push(`${next.origin}.${next.redrive}`);
        s.resolve(next, done(next), 1e9);
      }
      expect(order).toEqual(['0.1', '1.0', '2.0']);
    }
  });

  test('is done once, whatever the id of the command', () => {
    const { s, send, letter, final } = ended();
    expect(send(final, 'k', letter)).toBe('applied');
    expect([send(final, 'k', letter), send({ ...final, ...issued() }, 'k', letter)]).toEqual([
      ...['duplicate', 'duplicate'],
    ]);
    const a = s.nextAttempt(60) as Attempt;
    s.resolve(a, done(a), 60);
    expect(send(final, 'k', letter)).toBe('duplicate');
    expect(s.figures.records).toBe(0);
  });

  test('that cannot be is answered with why', () => {
    const { s, send, letter, final } = ended();
    const full = offered(s, 1, 'p');
    s.enterRunning(full);
    s.advance(2n);
    for (let i = 2; i < 6; i++) s.offer(word(i, 'p'));
    expect(send(final, 'k')).toBe('refused');
    expect(send({ ...final, origin: 7 } as Command, 'k', letter)).toBe('stale');
    expect(send({ ...final, submission: 'id-9' } as Command, 'k', letter)).toBe('stale');
    expect(send({ ...final, submission: 'id-1', origin: 1 } as Command, 'p', letter)).toBe('stale');
    expect(send(about({ expected: 'final', action: 'skip' }))).toBe('refused');
    expect(send(about({ expected: 'final', redrive: 3 }), 'k', letter)).toBe('refused');
    expect(send(final, 'k', letter)).toBe('refused');
    expect(answers(s)).toEqual([
      ['refused', 'no-record'],
      ['stale', 'not-read-yet'],
      ['stale', 'other-record'],
      ['stale', 'other-record'],
      ['refused', 'not-skippable'],
      ['refused', 'redrive-limit'],
      ['refused', 'lanes-full'],
    ]);
  });

  test('two of one origin and count are not let in, for the log could not tell them apart', () => {
    const { s, send, letter, final } = ended();
    s.advance(9n);
    const forged: OutRecord = {
      ...letter,
      headers: letter.headers.map(([n, v]) => [n, n === H.id ? 'id-x' : v] as const),
    };
    expect(send({ ...final, submission: 'id-x' } as Command, 'k', forged)).toBe('applied');
    expect(send(final, 'k', letter)).toBe('stale');
    expect(s.figures.records).toBe(1);
  });
});

describe('commands that do not fit what is there', () => {
  test.each<[string, About, string | null]>([
    ['nothing is parked there', { origin: 1 }, 'k'],
    ['another redrive count', { redrive: 1 }, 'k'],
    ['another id', { submission: 'id-1' }, 'k'],
    ['another key', {}, 'K'],
    ['no key', {}, null],
  ])('%s: stale, and nothing changes', (_, over, key) => {
    for (const action of ['redrive', 'skip'] as const) {
      const { s, send } = withParked();
      expect(send(about({ action, ...over }), key)).toBe('stale');
      expect(s.nextAttempt(1e12)).toBeUndefined();
      expect(out(s.endSlice(), topics.deadLetters)).toEqual([]);
    }
  });

  test('a final dead letter is expected and the record is outstanding', () => {
    const { s, send, plan } = withParked();
    const [copy] = out(plan, topics.deadLetters);
    const letter = { ...copy, headers: copy.headers.filter(([name]) => name !== H.disposition) };
    expect(send(about({ expected: 'final' }), 'k', copy)).toBe('stale');
    expect(send(about({ expected: 'final' }), 'k', letter)).toBe('stale');
    expect(answers(s)).toEqual([
      ['stale', 'other-record'],
      ['stale', 'in-its-lane'],
    ]);
  });

  test('more than can be remembered: refused', () => {
    const { send } = withParked({ commandsMax: 0 });
    expect(send(about())).toBe('refused');
  });

  test('what is no command is passed over; answers alone are worth no plan', () => {
    const { s, commands } = withParked();
    expect(commands.take(inRecord({ value: 'x' }), 5)).toBe('none');
    expect(insideOf(s).plan.tally.commands).toEqual(new Map([['unknown garbled', 1]]));
    s.controlled(5n, false);
    expect(s.endSlice()).toBeUndefined();
    s.advance(3n);
    expect(s.endSlice()?.otherOffsets).toEqual([{ topic: topics.control, nextOffset: 5n }]);
    s.controlled(6n, true);
    expect(s.endSlice()?.otherOffsets).toEqual([{ topic: topics.control, nextOffset: 6n }]);
  });
});

test('a reset closes the limit, held records run at once, and a second one is not needed', () => {
  const { s, send } = setup();
  for (let i = 0; i < 3; i++) s.resolve(offered(s, i, `k${i}`), failing('reject'), 10);
  expect(s.limitState(10)).toBe('operator');
  const reset: Command = { ...issued(), action: 'reset' };
  expect(send(reset, null)).toBe('applied');
  expect(s.nextAttempt(50)?.origin).toBe(2);
  expect(send(reset, null)).toBe('duplicate');
  expect(send({ ...reset, ...issued() }, null)).toBe('stale');
});
