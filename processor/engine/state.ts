import type { InRecord } from '@verdikt/core/record.ts';
import type { Failure } from '../outcome.ts';
import type { Committed } from '../ports.ts';
import { newAttempt, NOTHING, type Attempt, type Judged } from './attempt.ts';
import { DIRTY, PENDING, RUNNING, WANTED, WRITTEN } from './entries.ts';
import { Held, type Wanted } from './held.ts';
import { Identifier } from './identity.ts';
import { Lanes } from './lanes.ts';
import { count, PlanBuilder, type SlicePlan } from './plan.ts';
import type { Limit, Policy } from './policy.ts';
import { RetryLog } from './retry-log.ts';
import { Seen } from './seen.ts';

/**
 * All that one task knows: lanes, dedup, the plan being built. Deterministic; the caller brings time, records and outcomes.
 * It always describes the committed log plus every plan handed out; when a plan fails, drop it whole and rebuild from Kafka.
 */
export class TaskState {
  readonly lanes = new Lanes();
  readonly seen: Seen;
  readonly log: RetryLog;
  readonly policy: Policy;
  readonly limit: Limit;
  readonly #held = new Held(this.lanes.entries);
  readonly #rewriting = new Set<number>();
  readonly #plan = new PlanBuilder();
  /** For rebuilding; in use by the state itself once it runs. */
  readonly who: Identifier;
  /** The attempt whose key hash and identity `who` holds: spares hashing it again when it is resolved at once. */
  #offered: Attempt | undefined;

  constructor(policy: Policy, limit: Limit, logStart: number, logEnd: number) {
    this.policy = policy;
    this.limit = limit;
    this.seen = new Seen(policy.dedupWindowMs, policy.dedupMaxIds);
    this.log = new RetryLog(this.lanes.entries, logStart, logEnd);
    this.who = new Identifier(policy.seed, `${policy.topics.words}-${policy.task}`);
  }

  get heldBytes(): number {
    return this.#held.bytes;
  }
  get plannedRecords(): number {
    return this.#plan.records;
  }
  get plannedBytes(): number {
    return this.#plan.bytes;
  }
  /** True when the task may not take more from its source. */
  get full(): boolean {
    return this.lanes.size >= this.policy.laneMaxEntries;
  }

  /** A record of `words`: undefined when it is a duplicate or must wait in its lane, else the attempt to make now. */
  offer(record: InRecord): Attempt | undefined {
    const { tally } = this.#plan;
    tally.consumed++;
    tally.newest = record.timestamp;
    const id = this.#identify(record, record.offset, 0);
    if (this.policy.dedup && this.seen.known(this.who.identity) !== 'no') {
      tally.duplicates++;
      return undefined;
    }
    const attempt = newAttempt(record, id);
    this.#offered = attempt;
    if (this.lanes.size === 0 || record.keyStart < 0 || this.lanes.find(this.who.keyHash) < 0) return attempt;
    tally.queued++;
    this.#enter(attempt);
    this.#markDirty(attempt.slot);
    return undefined;
  }

  /** The attempt goes on while others run: its record takes its place in the lane as running. */
  park(a: Attempt): void {
    if (a.slot >= 0) return;
    this.#enter(a);
    this.lanes.entries.set(a.slot, RUNNING);
    this.#markDirty(a.slot);
  }

  /** The next head whose time has come and whose bytes are at hand; it is running until resolved. */
  nextAttempt(now: number): Attempt | undefined {
    const e = this.lanes.entries;
    for (;;) {
      const slot = this.lanes.popDue(now);
      if (slot < 0) return undefined;
      const record = this.#held.record(slot);
      if (record === undefined) {
        this.#held.want(slot);
        continue;
      }
      const waiting = this.#held.waiting(slot);
      if (waiting?.held === true && !this.limit.probe(now)) {
        this.lanes.schedule(slot, Math.max(now + 1, this.limit.heldUntil(now)));
        continue;
      }
      const attempt: Attempt = {
        slot,
        incarnation: e.incarnation[slot],
        record,
        origin: e.origin[slot],
        redrive: e.redrive[slot],
        attempt: e.attempt[slot],
        id: this.#identify(record, e.origin[slot], e.redrive[slot]),
        passed: waiting?.passed ?? NOTHING,
        probe: waiting?.held === true,
      };
      e.set(slot, RUNNING);
      if (!this.policy.dedup || this.seen.known(this.who.identity) !== 'decided') return attempt;
      this.#plan.tally.duplicates++;
      this.#end(attempt, now);
    }
  }

  /** Applies the outcome of an attempt made by this state. */
  resolve(a: Attempt, judged: Judged, now: number): void {
    const { policy } = this;
    const { tally } = this.#plan;
    switch (judged.kind) {
      case 'done': {
        const accepted = judged.results.every((r) => r.answer);
        this.#plan.verdict(policy.verdict(a, judged, accepted, now), a.record.size);
        if (accepted) tally.accepted++;
        else tally.refused++;
        tally.submitted.push(judged.submittedAt);
        this.limit.succeeded(now, a.probe);
        this.#end(a, now);
        return;
      }
      case 'wait':
        count(tally.waits, judged.reason);
        this.#later(a, a.attempt, judged, now + policy.waitMs, now);
        return;
      case 'reject':
        this.#die(a, 'reject', judged, now);
        return;
      case 'retry': {
        const next = policy.retry(a.attempt);
        if (next.kind === 'dead-letter') return this.#die(a, 'retry-exhausted', judged, now);
        count(tally.retries, judged.reason);
        this.#later(a, next.attempt, judged, now + next.delayMs, now);
        return;
      }
    }
  }

  /** `words` is decided or in lanes up to here. */
  advance(nextOffset: bigint): void {
    this.#plan.nextOffset = nextOffset;
  }

  /** Entries whose bytes must be fetched: heads that are due, and old ones to be rewritten. Each is reported once. */
  wanted(): Wanted[] {
    return this.#held.takeWanted();
  }

  /** Bytes of a wanted entry. */
  supply(slot: number, incarnation: number, record: InRecord, now: number): void {
    const e = this.lanes.entries;
    if (e.incarnation[slot] !== incarnation || !e.has(slot, WANTED)) return;
    e.clear(slot, WANTED);
    this.#held.recall(slot, record);
    if (this.#rewriting.delete(slot)) this.#markDirty(slot);
    const idle = e.due[slot] < 0 && this.lanes.isHead(slot) && !e.has(slot, RUNNING);
    if (idle) this.lanes.schedule(slot, Math.max(now, this.dueOf(slot)));
  }

  /** Ends the slice: the plan of all that happened since the last one; undefined when nothing did. */
  endSlice(): SlicePlan | undefined {
    this.#rewriteOldest();
    const { policy, log } = this;
    const base = log.base();
    const e = this.lanes.entries;
    return this.#plan.finish(
      policy.topics,
      ({ slot, incarnation }) => {
        if (e.incarnation[slot] !== incarnation || !e.has(slot, DIRTY)) return undefined;
        const record = this.#held.record(slot);
        if (record === undefined) throw new RangeError(`slot ${slot} must be written but is not held`);
        e.clear(slot, DIRTY);
        e.set(slot, WRITTEN | PENDING);
        return policy.retryEntry(
          record,
          e.origin[slot],
          e.redrive[slot],
          e.attempt[slot],
          this.#held.waiting(slot),
        );
      },
      policy.completions,
      base - log.start >= policy.trimAfter ? base : -1,
    );
  }

  /** The plan is committed: its retry entries have offsets now. Lets go of bytes past the bound. */
  committed(plan: SlicePlan, result: Committed): void {
    const at = plan.outputs.findIndex((o) => o.topic === this.policy.topics.retry);
    if (at < 0) return;
    this.log.committed(plan.written, result.offsets[at]);
    const e = this.lanes.entries;
    for (const { slot, incarnation } of plan.written) {
      if (this.#held.bytes <= this.policy.laneValueMaxBytes) return;
      if (e.incarnation[slot] === incarnation && !e.has(slot, RUNNING | DIRTY | PENDING))
        this.#held.forget(slot);
    }
  }

  /** An entry found in the log while rebuilding; undefined leaves its bytes in Kafka. */
  restore(slot: number, entry: InRecord | undefined): void {
    this.lanes.entries.set(slot, WRITTEN);
    if (entry !== undefined) this.#held.recall(slot, entry);
  }

  /** When the entry may run; 0 for one that has not failed. */
  dueOf(slot: number): number {
    return this.#held.waiting(slot)?.dueAt ?? 0;
  }

  #rewriteOldest(): void {
    const { compactionFactor, compactionSlack, compactionMaxRecords } = this.policy;
    const e = this.lanes.entries;
    for (const slot of this.log.toRewrite(compactionFactor, compactionSlack, compactionMaxRecords)) {
      if (e.has(slot, DIRTY | PENDING)) continue;
      if (this.#held.record(slot) !== undefined) this.#markDirty(slot);
      else {
        this.#rewriting.add(slot);
        this.#held.want(slot);
      }
    }
  }

  #die(a: Attempt, kind: 'reject' | 'retry-exhausted', failure: Failure, now: number): void {
    if (this.limit.admit(now, kind, a.probe) === 'hold') {
      this.#plan.tally.held++;
      this.#later(a, a.attempt, failure, this.limit.heldUntil(now), now, true);
      return;
    }
    const first = this.#held.waiting(a.slot)?.firstFailedAt || now;
    this.#plan.deadLetter(this.policy.deadLetter(a, kind, failure, first), a.record.size);
    const { rejected, exhausted } = this.#plan.tally;
    count(kind === 'reject' ? rejected : exhausted, failure.reason);
    this.#end(a, now);
  }

  /** Not decided: (again) in its lane, due later. */
  #later(a: Attempt, attempt: number, f: Failure, dueAt: number, now: number, held = false): void {
    const e = this.lanes.entries;
    if (a.slot < 0) this.#enter(a);
    const firstFailedAt = this.#held.waiting(a.slot)?.firstFailedAt || now;
    this.#held.wait(a.slot, { dueAt, firstFailedAt, reason: f.reason, passed: f.passed, held });
    e.clear(a.slot, RUNNING);
    e.attempt[a.slot] = attempt;
    this.#markDirty(a.slot);
    this.lanes.schedule(a.slot, dueAt);
  }

  #end(a: Attempt, now: number): void {
    if (a !== this.#offered) this.#identify(a.record, a.origin, a.redrive);
    this.seen.decided(this.who.identity, now);
    if (a.slot < 0) return;
    if (this.lanes.entries.has(a.slot, WRITTEN)) this.#plan.ended({ origin: a.origin, redrive: a.redrive });
    this.#held.forget(a.slot);
    this.#rewriting.delete(a.slot);
    const promoted = this.lanes.removeHead(a.slot);
    if (promoted >= 0) this.lanes.schedule(promoted, Math.max(now, this.dueOf(promoted)));
  }

  #enter(a: Attempt): void {
    if (a !== this.#offered) this.#identify(a.record, a.origin, a.redrive);
    a.slot = this.lanes.enter(a.record.keyStart < 0 ? null : this.who.keyHash, a.origin, a.redrive);
    a.incarnation = this.lanes.entries.incarnation[a.slot];
    this.seen.outstanding(this.who.identity);
    this.#held.keep(a.slot, a.record.detach());
  }

  #markDirty(slot: number): void {
    const e = this.lanes.entries;
    if (e.has(slot, DIRTY)) return;
    e.set(slot, DIRTY);
    this.#plan.dirty({ slot, incarnation: e.incarnation[slot] }, this.#held.record(slot)?.size ?? 0);
  }

  #identify(record: InRecord, origin: number, redrive: number): string {
    this.#offered = undefined;
    return this.who.identify(record, origin, redrive);
  }
}
