import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { retryDelayMs, decideRetry, type RetryConfig } from './retry.ts';

const exact: RetryConfig = { maxAttempts: 5, baseMs: 100, multiplier: 2, maxMs: 500, jitter: 'none' };

describe('decideRetry', () => {
  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 500],
  ])('backs off after attempt %d by %d ms', (attempt, delayMs) => {
    expect(decideRetry(attempt, 'retry', exact, 0.5)).toEqual({
      kind: 'retry',
      attempt: attempt + 1,
      delayMs,
    });
  });

  test.each([5, 6, 1000])('ends after attempt %d of 5', (attempt) => {
    expect(decideRetry(attempt, 'retry', exact, 0)).toEqual({
      kind: 'dead-letter',
      why: 'retry-exhausted',
    });
  });

  test('ends at once for a reject', () => {
    const end = { kind: 'dead-letter', why: 'reject' };
    expect(decideRetry(1, 'reject', exact, 0)).toEqual(end);
  });

  test.each([
    ['full', 0, 0],
    ['full', 0.5, 200],
    ['equal', 0, 200],
    ['equal', 0.5, 300],
    ['none', 0.9, 400],
  ] as const)('%s jitter at %d gives %d of 400 ms', (jitter, random, delayMs) => {
    expect(decideRetry(3, 'retry', { ...exact, jitter }, random)).toMatchObject({ delayMs });
  });

  test('is a whole number within its bounds, however large the attempt', () => {
    const config = fc.record({
      maxAttempts: fc.integer({ min: 1, max: 65535 }),
      baseMs: fc.integer({ min: 1, max: 600_000 }),
      multiplier: fc.double({ min: 1, max: 100, noNaN: true }),
      maxMs: fc.integer({ min: 1, max: 86_400_000 }),
      jitter: fc.constantFrom('full' as const, 'equal' as const, 'none' as const),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65535 }),
        config,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, c, r) => {
          const next = decideRetry(attempt, 'retry', c, r);
          expect(next.kind).toBe(attempt < c.maxAttempts ? 'retry' : 'dead-letter');
          if (next.kind !== 'retry') return;
          expect(Number.isInteger(next.delayMs)).toBe(true);
          expect(next.delayMs).toBeGreaterThanOrEqual(
            c.jitter === 'full' ? 0 : Math.floor(retryDelayMs(attempt, c) / 2),
          );
          expect(next.delayMs).toBeLessThanOrEqual(c.maxMs);
        },
      ),
    );
  });

  test('comes no sooner than was asked for, spread over another base delay, and never after the longest', () => {
    const config = { maxAttempts: 9, baseMs: 100, multiplier: 2, maxMs: 10_000, jitter: 'equal' } as const;
    const delay = (afterMs: number, random: number, jitter: 'equal' | 'none' = 'equal') => {
      const next = decideRetry(1, 'retry', { ...config, jitter }, random, afterMs);
      return next.kind === 'retry' ? next.delayMs : -1;
    };
    expect([delay(5_000, 0), delay(5_000, 0.5), delay(5_000, 0.5, 'none')]).toEqual([5_000, 5_050, 5_000]);
    expect([delay(60_000, 0), delay(10, 0.5)]).toEqual([10_000, 75]);
  });
});
