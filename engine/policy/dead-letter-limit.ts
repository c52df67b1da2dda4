import { at } from '@verdikt/core/at.ts';
import type { DeadLetterKind } from '@verdikt/core/record/outcome.ts';

export interface DeadLetterLimitConfig {
  /** Dead letters that a task may write within any window; at least 1. */
  readonly max: number;
  readonly windowMs: number;
  /** First back-off once the allowance is used up; doubles with every failed probe up to the longest. */
  readonly backOffMs: number;
  readonly maxBackOffMs: number;
}

/** A dead letter that was written earlier. */
export interface WrittenDeadLetter {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: DeadLetterKind;
}

/** `operator`: a flood of rejects; nothing but `reset` ends it. */
type LimitState = 'closed' | 'open' | 'half-open' | 'operator';

/**
 * The circuit breaker over the dead letters of one task. It is asked before a dead letter is planned, and never admits more
 * than `max` in any window of `windowMs`. The next one is held: its record stays in its lane, the attempt does not count, and
 * it is due again at `heldUntil`. What trips it decides how it ends:
 *
 * - mostly exhausted retries: open for a back-off, then half-open. One held record may be attempted, the *probe*. Success
 *   closes the breaker; failure opens it again for twice as long. At the longest back-off a failed probe is written after
 *   all, if the window has room and either other records have succeeded since or no other one is held: then it is the record
 *   that is bad, and it would else wait forever.
 * - at least half rejects: the data is bad, and waiting does not fix data. It stays open until `reset`.
 *
 * Deterministic; time is an argument. A clock that is set back stands still here instead.
 */
export class DeadLetterLimit {
  readonly #config: DeadLetterLimitConfig;
  /** The last `max` written, as a ring; `#next` is the oldest once it is full. */
  readonly #at: Float64Array;
  readonly #rejects: Uint8Array;
  #next = 0;
  #count = 0;
  #state: 'closed' | 'open' | 'operator' = 'closed';
  /** While open: when it becomes half-open. */
  #until = 0;
  #backOff: number;
  /** Since when a probe runs; -1: none. */
  #probe = -1;
  #held = 0;
  #succeeded = false;
  #last = -Infinity;
  /** Added to what the caller says the time is. */
  #skew = 0;

  /**
   * `written`: the last dead letters of the task, oldest first; give at least `max` of them if there are. If the last `max`
   * fill one window and at least half are rejects, it starts in `operator`, so that a restart does not let the next flood
   * through, unless an operator reset it after them (`resetAt`, milliseconds since 1970).
   */
  constructor(
    config: DeadLetterLimitConfig,
    now: number,
    written: readonly WrittenDeadLetter[] = [],
    resetAt = -Infinity,
  ) {
    this.#config = config;
    this.#backOff = config.backOffMs;
    this.#at = new Float64Array(config.max);
    this.#rejects = new Uint8Array(config.max);
    const t = this.#time(now);
    // The clock of the broker that stamped them may be ahead of ours.
    const known = written.filter((w) => w.at > resetAt).map((w) => ({ at: Math.min(w.at, t), kind: w.kind }));
    for (const w of known) this.#note(w.at, w.kind);
    const last = known.at(-1);
    if (last !== undefined && this.#full(last.at) && this.#mostlyRejects()) this.#state = 'operator';
  }

  state(now: number): LimitState {
    return this.#state === 'open' && this.#time(now) >= this.#until ? 'half-open' : this.#state;
  }

  /**
   * Asked before a dead letter is planned. `write` counts it as written. `isProbe`: the record was let through by `probe`.
   * While no probe runs, the first to ask in half-open counts as one.
   */
  admit(now: number, kind: DeadLetterKind, isProbe = false): 'write' | 'hold' {
    const t = this.#time(now);
    switch (this.state(now)) {
      case 'closed':
        if (this.#full(t)) return this.#trip(t, kind);
        this.#note(t, kind);
        return 'write';
      case 'half-open':
        if (isProbe || this.#probe < 0) return this.#probeFailed(t, kind);
        this.#held++;
        return 'hold';
      default:
        this.#held++;
        return 'hold';
    }
  }

  /**
   * Asked before a held record is attempted again: true if it may be. In half-open that makes it the probe, and no other
   * follows until it is resolved or has been out for a back-off.
   */
  probe(now: number): boolean {
    const t = this.#time(now);
    const state = this.state(now);
    if (state !== 'half-open') return state === 'closed';
    if (this.#probe >= 0 && t < this.#probe + this.#config.backOffMs) return false;
    this.#probe = t;
    return true;
  }

  /** A record was decided with a verdict. While no probe runs, the first success in half-open counts as one. */
  succeeded(now: number, isProbe = false): void {
    if (this.#state === 'closed') return;
    const probes = isProbe || this.#probe < 0;
    this.#succeeded = true;
    if (probes && this.state(now) === 'half-open') this.#close();
  }

  /** When a held record is due again, at most `maxBackOffMs` away. */
  heldUntil(now: number): number {
    const t = this.#time(now);
    if (this.#state === 'operator') return now + this.#config.maxBackOffMs;
    return now + (this.#state === 'open' && t < this.#until ? this.#until - t : this.#config.backOffMs);
  }

  /** An operator takes the responsibility: closed again, with the whole allowance. */
  reset(): void {
    this.#count = 0;
    this.#next = 0;
    this.#close();
  }

  #trip(t: number, kind: DeadLetterKind): 'hold' {
    this.#held = 1;
    this.#succeeded = false;
    if (this.#mostlyRejects(kind)) this.#state = 'operator';
    else this.#open(t, this.#config.backOffMs);
    return 'hold';
  }

  #probeFailed(t: number, kind: DeadLetterKind): 'write' | 'hold' {
    const longest = this.#backOff >= this.#config.maxBackOffMs;
    const itself = longest && (this.#succeeded || this.#held <= 1) && !this.#full(t);
    this.#succeeded = false;
    this.#open(t, Math.min(this.#backOff * 2, this.#config.maxBackOffMs));
    if (!itself) return 'hold';
    this.#note(t, kind);
    if (--this.#held <= 0) this.#close();
    return 'write';
  }

  #open(t: number, backOff: number): void {
    this.#state = 'open';
    this.#backOff = Math.min(backOff, this.#config.maxBackOffMs);
    this.#until = t + this.#backOff;
    this.#probe = -1;
  }

  #close(): void {
    this.#state = 'closed';
    this.#backOff = this.#config.backOffMs;
    this.#probe = -1;
    this.#held = 0;
  }

  /** True when `max` were written in (t - windowMs, t]. */
  #full(t: number): boolean {
    return this.#count === this.#config.max && at(this.#at, this.#next) > t - this.#config.windowMs;
  }

  /** `tripping`: the one that is held now belongs to the flood too. */
  #mostlyRejects(tripping?: DeadLetterKind): boolean {
    let rejects = tripping === 'reject' ? 1 : 0;
    for (let i = 0; i < this.#count; i++) rejects += at(this.#rejects, i);
    return rejects * 2 >= this.#count + (tripping === undefined ? 0 : 1);
  }

  #note(t: number, kind: DeadLetterKind): void {
    this.#at[this.#next] = t;
    this.#rejects[this.#next] = kind === 'reject' ? 1 : 0;
    this.#next = (this.#next + 1) % this.#config.max;
    this.#count = Math.min(this.#count + 1, this.#config.max);
  }

  #time(now: number): number {
    if (now + this.#skew < this.#last) this.#skew = this.#last - now;
    this.#last = now + this.#skew;
    return this.#last;
  }
}
