import type { InRecord } from '@verdikt/core/record/record.ts';
import { NOTHING, type Attempt, type Waiting } from '../policy/attempt.ts';
import type { Identity } from '../policy/identity.ts';
import type { Limit, TaskContext } from '../policy/task-context.ts';
import { attemptAt } from './attempt-at.ts';
import { HELD } from './entries.ts';
import type { Outstanding } from './outstanding.ts';
import type { PlanBuilder } from './plan.ts';

/** A record that waits for an operator. */
interface ParkedRecord {
  readonly attempt: Attempt;
  readonly waiting: Waiting & { readonly parked: NonNullable<Waiting['parked']> };
}

/** What operators may do to the records of a task; whether they may is decided elsewhere. */
export class Redrives {
  readonly #context: TaskContext;
  readonly #limit: Limit;
  readonly #plan: PlanBuilder;
  readonly #outstanding: Outstanding;

  constructor(context: TaskContext, limit: Limit, plan: PlanBuilder, outstanding: Outstanding) {
    this.#context = context;
    this.#limit = limit;
    this.#plan = plan;
    this.#outstanding = outstanding;
  }

  identify(record: InRecord, origin: number, redrive: number): Identity {
    return this.#outstanding.identify(record, origin, redrive);
  }

  /** The id of a record that brings none. */
  ownId(origin: number): string {
    return this.#outstanding.ownId(origin);
  }

  /** The record that is parked there; `wait`: its bytes are fetched first; undefined: none is. */
  parked(origin: number, redrive: number): ParkedRecord | 'wait' | undefined {
    const { cache, parked } = this.#outstanding;
    const slot = parked.find(origin, redrive);
    if (slot < 0) return undefined;
    const record = cache.record(slot);
    const waiting = cache.waiting(slot);
    if (record !== undefined && waiting?.parked !== undefined)
      return {
        attempt: attemptAt(this.#outstanding, slot, record, waiting),
        waiting: { ...waiting, parked: waiting.parked },
      };
    cache.want(slot);
    return 'wait';
  }

  /** A parked record goes on. `whole`: the record itself, where all that is left of it here is its stub. */
  resume({ attempt }: ParkedRecord, whole: InRecord | undefined, now: number): void {
    if (whole !== undefined) this.#outstanding.cache.keep(attempt.slot, whole);
    this.#outstanding.redrive(attempt.slot, now);
  }

  /** A parked record is given up, by this command. */
  abandon({ attempt, waiting }: ParkedRecord, command: string, now: number): void {
    const { kind, error: detail, stage } = waiting.parked;
    const why = { reason: waiting.reason, detail, stage };
    const letter = this.#context.deadLetter(attempt, kind, why, waiting.firstFailedAt, 'final', command);
    this.#plan.deadLetter(letter, attempt.record.size);
    this.#outstanding.end(attempt, now);
  }

  /** Whether a record that has ended may come back under the next redrive count; `redrive`: that under which it ended. */
  whyNot(
    record: InRecord,
    origin: number,
    redrive: number,
  ): 'outstanding' | 'known' | 'place-taken' | undefined {
    const { dedup } = this.#outstanding;
    if (dedup.known(this.identify(record, origin, redrive).hash) === 'outstanding') return 'outstanding';
    if (dedup.known(this.identify(record, origin, redrive + 1).hash) !== 'no') return 'known';
    // Two entries of one origin and count would be one in the log.
    return this.#outstanding.hasRedriven(origin, redrive + 1) ? 'place-taken' : undefined;
  }

  /** It comes back, to the place in its lane that its origin gives it. */
  comeBack(record: InRecord, origin: number, redrive: number, now: number): void {
    const { lanes } = this.#outstanding;
    const identity = this.identify(record, origin, redrive);
    const a: Attempt = {
      slot: -1,
      incarnation: 0,
      record,
      origin,
      redrive,
      attempt: 1,
      id: identity.id,
      identity,
      key: identity.lane,
      passed: NOTHING,
      probe: false,
    };
    this.#outstanding.enter(a);
    if (lanes.isHead(a.slot)) lanes.schedule(a.slot, now);
  }

  /** Dead letters are admitted again, and those that were held are tried at once. False: the limit was not reached. */
  resetLimit(now: number): boolean {
    const { lanes } = this.#outstanding;
    if (this.#limit.state(now) === 'closed') return false;
    this.#limit.reset();
    for (const slot of lanes.walk())
      if (lanes.entries.has(slot, HELD) && lanes.entries.due[slot] >= 0) lanes.schedule(slot, now);
    return true;
  }
}
