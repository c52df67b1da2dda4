import { describe, expect, test } from '@jest/globals';
import type { CheckResult } from '@verdikt/core/record/outcome.ts';
import type { Check, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { chainOf, MAX_DETAIL } from './run-chain.ts';

const INPUT = { word: 'noon', id: 'id-1', attempt: 2 };
const yes: CheckOutcome = { kind: 'pass', answer: true, detail: null };
const no: CheckOutcome = { kind: 'pass', answer: false, detail: 'because' };
const bad: CheckOutcome = { kind: 'reject', reason: 'bad', detail: 'very bad' };
const busy: CheckOutcome = { kind: 'retry', reason: 'busy', detail: 'later' };

/** A check that answers so and notes its calls. */
const stub = (
  name: string,
  answer: () => CheckOutcome | Promise<CheckOutcome>,
  calls: string[] = [],
): Check => ({
  name,
  run: (input) => {
    calls.push(`${name} ${input.word} ${input.id} ${input.attempt}`);
    return answer();
  },
});
const throws = (error: unknown) => () => {
  throw error;
};

describe('chainOf', () => {
  test('answers at once when all checks do', () => {
    const chain = chainOf([stub('a', () => yes), stub('b', () => no)]);
    expect(chain.stages).toEqual(['a', 'b']);
    expect(chain.run(INPUT, [])).toEqual({
      kind: 'done',
      results: [
        { check: 'a', answer: true, detail: null },
        { check: 'b', answer: false, detail: 'because' },
      ],
    });
  });

  test.each([0, 1, 2])('is the same when check %d answers later', async (late) => {
    const answers = [yes, no, yes];
    const later = chainOf(answers.map((o, i) => stub(`c${i}`, () => (i === late ? Promise.resolve(o) : o))));
    const atOnce = chainOf(answers.map((o, i) => stub(`c${i}`, () => o)));
    const outcome = later.run(INPUT, []);
    expect(outcome).toHaveProperty('then');
    expect(await outcome).toEqual(atOnce.run(INPUT, []));
  });

  test.each([
    ['reject', bad, 'at once', (o: CheckOutcome) => o],
    ['retry', busy, 'at once', (o: CheckOutcome) => o],
    ['reject', bad, 'later', (o: CheckOutcome) => Promise.resolve(o)],
    ['retry', busy, 'later', (o: CheckOutcome) => Promise.resolve(o)],
  ] as const)('stops at a %s, says where, and keeps what passed (%j, %s)', async (_, failure, __, when) => {
    const calls: string[] = [];
    const chain = chainOf([
      stub('a', () => yes, calls),
      stub('b', () => when(failure), calls),
      stub('c', () => yes, calls),
    ]);
    const passed = [{ check: 'a', answer: true, detail: null }];
    expect(await chain.run(INPUT, [])).toEqual({ ...failure, stage: 'b', passed });
    expect(calls).toEqual(['a noon id-1 2', 'b noon id-1 2']);
  });

  test('runs no check that has passed', () => {
    const calls: string[] = [];
    const chain = chainOf(['a', 'b', 'c'].map((name) => stub(name, () => yes, calls)));
    const passed: CheckResult[] = [
      { check: 'gone', answer: false, detail: 'a stage of an older chain' },
      { check: 'a', answer: false, detail: 'kept' },
      { check: 'b', answer: true, detail: null },
    ];
    expect(chain.run(INPUT, passed)).toEqual({
      kind: 'done',
      results: [passed[1], passed[2], { check: 'c', answer: true, detail: null }],
    });
    expect(calls).toEqual(['c noon id-1 2']);
  });

  test('hands on what passed in this and in earlier attempts', () => {
    const chain = chainOf([stub('a', () => bad), stub('b', () => no), stub('c', () => busy)]);
    const before = [{ check: 'a', answer: true, detail: null }];
    expect(chain.run(INPUT, before)).toEqual({
      ...busy,
      stage: 'c',
      passed: [...before, { check: 'b', answer: false, detail: 'because' }],
    });
    expect(before).toHaveLength(1);
  });

  test.each([
    [new TypeError('x is undefined'), 'TypeError: x is undefined'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [Object.create(null), 'something that has no text'],
    [new Error(`\u001b[31m\n${'x'.repeat(2000)}`), `Error:  [31m ${'x'.repeat(MAX_DETAIL - 13)}`],
  ])('a check that throws (%#) is retried', async (error, detail) => {
    const expected = { kind: 'retry', reason: 'check-threw', stage: 'a', passed: [], detail };
    expect(chainOf([stub('a', throws(error))]).run(INPUT, [])).toEqual(expected);
    expect(await chainOf([stub('a', () => Promise.reject(error))]).run(INPUT, [])).toEqual(expected);
  });

  test('a check that answers nonsense is retried', async () => {
    const expected = { kind: 'retry', reason: 'check-threw', stage: 'a' };
    for (const nonsense of [
      undefined,
      null,
      7,
      { kind: 'pass' },
      { kind: 'retry', reason: 'r' },
    ] as never[]) {
      expect(chainOf([stub('a', () => nonsense)]).run(INPUT, [])).toMatchObject(expected);
      expect(await chainOf([stub('a', () => Promise.resolve(nonsense))]).run(INPUT, [])).toMatchObject(
        expected,
      );
    }
  });

  test.each(['pass', 'retry', 'reject'] as const)('bounds the detail of a %s', (kind) => {
    const detail = `a\nb${'ü'.repeat(1000)}`;
    const check = stub('a', () =>
      kind === 'pass' ? { kind, answer: true, detail } : { kind, reason: 'r', detail },
    );
    const outcome = chainOf([check]).run(INPUT, []);
    const text =
      'results' in outcome ? outcome.results[0].detail : 'detail' in outcome ? outcome.detail : null;
    expect(text).toBe(`a b${'ü'.repeat(MAX_DETAIL - 3)}`);
  });

  test('attempts do not share results', () => {
    const chain = chainOf([stub('a', () => yes), stub('b', () => bad)]);
    void chain.run(INPUT, []);
    expect(chain.run(INPUT, [])).toMatchObject({ passed: [{ check: 'a' }] });
  });

  test('closes all, even when one cannot be closed', async () => {
    const closed: string[] = [];
    const closing = (name: string, close: () => Promise<void>): Check => ({ name, run: () => yes, close });
    const chain = chainOf([
      closing('a', () => Promise.reject(new Error('stuck'))),
      closing('d', throws(new Error('stuck too'))),
      stub('b', () => yes),
      closing('c', () => Promise.resolve(void closed.push('c'))),
    ]);
    await chain.close();
    expect(closed).toEqual(['c']);
  });
});
