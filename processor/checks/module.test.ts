import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { pass, reject, retry, type Answer, type Attempt } from './define.ts';
import { createModuleCheck } from './module.ts';

const LIMITS = { timeoutMs: 1_000, concurrency: 2, breakerFailures: 3, breakerHalfOpenMs: 60_000 };
const input = { word: 'w', id: 'i', attempt: 1 };

const setUp = (run: (a: Attempt, resource: string) => Answer | Promise<Answer>) => {
  const clock = manualClock();
  const check = createModuleCheck({ run: run as never }, 'resource', { name: 'own', ...LIMITS }, { clock });
  return { clock, check, run: () => check.run(input) };
};

describe('a check of your own', () => {
  test.each<[Answer, CheckOutcome]>([
    [true, { kind: 'pass', answer: true, detail: null }],
    [false, { kind: 'pass', answer: false, detail: null }],
    [pass(true, 'seen'), { kind: 'pass', answer: true, detail: 'seen' }],
    [retry('busy', 'later'), { kind: 'retry', reason: 'busy', detail: 'later' }],
    [reject('too-rude'), { kind: 'reject', reason: 'too-rude', detail: '' }],
    [retry('Not a label!', 'x'), { kind: 'retry', reason: 'check-retry', detail: 'Not a label!: x' }],
    [reject(''), { kind: 'reject', reason: 'check-reject', detail: ': ' }],
  ])('that answers %j: the same at once and by promise', async (answer, outcome) => {
    expect(setUp(() => answer).run()).toEqual(outcome);
    expect(await setUp(() => Promise.resolve(answer)).run()).toEqual(outcome);
  });

  test.each([undefined, null, 1, 'yes', {}, { kind: 'pass' }, { kind: 'wait' }])(
    'that answers %j: retry, which says what it must answer',
    (answer) =>
      expect(setUp(() => answer as never).run()).toMatchObject({ kind: 'retry', reason: 'check-invalid' }),
  );

  test('is expected to answer at once until it answers by promise', async () => {
    let answer: Answer | Promise<Answer> = true;
    const { check, run } = setUp(() => answer);
    await run();
    expect(check.atOnce?.()).toBe(true);
    answer = Promise.resolve(true);
    await run();
    expect(check.atOnce?.()).toBe(false);
  });

  test('that throws by promise: retry with the error', async () => {
    const { run } = setUp(() => Promise.reject(new TypeError('no pool')));
    expect(await run()).toEqual({ kind: 'retry', reason: 'check-threw', detail: 'TypeError: no pool' });
  });

  test('is told key, headers and what setup gave, also after it has waited', async () => {
    const record = makeRecord({
      ...{ offset: 0, timestamp: 0, value: null, key: Buffer.from('k') },
      headers: [
        ['a', Buffer.from('1')],
        ['b', Buffer.from('2')],
      ],
    });
    const told: unknown[] = [];
    const { check } = setUp(async (a, resource) => {
      await after(1);
      told.push(a.key, a.headers, a.redrive, resource);
      return true;
    });
    await check.run({ ...input, record });
    expect(told).toEqual(['k', { a: '1', b: '2' }, 0, 'resource']);
  });

  const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  test.each<[string, [string, string][], { traceparent: string; tracestate: string } | undefined, object]>([
    ['the record has', [['traceparent', PARENT]], undefined, { traceparent: PARENT }],
    [
      'the record has, with its state',
      [
        ['traceparent', PARENT],
        ['tracestate', 'a=1'],
      ],
      undefined,
      { traceparent: PARENT, tracestate: 'a=1' },
    ],
    ['is invalid', [['traceparent', 'nonsense']], undefined, {}],
    ['is missing', [], undefined, {}],
    [
      'belongs to the span of the attempt',
      [['traceparent', PARENT]],
      { traceparent: 'own', tracestate: '' },
      { traceparent: 'own' },
    ],
  ])('is told the trace context that %s, at once and by promise', async (_, headers, context, told) => {
    const record = makeRecord({
      ...{ offset: 0, timestamp: 0, value: null, key: null },
      headers: headers.map(([name, value]) => [name, Buffer.from(value)]),
    });
    const seen: unknown[] = [];
    await setUp((a) => (seen.push(a.traceHeaders), true)).check.run({ ...input, record, context });
    const late = setUp(async (a) => (await after(1), seen.push(a.traceHeaders), true));
    await late.check.run({ ...input, record, context });
    expect(seen).toEqual([told, told]);
  });

  test('gives at most fifty reasons', () => {
    let n = 0;
    const { run } = setUp(() => retry(`reason-${n++}`));
    const reasons = Array.from({ length: 60 }, () => (run() as { reason: string }).reason);
    expect(new Set(reasons).size).toBe(51);
    expect(reasons.at(-1)).toBe('check-retry');
  });
});

describe('a promise', () => {
  test('that does not come in time: retry, and its signal is aborted', async () => {
    let signal: AbortSignal | undefined;
    const { clock, run } = setUp(async (a) => {
      signal = a.signal;
      return await new Promise<boolean>(() => undefined);
    });
    const outcome = run();
    await after(1);
    expect(signal?.aborted).toBe(false);
    clock.advance(1_000);
    expect(await outcome).toMatchObject({ kind: 'retry', reason: 'check-timeout' });
    expect(signal?.aborted).toBe(true);
  });

  test.each(['before it answers', 'after'])(
    'from a plain function that looks at its signal %s: it is aborted too',
    async (when) => {
      let seen: AbortSignal | undefined;
      const { clock, run } = setUp((a) => {
        if (when !== 'after') seen = a.signal;
        return after(0).then(() => ((seen = a.signal), new Promise<boolean>(() => undefined)));
      });
      const outcome = run();
      await after(5);
      expect(seen?.aborted).toBe(false);
      clock.advance(1_000);
      expect([await outcome, seen?.aborted]).toMatchObject([{ reason: 'check-timeout' }, true]);
    },
  );

  test('waits for its turn', async () => {
    let running = 0;
    let most = 0;
    const { run } = setUp(async () => {
      most = Math.max(most, ++running);
      await after(2);
      running--;
      return true;
    });
    await Promise.all(Array.from({ length: 8 }, () => run()));
    expect(most).toBe(2);
  });

  test('that fails again and again opens the circuit: the check is not called', async () => {
    let calls = 0;
    const { run } = setUp(async () => {
      calls++;
      return await Promise.reject(new Error('down'));
    });
    const kinds: string[] = [];
    for (let i = 0; i < 5; i++) kinds.push((await run()).kind);
    expect(kinds).toEqual(['retry', 'retry', 'retry', 'wait', 'wait']);
    expect(calls).toBe(3);
  });

  test('from a plain function puts the limits on all that follow', async () => {
    const { clock, run } = setUp(() => new Promise<boolean>(() => undefined));
    const first = run();
    const second = run();
    await after(1);
    clock.advance(1_000);
    expect([await first, await second]).toMatchObject([
      { reason: 'check-timeout' },
      { reason: 'check-timeout' },
    ]);
  });

  test('is aborted when the check is closed', async () => {
    const { check, run } = setUp(
      async ({ signal }) =>
        await new Promise<boolean>((_, no) => signal.addEventListener('abort', () => no(new Error('stop')))),
    );
    const outcome = run();
    await after(1);
    await check.close?.();
    expect(await outcome).toMatchObject({ reason: 'check-threw', detail: 'Error: stop' });
  });
});

describe('runMany', () => {
  type RunMany = (attempts: readonly Attempt[], resource: string) => Promise<readonly Answer[]>;
  const batched = (runMany: RunMany) => {
    const clock = manualClock();
    const o = { name: 'own', ...LIMITS, batchMax: 3, batchWaitMs: 10 };
    const check = createModuleCheck({ runMany: runMany as never }, 'resource', o, { clock });
    const run = (...words: string[]) =>
      words.map((word, n) => Promise.resolve(check.run({ word, id: word, attempt: 1, key: n })));
    return { clock, check, run };
  };

  test('is given words of several keys, and answers each', async () => {
    const seen: unknown[] = [];
    const { run, clock } = batched((attempts, resource) => {
      seen.push([resource, ...attempts.map((a) => a.word)]);
      return Promise.resolve(attempts.map((a) => (a.word === 'b' ? reject('rude') : a.word !== 'c')));
    });
    const all = run('a', 'b', 'c', 'd');
    clock.advance(10);
    expect((await Promise.all(all)).map((o) => o.kind)).toEqual(['pass', 'reject', 'pass', 'pass']);
    expect(seen).toEqual([
      ['resource', 'a', 'b', 'c'],
      ['resource', 'd'],
    ]);
  });

  test('that throws, answers too few or answers too late fails them all once', async () => {
    const throws = batched(() => Promise.reject(new Error('no pool')));
    for (const o of await Promise.all(throws.run('a', 'b', 'c')))
      expect(o).toEqual({ kind: 'retry', reason: 'check-threw', detail: 'Error: no pool' });
    expect(throws.check.circuit?.look(throws.clock.now()).state).toBe('closed');

    const short = batched(() => Promise.resolve([true]));
    for (const o of await Promise.all(short.run('a', 'b', 'c')))
      expect(o).toMatchObject({
        reason: 'check-invalid',
        detail: expect.stringContaining('of 3') as unknown,
      });

    let aborted = 0;
    const late = batched((attempts) => {
      for (const { signal } of attempts) signal.addEventListener('abort', () => aborted++);
      return new Promise(() => undefined);
    });
    const all = late.run('a', 'b', 'c');
    await after(1);
    late.clock.advance(LIMITS.timeoutMs);
    for (const o of await Promise.all(all)) expect(o).toMatchObject({ reason: 'check-timeout' });
    expect(aborted).toBe(3);
  });

  test('a hole among the answers is an answer that is wrong', async () => {
    const { run } = batched(() => {
      const answers: boolean[] = [true];
      answers[2] = true;
      return Promise.resolve(answers);
    });
    const kinds = (await Promise.all(run('a', 'b', 'c'))).map((o) => o.kind);
    expect(kinds).toEqual(['pass', 'retry', 'pass']);
  });
});

test('retry may ask for time', async () => {
  expect(await setUp(() => Promise.resolve(retry('busy', '', { afterMs: 1.2 }))).run()).toEqual({
    ...{ kind: 'retry', reason: 'busy', detail: '' },
    afterMs: 2,
  });
  expect(setUp(() => retry('busy', '', { afterMs: Number.NaN })).run()).not.toHaveProperty('afterMs');
});

test('what it logs has the ids of its trace, where there is one', async () => {
  const told: object[] = [];
  const log: Log = { ...silentLog, child: (fields) => (told.push(fields), log) };
  const check = createModuleCheck(
    { run: ({ log: own }) => (own.info({}, 'seen'), true) },
    undefined,
    { name: 'own', ...LIMITS },
    { clock: manualClock(), log },
  );
  const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
  await check.run(input);
  await check.run({ ...input, context: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: '' } });
  expect(told).toEqual([{ check: 'own' }, { trace_id: traceId, span_id: spanId }]);
});
