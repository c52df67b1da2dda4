import type { DeadLetterKind, Failure } from '@verdikt/core/record/outcome.ts';
import { CIRCUIT_OPEN } from '@verdikt/core/ports/chain.ts';
import type { Attempt, Judged, Waiting } from '../policy/attempt.ts';
import { KeyMemory } from '../policy/key-memory.ts';
import type { Limit, TaskContext } from '../policy/task-context.ts';
import type { Gates } from './gates.ts';
import type { Outstanding } from './outstanding.ts';
import { count, type PlanBuilder } from './plan.ts';

const MOST_FAILING = 4_096;
/** Heads that a circuit has no room for look again after so many waits. */
const CROWDED = 5;

/** What outcomes change. */
interface Changed {
  readonly context: TaskContext;
  readonly limit: Limit;
  readonly plan: PlanBuilder;
  readonly outstanding: Outstanding;
  readonly gates: Gates;
}

/** Applies the outcomes of attempts: a verdict, a dead letter, or a place in the lane. */
export class Outcomes {
  readonly #d: Changed;
  /** Keys whose last attempt failed. */
  readonly #failing = new KeyMemory(MOST_FAILING);

  constructor(d: Changed) {
    this.#d = d;
  }

  /** Did the last attempt at a record of its key fail? */
  fails(a: Pick<Attempt, 'attempt' | 'key'>): boolean {
    return a.attempt > 1 || this.#failing.has(a.key);
  }

  apply(a: Attempt, judged: Judged, now: number): void {
    const { context, limit, plan, outstanding, gates } = this.#d;
    const { tally } = plan;
    gates.resolved(a.key, now);
    switch (judged.kind) {
      case 'done': {
        this.#failing.delete(a.key);
        const accepted = judged.results.every((r) => r.answer);
        plan.verdict(context.verdict(a, judged, accepted, now));
        plan.judged(accepted, judged.facts.submittedAt);
        limit.succeeded(now, a.probe);
        outstanding.end(a, now);
        return;
      }
      case 'wait':
        count(tally.waits, judged.reason);
        return this.#wait(a, judged, now);
      case 'reject':
      case 'retry': {
        this.#failing.add(a.key);
        const next = context.retry(a.attempt, judged.kind, 'afterMs' in judged ? judged.afterMs : undefined);
        if (next.kind === 'dead-letter') return this.#die(a, next.why, judged, now);
        count(tally.retries, judged.reason);
        this.#later(a, next.attempt, judged, now + next.delayMs, now);
        return;
      }
    }
  }

  #die(a: Attempt, kind: DeadLetterKind, failure: Failure, now: number): void {
    const { context, limit, plan, outstanding } = this.#d;
    if (limit.admit(now, kind, a.probe) === 'hold') {
      plan.tally.held++;
      this.#later(a, a.attempt, failure, limit.heldUntil(now), now, true);
      return;
    }
    const firstFailedAt = outstanding.cache.waiting(a.slot)?.firstFailedAt || now;
    const { parks } = context;
    const letter = context.deadLetter(a, kind, failure, firstFailedAt, parks ? 'parked' : 'final');
    plan.deadLetter(letter, a.record.size);
    const { rejected, exhausted } = plan.tally;
    count(kind === 'reject' ? rejected : exhausted, failure.reason);
    if (!parks) return outstanding.end(a, now);
    const { reason, passed, detail: error, stage } = failure;
    const waiting = { dueAt: 0, firstFailedAt, reason, passed, held: false };
    this.#stay(a, a.attempt, { ...waiting, parked: { at: now, kind, error, stage } }, now);
  }

  /** It could not be looked at: the attempt does not count. */
  #wait(a: Attempt, f: Failure, now: number): void {
    const { context, outstanding, gates } = this.#d;
    const { waitMs } = context;
    if (a.slot < 0) outstanding.enter(a);
    const queued = f.reason === CIRCUIT_OPEN && gates.waits(a.slot, f.stage, a.key);
    const crowded = f.reason === CIRCUIT_OPEN && !queued && gates.circuits.length > 0;
    const due = queued ? Infinity : now + waitMs * (crowded ? CROWDED : 1);
    this.#later(a, a.attempt, f, now + waitMs, now, false, due);
    if (!outstanding.lanes.isHead(a.slot)) gates.left(a.slot);
    else if (f.stage === 'decode') gates.missesSchema(a.slot);
  }

  /** Not decided: (again) in its lane, due later. */
  #later(
    a: Attempt,
    attempt: number,
    f: Failure,
    dueAt: number,
    now: number,
    held = false,
    due = dueAt,
  ): void {
    const firstFailedAt = this.#d.outstanding.cache.waiting(a.slot)?.firstFailedAt || now;
    this.#stay(a, attempt, { dueAt, firstFailedAt, reason: f.reason, passed: f.passed, held }, now, due);
  }

  #stay(a: Attempt, attempt: number, waiting: Waiting, now: number, due?: number): void {
    const { outstanding } = this.#d;
    if (a.slot < 0) outstanding.enter(a);
    outstanding.stay(a.slot, attempt, waiting, now, due);
  }
}
