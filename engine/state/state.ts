import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Failure, DeadLetterKind } from '@verdikt/core/record/outcome.ts';
import type { Committed } from '@verdikt/core/ports/transactions.ts';
import { newAttempt, NOTHING, type Attempt, type Judged, type Waiting } from '../policy/attempt.ts';
import { RUNNING } from './entries.ts';
import type { Wanted } from './record-cache.ts';
import type { Lanes } from './lanes.ts';
import { Ledger, type LogFacts } from './ledger.ts';
import { Outstanding } from './outstanding.ts';
import { count, PlanBuilder, type SlicePlan } from './plan.ts';
import type { Limit, TaskContext } from '../policy/task-context.ts';
import type { RetryLog } from './retry-log.ts';
import type { DedupWindow } from './dedup-window.ts';

/**
 * All that one task knows: lanes, dedup, the plan being built. Deterministic; the caller brings time, records and outcomes.
 * It always describes the committed log plus every plan handed out; when a plan fails, drop it whole and rebuild from Kafka.
 */
export class TaskState {
  readonly context: TaskContext;
  readonly limit: Limit;
  readonly plan = new PlanBuilder();
  readonly outstanding: Outstanding;
  readonly ledger: Ledger;
  /** `words` is decided or in lanes up to here. */
  position = 0;

  /** `retryStart`: first offset of the retry partition. */
  constructor(context: TaskContext, limit: Limit, facts: LogFacts, retryStart = 0) {
    this.context = context;
    this.limit = limit;
    this.outstanding = new Outstanding(context, retryStart, facts.ends.retry, facts.ids.words);
    const { entries } = this.outstanding.lanes;
    this.ledger = new Ledger(context.topics, context.partitions, facts, entries);
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
    if (lanes.size === 0 || record.keyStart < 0 || lanes.find(identity.key) < 0) return attempt;
    tally.queued++;
    this.outstanding.enter(attempt);
    return undefined;
  }

  /** The attempt goes on while others run: its record takes its place in the lane as running. */
  enterRunning(a: Attempt): void {
    if (a.slot >= 0) return;
    this.outstanding.enter(a);
    this.lanes.entries.set(a.slot, RUNNING);
  }

  /** The next head whose time has come and whose bytes are at hand; it is running until resolved. */
  nextAttempt(now: number): Attempt | undefined {
    const { cache, dedup } = this.outstanding;
    while (!cache.busy) {
      const slot = this.lanes.popDue(now);
      if (slot < 0) return undefined;
      const record = cache.record(slot);
      if (record === undefined) {
        this.outstanding.wantLane(slot);
        continue;
      }
      cache.turn(slot);
      const waiting = cache.waiting(slot);
      if (waiting?.held === true && !this.limit.probe(now)) {
        this.lanes.schedule(slot, Math.max(now + 1, this.limit.heldUntil(now)));
        continue;
      }
      const attempt = this.attemptAt(slot, record, waiting);
      this.lanes.entries.set(slot, RUNNING);
      if (this.context.dedup === 'none' || dedup.known(attempt.identity.hash) !== 'decided') return attempt;
      this.plan.tally.duplicates++;
      this.outstanding.end(attempt, now);
    }
    return undefined;
  }

  /** When `nextAttempt` has something to hand out; Infinity while nothing waits, or what is due is awaited from the log. */
  nextDueAt(): number {
    return this.outstanding.cache.busy ? Infinity : this.lanes.nextDueAt();
  }

  /** What an entry says of its next attempt. */
  attemptAt(slot: number, record: InRecord, waiting: Waiting | undefined): Attempt {
    const e = this.lanes.entries;
    const origin = e.origin[slot];
    const redrive = e.redrive[slot];
    const identity = this.outstanding.identify(record, origin, redrive);
    return {
      slot,
      incarnation: e.incarnation[slot],
      record,
      origin,
      redrive,
      attempt: e.attempt[slot],
      id: identity.id,
      identity,
      passed: waiting?.passed ?? NOTHING,
      probe: waiting?.held === true,
    };
  }

  /** Applies the outcome of an attempt made by this state. */
  resolve(a: Attempt, judged: Judged, now: number): void {
    const { context } = this;
    const { tally } = this.plan;
    switch (judged.kind) {
      case 'done': {
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
        this.#later(a, a.attempt, judged, now + context.waitMs, now);
        return;
      case 'reject':
      case 'retry': {
        const next = context.retry(a.attempt, judged.kind);
        if (next.kind === 'dead-letter') return this.#die(a, next.why, judged, now);
        count(tally.retries, judged.reason);
        this.#later(a, next.attempt, judged, now + next.delayMs, now);
        return;
      }
    }
  }

  /** `words` is decided or in lanes up to here. */
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
    const remembered = context.dedup === 'none' ? undefined : this.dedup.size;
    return plan === undefined ? undefined : { ...plan, note: this.ledger.note(remembered) };
  }

  /** A plan that claims the retry partition: where it is written shows whether all of the log was read. */
  claim(): SlicePlan {
    this.plan.claim();
    return this.endSlice() as SlicePlan;
  }

  /** The plan is committed: its retry entries have offsets now. */
  committed(plan: SlicePlan, result: Committed): void {
    this.ledger.committed(plan.outputs, result);
    this.dedup.advance(result.appendTime);
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

  /** Not decided: (again) in its lane, due later. */
  #later(a: Attempt, attempt: number, f: Failure, dueAt: number, now: number, held = false): void {
    const firstFailedAt = this.outstanding.cache.waiting(a.slot)?.firstFailedAt || now;
    this.#stay(a, attempt, { dueAt, firstFailedAt, reason: f.reason, passed: f.passed, held }, now);
  }

  #stay(a: Attempt, attempt: number, waiting: Waiting, now: number): void {
    if (a.slot < 0) this.outstanding.enter(a);
    this.outstanding.stay(a.slot, attempt, waiting, now);
  }
}
