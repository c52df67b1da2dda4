import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Failure, DeadLetterKind } from '@verdikt/core/record/outcome.ts';
import { CIRCUIT_OPEN } from '@verdikt/core/ports/chain.ts';
import type { Committed } from '@verdikt/core/ports/transactions.ts';
import { newAttempt, type Attempt, type Judged, type Waiting } from '../policy/attempt.ts';
import { KeyMemory } from '../policy/key-memory.ts';
import { Aside } from './aside.ts';
import { attemptAt } from './attempt-at.ts';
import { RUNNING } from './entries.ts';
import { Gates } from './gates.ts';
import type { Wanted } from './record-cache.ts';
import type { Lanes } from './lanes.ts';
import { Ledger, type LogFacts } from './ledger.ts';
import { Outstanding } from './outstanding.ts';
import { count, PlanBuilder, type SlicePlan } from './plan.ts';
import type { Limit, TaskContext } from '../policy/task-context.ts';
import type { RetryLog } from './retry-log.ts';
import type { DedupWindow } from './dedup-window.ts';

const MOST_FAILING = 4_096;
/** Heads that a circuit has no room for look again after so many waits. */
const CROWDED = 5;

/**
 * All that one task knows: lanes, dedup, the plan being built. Deterministic; the caller brings time, records and outcomes.
 * It always describes the committed log plus every plan handed out; when a plan fails, drop it whole and rebuild from Kafka.
 */
export class TaskState {
  readonly context: TaskContext;
  readonly limit: Limit;
  readonly plan: PlanBuilder;
  readonly outstanding: Outstanding;
  readonly ledger: Ledger;
  readonly gates: Gates;
  /** Heads that are due, of keys that fail, beyond the places that such keys get. */
  readonly #aside: Aside;
  /** Keys whose last attempt failed. */
  readonly #failing = new KeyMemory(MOST_FAILING);
  /** `words` is decided or in lanes up to here. */
  position = 0;

  /** `retryStart`: first offset of the retry partition. */
  constructor(context: TaskContext, limit: Limit, facts: LogFacts, retryStart = 0) {
    this.context = context;
    this.plan = new PlanBuilder(context.memory.pages);
    this.limit = limit;
    this.outstanding = new Outstanding(context, retryStart, facts.ends.retry, facts.ids.words);
    this.gates = new Gates(this.lanes);
    this.#aside = new Aside(this.lanes);
    this.ledger = new Ledger(context.topics, context.partitions, facts, this.lanes.entries);
  }

  get lanes(): Lanes {
    return this.outstanding.lanes;
  }
  get dedup(): DedupWindow {
    return this.outstanding.dedup;
  }
  get log(): RetryLog {
    return this.outstanding.log;
  }
  get cachedBytes(): number {
    return this.outstanding.cache.bytes;
  }
  get plannedRecords(): number {
    return this.plan.records + this.outstanding.changes.size;
  }
  get plannedBytes(): number {
    return this.plan.bytes + this.outstanding.changes.bytes;
  }
  /** True when the task may not take more from its source. */
  get full(): boolean {
    return this.lanes.size >= this.context.laneMaxEntries;
  }

  /** Heads that are due and wait for their turn. */
  countDue(now: number): number {
    return this.lanes.countDue(now) + this.#aside.size;
  }

  /** Heads of keys that fail are due, and wait for a place. */
  get behind(): boolean {
    return this.#aside.size > 0;
  }

  /** Did the last attempt at a record of its key fail? */
  fails(a: Pick<Attempt, 'attempt' | 'key'>): boolean {
    return a.attempt > 1 || this.#failing.has(a.key);
  }

  /** A record of `words`: undefined when it is a duplicate or must wait in its lane, else the attempt to make now. */
  offer(read: InRecord): Attempt | undefined {
    const { tally } = this.plan;
    const { lanes, dedup } = this.outstanding;
    tally.consumed++;
    tally.newest = read.timestamp;
    const record = this.context.admit(read, read.offset);
    const identity = this.outstanding.identify(record, record.offset, 0);
    if (this.context.dedup !== 'none' && dedup.known(identity.hash) !== 'no') {
      tally.duplicates++;
      return undefined;
    }
    const attempt = newAttempt(record, identity);
    const lane = lanes.size === 0 || record.keyStart < 0 ? -1 : lanes.find(identity.key);
    if (lane < 0) return attempt;
    tally.queued++;
    this.outstanding.enter(attempt);
    this.gates.follows(lanes.head(lane));
    return undefined;
  }

  /** A new record whose key fails, for which there is no place: it is due, in a lane of its own. */
  putAside(a: Attempt): void {
    this.plan.tally.queued++;
    this.outstanding.enter(a);
    this.#aside.put(a.slot);
  }

  /** The attempt goes on while others run: its record takes its place in the lane as running. */
  enterRunning(a: Attempt): void {
    if (a.slot >= 0) return;
    this.outstanding.enter(a);
    this.lanes.entries.set(a.slot, RUNNING);
  }

  /**
   * The next head whose time has come and whose bytes are at hand; it is running until resolved. `failing`: there is a place for keys that
   * fail.
   */
  nextAttempt(now: number, failing = true): Attempt | undefined {
    while (!this.outstanding.cache.busy) {
      const waited = failing ? this.#aside.take() : -1;
      const slot = waited < 0 ? this.lanes.popDue(now) : waited;
      if (slot < 0) return undefined;
      const attempt = this.#attempt(slot, now);
      if (attempt === undefined) continue;
      if (!failing && this.fails(attempt)) {
        this.#aside.put(slot);
        this.outstanding.letGoAhead(slot);
        continue;
      }
      this.gates.left(slot);
      this.lanes.entries.set(slot, RUNNING);
      if (this.context.dedup === 'none' || this.dedup.known(attempt.identity.hash) !== 'decided')
        return attempt;
      this.plan.tally.duplicates++;
      this.gates.resolved(attempt.key, now);
      this.outstanding.end(attempt, now);
    }
    return undefined;
  }

  /** When `nextAttempt` has something to hand out; Infinity while nothing waits, or what is due is awaited from the log. */
  nextDueAt(): number {
    return this.outstanding.cache.busy ? Infinity : this.lanes.nextDueAt();
  }

  /** The attempt at a head; undefined when it cannot be made yet: it comes again. */
  #attempt(slot: number, now: number): Attempt | undefined {
    const { cache } = this.outstanding;
    const record = cache.record(slot);
    if (record === undefined) {
      this.outstanding.wantLane(slot);
      return undefined;
    }
    this.outstanding.turn(slot);
    const waiting = cache.waiting(slot);
    if (waiting?.held === true && !this.limit.probe(now)) {
      this.outstanding.postpone(slot, Math.max(now + 1, this.limit.heldUntil(now)));
      return undefined;
    }
    return attemptAt(this.outstanding, slot, record, waiting);
  }

  /** Applies the outcome of an attempt made by this state. */
  resolve(a: Attempt, judged: Judged, now: number): void {
    const { context } = this;
    const { tally } = this.plan;
    this.gates.resolved(a.key, now);
    switch (judged.kind) {
      case 'done': {
        this.#failing.delete(a.key);
        const accepted = judged.results.every((r) => r.answer);
        this.plan.verdict(context.verdict(a, judged, accepted, now), a.record.size);
        if (accepted) tally.accepted++;
        else tally.refused++;
        tally.submitted.push(judged.facts.submittedAt);
        this.limit.succeeded(now, a.probe);
        this.outstanding.end(a, now);
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

  advance(nextOffset: bigint): void {
    this.position = Number(nextOffset);
    this.plan.nextOffset = nextOffset;
  }

  /** Entries whose bytes must be fetched: heads that are due, and old ones to be rewritten. Each is reported once. */
  wanted(): Wanted[] {
    return this.outstanding.wanted();
  }

  /** Bytes of a wanted entry; undefined: they could not be fetched yet. */
  supply(slot: number, incarnation: number, record: InRecord | undefined, now: number): void {
    this.outstanding.supply(slot, incarnation, record, now);
  }

  /** Ends the slice: the plan of all that happened since the last one; undefined when nothing did. */
  endSlice(): SlicePlan | undefined {
    this.outstanding.rewriteOldest();
    const { context, log } = this;
    const base = log.base();
    const plan = this.plan.finish(
      context.topics,
      { system: context.system, next: this.position, wordsId: this.ledger.ids.words },
      this.outstanding.takeEntries(),
      base - log.start >= context.trimAfter ? base : -1,
    );
    const remembered = context.dedup === 'none' ? undefined : this.dedup;
    return plan && { ...plan, note: this.ledger.note(remembered) };
  }

  /** A plan that claims the retry partition: where it is written shows whether all of the log was read. */
  claim(): SlicePlan {
    this.plan.claim();
    return this.endSlice() as SlicePlan;
  }

  /** The plan is committed: its retry entries have offsets now. */
  committed(plan: SlicePlan, result: Committed): void {
    this.dedup.advance(result.appendTime);
    this.ledger.committed(plan.outputs, result, this.dedup);
    const at = plan.outputs.findIndex((o) => o.topic === this.context.topics.retry);
    if (at >= 0) this.outstanding.committed(plan.written, result.offsets[at]);
    this.dedup.relieve();
  }

  #die(a: Attempt, kind: DeadLetterKind, failure: Failure, now: number): void {
    if (this.limit.admit(now, kind, a.probe) === 'hold') {
      this.plan.tally.held++;
      this.#later(a, a.attempt, failure, this.limit.heldUntil(now), now, true);
      return;
    }
    const firstFailedAt = this.outstanding.cache.waiting(a.slot)?.firstFailedAt || now;
    const { parks } = this.context;
    const letter = this.context.deadLetter(a, kind, failure, firstFailedAt, parks ? 'parked' : 'final');
    this.plan.deadLetter(letter, a.record.size);
    const { rejected, exhausted } = this.plan.tally;
    count(kind === 'reject' ? rejected : exhausted, failure.reason);
    if (!parks) return this.outstanding.end(a, now);
    const { reason, passed, detail: error, stage } = failure;
    const waiting = { dueAt: 0, firstFailedAt, reason, passed, held: false };
    this.#stay(a, a.attempt, { ...waiting, parked: { at: now, kind, error, stage } }, now);
  }

  /** It could not be looked at: the attempt does not count. */
  #wait(a: Attempt, f: Failure, now: number): void {
    const { waitMs } = this.context;
    if (a.slot < 0) this.outstanding.enter(a);
    const queued = f.reason === CIRCUIT_OPEN && this.gates.waits(a.slot, f.stage, a.key);
    const crowded = f.reason === CIRCUIT_OPEN && !queued && this.gates.circuits.length > 0;
    const due = queued ? Infinity : now + waitMs * (crowded ? CROWDED : 1);
    this.#later(a, a.attempt, f, now + waitMs, now, false, due);
    if (!this.lanes.isHead(a.slot)) this.gates.left(a.slot);
    else if (f.stage === 'decode') this.gates.missesSchema(a.slot);
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
    const firstFailedAt = this.outstanding.cache.waiting(a.slot)?.firstFailedAt || now;
    this.#stay(a, attempt, { dueAt, firstFailedAt, reason: f.reason, passed: f.passed, held }, now, due);
  }

  #stay(a: Attempt, attempt: number, waiting: Waiting, now: number, due?: number): void {
    if (a.slot < 0) this.outstanding.enter(a);
    this.outstanding.stay(a.slot, attempt, waiting, now, due);
  }
}
