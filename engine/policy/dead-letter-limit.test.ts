import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DeadLetterLimit, type DeadLetterLimitConfig, type WrittenDeadLetter } from './dead-letter-limit.ts';
import type { DeadLetterKind } from '@verdikt/core/record/outcome.ts';

const config: DeadLetterLimitConfig = { max: 3, windowMs: 1000, backOffMs: 500, maxBackOffMs: 2000 };
const RETRY = 'retry-exhausted';
const REJECT = 'reject';

const fill = (kind: DeadLetterKind, at = 0): DeadLetterLimit => {
  const limit = new DeadLetterLimit(config, at);
  for (let i = 0; i < config.max; i++) expect(limit.admit(at, kind)).toBe('write');
  return limit;
};
/** Open at 0, half-open from 500. */
const tripped = (): DeadLetterLimit => {
  const limit = fill(RETRY);
  expect(limit.admit(0, RETRY)).toBe('hold');
  return limit;
};

describe('closed', () => {
  test('admits up to the allowance, and again as the window slides', () => {
    const limit = new DeadLetterLimit(config, 0);
    expect([0, 400, 800].map((t) => limit.admit(t, RETRY))).toEqual(['write', 'write', 'write']);
    expect(limit.admit(1000, RETRY)).toBe('write');
    expect(limit.state(1000)).toBe('closed');
    expect(limit.admit(1399, RETRY)).toBe('hold');
    expect(limit.state(1399)).toBe('open');
  });

  test('lets every record be attempted', () => {
    const limit = new DeadLetterLimit(config, 0);
    expect([limit.probe(0), limit.probe(0)]).toEqual([true, true]);
  });
});

describe('open after exhausted retries', () => {
  test('holds all, and lets none be attempted, until the back-off is over', () => {
    const limit = tripped();
    expect([limit.admit(499, RETRY), limit.admit(499, REJECT), limit.probe(499)]).toEqual([
      'hold',
      'hold',
      false,
    ]);
    expect([limit.heldUntil(499), limit.state(499), limit.state(500)]).toEqual([500, 'open', 'half-open']);
  });

  test('lets exactly one probe through', () => {
    const limit = tripped();
    expect([limit.probe(500), limit.probe(500), limit.probe(600)]).toEqual([true, false, false]);
    expect(limit.heldUntil(600)).toBe(1100);
  });

  test('success of the probe closes it', () => {
    const limit = tripped();
    limit.probe(500);
    limit.succeeded(510, true);
    expect(limit.state(510)).toBe('closed');
    expect(limit.admit(1000, RETRY)).toBe('write');
  });

  test('failure of the probe opens it again for twice as long, up to the longest', () => {
    const limit = tripped();
    limit.admit(1, RETRY);
    let t = 500;
    const backOffs: number[] = [];
    for (let i = 0; i < 4; i++) {
      expect(limit.probe(t)).toBe(true);
      expect(limit.admit(t, RETRY, true)).toBe('hold');
      expect(limit.state(t)).toBe('open');
      backOffs.push(limit.heldUntil(t) - t);
      t = limit.heldUntil(t);
    }
    expect(backOffs).toEqual([1000, 2000, 2000, 2000]);
  });

  test('what others do while a probe runs decides nothing', () => {
    const limit = tripped();
    limit.probe(500);
    limit.succeeded(510);
    expect(limit.admit(520, RETRY)).toBe('hold');
    expect(limit.state(520)).toBe('half-open');
  });

  test('success before the back-off is over does not close it', () => {
    const limit = tripped();
    limit.succeeded(499);
    limit.succeeded(499, true);
    expect(limit.state(499)).toBe('open');
  });

  test('without a probe, the first to succeed or fail in half-open counts as one', () => {
    const good = tripped();
    good.succeeded(500);
    expect(good.state(500)).toBe('closed');
    const bad = tripped();
    expect(bad.admit(500, RETRY)).toBe('hold');
    expect(bad.state(999)).toBe('open');
  });

  test('a probe that never comes back is replaced after a back-off', () => {
    const limit = tripped();
    expect([limit.probe(500), limit.probe(999), limit.probe(1000)]).toEqual([true, false, true]);
  });

  test('the next trip starts with the first back-off', () => {
    const limit = tripped();
    limit.probe(500);
    limit.admit(500, RETRY, true);
    limit.probe(1500);
    limit.succeeded(1500, true);
    for (let i = 0; i < 3; i++) expect(limit.admit(1500, RETRY)).toBe('write');
    expect(limit.admit(1500, RETRY)).toBe('hold');
    expect(limit.heldUntil(1500)).toBe(2000);
  });
});

describe('at the longest back-off', () => {
  /** Two failed probes: 500, 1500; the third is due at 3500. */
  const atLongest = (others: number): DeadLetterLimit => {
    const limit = tripped();
    for (let i = 0; i < others; i++) expect(limit.admit(1, RETRY)).toBe('hold');
    for (const t of [500, 1500])
      expect([limit.probe(t), limit.admit(t, RETRY, true)]).toEqual([true, 'hold']);
    return limit;
  };

  test('a failed probe is written if no other record is held, and closes', () => {
    const limit = atLongest(0);
    expect([limit.probe(3500), limit.admit(3500, RETRY, true), limit.state(3500)]).toEqual([
      true,
      'write',
      'closed',
    ]);
  });

  test('a failed probe is held if others are and nothing succeeds', () => {
    const limit = atLongest(1);
    expect([limit.probe(3500), limit.admit(3500, RETRY, true), limit.state(3500)]).toEqual([
      true,
      'hold',
      'open',
    ]);
  });

  test('a failed probe is written if others succeed; one each time, until none is held', () => {
    const limit = atLongest(1);
    limit.succeeded(2000);
    expect([limit.probe(3500), limit.admit(3500, RETRY, true), limit.state(3500)]).toEqual([
      true,
      'write',
      'open',
    ]);
    expect(limit.heldUntil(3500)).toBe(5500);
    expect([limit.probe(5500), limit.admit(5500, RETRY, true), limit.state(5500)]).toEqual([
      true,
      'write',
      'closed',
    ]);
  });

  test('a failed probe is held while the window has no room', () => {
    const limit = new DeadLetterLimit({ ...config, windowMs: 5000 }, 0);
    for (let i = 0; i < 4; i++) limit.admit(0, RETRY);
    const answers = [500, 1500, 3500, 5500].map((t) =>
      limit.probe(t) ? limit.admit(t, RETRY, true) : 'no probe',
    );
    expect(answers).toEqual(['hold', 'hold', 'hold', 'write']);
  });
});

describe('a flood of rejects', () => {
  test.each([
    [[REJECT, REJECT, REJECT], REJECT, 'operator'],
    [[REJECT, REJECT, RETRY], RETRY, 'operator'],
    [[RETRY, RETRY, REJECT], REJECT, 'operator'],
    [[RETRY, RETRY, REJECT], RETRY, 'open'],
    [[RETRY, RETRY, RETRY], REJECT, 'open'],
  ] as [DeadLetterKind[], DeadLetterKind, string][])('%j then %s: %s', (kinds, last, state) => {
    const limit = new DeadLetterLimit(config, 0);
    for (const k of kinds) expect(limit.admit(0, k)).toBe('write');
    expect([limit.admit(0, last), limit.state(0)]).toEqual(['hold', state]);
  });

  test('needs an operator, whatever happens and however long it takes', () => {
    const limit = fill(REJECT);
    limit.admit(0, REJECT);
    limit.succeeded(1e9, true);
    expect([limit.state(1e9), limit.probe(1e9), limit.admit(1e9, RETRY)]).toEqual([
      'operator',
      false,
      'hold',
    ]);
    expect(limit.heldUntil(1e9)).toBe(1e9 + 2000);
    limit.reset();
    expect([limit.state(1e9), limit.probe(1e9)]).toEqual(['closed', true]);
    expect([1, 2, 3, 4].map(() => limit.admit(1e9, REJECT))).toEqual(['write', 'write', 'write', 'hold']);
  });
});

describe('rebuilt from what was written', () => {
  const at = (kind: DeadLetterKind, ...times: number[]): WrittenDeadLetter[] =>
    times.map((t) => ({ at: t, kind }));

  test('counts what lies in the window', () => {
    const limit = new DeadLetterLimit(config, 1500, at(RETRY, 100, 900, 1000));
    expect([limit.admit(1500, RETRY), limit.admit(1500, RETRY)]).toEqual(['write', 'hold']);
  });

  test.each([
    ['a flood of rejects', at(REJECT, 0, 500, 999), -Infinity, 'operator'],
    ['older ones before it', at(REJECT, -9000, -8000, 0, 500, 999), -Infinity, 'operator'],
    ['rejects that fill no window', at(REJECT, 0, 500, 1000), -Infinity, 'closed'],
    ['fewer rejects than the allowance', at(REJECT, 0, 1), -Infinity, 'closed'],
    ['a flood of exhausted retries', at(RETRY, 0, 500, 999), -Infinity, 'closed'],
    ['a flood that an operator has seen', at(REJECT, 0, 500, 999), 999, 'closed'],
    ['a flood that began before the operator reset it', at(REJECT, 0, 500, 999), 500, 'closed'],
  ] as const)('%s', (_, written, resetAt, state) => {
    expect(new DeadLetterLimit(config, 1e6, written, resetAt).state(1e6)).toBe(state);
  });

  test('a broker whose clock is ahead takes no allowance from the future', () => {
    const limit = new DeadLetterLimit(config, 0, at(RETRY, 3_600_000, 3_600_000, 3_600_000));
    expect(limit.admit(999, RETRY)).toBe('hold');
    expect(limit.probe(limit.heldUntil(999))).toBe(true);
    limit.succeeded(1500, true);
    expect(limit.admit(1500, RETRY)).toBe('write');
  });
});

test('a clock that is set back stands still: no back-off gets longer', () => {
  const limit = new DeadLetterLimit(config, 3_600_000);
  for (let i = 0; i < 4; i++) limit.admit(3_600_000, RETRY);
  expect([limit.state(0), limit.heldUntil(0)]).toEqual(['open', 500]);
  expect(limit.state(500)).toBe('half-open');
});

const kinds = fc.constantFrom<DeadLetterKind>(RETRY, REJECT);
const steps = fc.array(
  fc.record({
    wait: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(3000)),
    do: fc.constantFrom('admit', 'admit', 'admit', 'probe', 'probed-admit', 'succeeded', 'probed-success'),
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constant<DeadLetterKind>(RETRY) },
      { weight: 1, arbitrary: kinds },
    ),
  }),
  { maxLength: 120 },
);

test('never admits more than the allowance in any window, and has at most one probe out', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(100, 1000, 5000),
      fc.array(fc.nat(2000), { maxLength: 8 }),
      kinds,
      steps,
      (max, windowMs, before, kind, list) => {
        const restored = before.sort((a, b) => a - b).map((t) => ({ at: t, kind }));
        let now = 2000;
        const limit = new DeadLetterLimit({ ...config, max, windowMs }, now, restored);
        const admitted: number[] = restored.slice(-max).map((w) => w.at);
        const old = admitted.length;
        let probeSince = -Infinity;
        for (const s of list) {
          now += s.wait;
          const state = limit.state(now);
          const until = limit.heldUntil(now);
          expect(until > now && until <= now + config.maxBackOffMs).toBe(true);
          if (s.do === 'probe') {
            const may = limit.probe(now);
            if (state === 'open' || state === 'operator') expect(may).toBe(false);
            if (state === 'half-open' && may) {
              expect(now - probeSince).toBeGreaterThanOrEqual(config.backOffMs);
              probeSince = now;
            }
          } else if (s.do === 'succeeded' || s.do === 'probed-success')
            limit.succeeded(now, s.do === 'probed-success');
          else if (limit.admit(now, s.kind, s.do === 'probed-admit') === 'write') {
            expect(['closed', 'half-open']).toContain(state);
            admitted.push(now);
          }
          if (limit.state(now) !== 'half-open') probeSince = -Infinity;
        }
        for (let i = Math.max(old, max); i < admitted.length; i++)
          expect(admitted[i] - admitted[i - max]).toBeGreaterThanOrEqual(windowMs);
      },
    ),
    { numRuns: 3000 },
  );
});
