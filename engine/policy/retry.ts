import { backOffMs } from '@verdikt/core/back-off.ts';
import type { DeadLetterKind } from '@verdikt/core/record/outcome.ts';

export interface RetryConfig {
  /** Attempts at one record before it becomes a dead letter; at least 1. */
  readonly maxAttempts: number;
  /** Back-off after the first attempt, in milliseconds; at least 1. */
  readonly baseMs: number;
  /** Each back-off is this many times the one before; at least 1. */
  readonly multiplier: number;
  /** Longest back-off, in milliseconds. */
  readonly maxMs: number;
  /** `full`: anywhere in 0 .. back-off, spreads most. `equal`: half fixed, half spread, keeps a distance. `none`: exact. */
  readonly jitter: 'full' | 'equal' | 'none';
}

export type RetryDecision =
  | { readonly kind: 'retry'; readonly attempt: number; readonly delayMs: number }
  | { readonly kind: 'dead-letter'; readonly why: DeadLetterKind };

/** Back-off before jitter after failed attempt number `attempt` (from 1), in milliseconds. */
export const retryDelayMs = (attempt: number, { baseMs, maxMs, multiplier }: RetryConfig): number =>
  backOffMs(attempt, { fromMs: baseMs, toMs: maxMs, factor: multiplier });

/**
 * What follows attempt number `attempt` (from 1) that failed: the next attempt and its back-off in whole milliseconds, never
 * over `maxMs`; or the end, at once for a reject and after `maxAttempts` otherwise. `random` lies in [0, 1). `afterMs`: what failed asked
 * for at least so much; many are asked for the same, so jitter spreads them over another `baseMs`.
 */
export const decideRetry = (
  attempt: number,
  kind: 'retry' | 'reject',
  config: RetryConfig,
  random: number,
  afterMs = 0,
): RetryDecision => {
  if (kind === 'reject') return { kind: 'dead-letter', why: 'reject' };
  if (attempt >= config.maxAttempts) return { kind: 'dead-letter', why: 'retry-exhausted' };
  const whole = retryDelayMs(attempt, config);
  const fixed = config.jitter === 'none' ? whole : config.jitter === 'equal' ? whole / 2 : 0;
  const own = fixed + random * (whole - fixed);
  const asked = afterMs > 0 ? afterMs + (config.jitter === 'none' ? 0 : random * config.baseMs) : 0;
  return {
    kind: 'retry',
    attempt: attempt + 1,
    delayMs: Math.round(Math.min(config.maxMs, Math.max(own, asked))),
  };
};
