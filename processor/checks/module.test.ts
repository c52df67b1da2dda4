import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
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
