import { murmur3x128 } from '@verdikt/core/murmur3.ts';
import { H } from '@verdikt/core/headers.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record.ts';
import type { CheckResult, Failure, Outcome } from '../outcome.ts';
import type { Committed, TransactionPlan } from '../ports.ts';
import { DIRTY, PENDING, RUNNING, WANTED, WRITTEN } from './entries.ts';
import { Lanes } from './lanes.ts';
import type { Policy } from './policy.ts';
import { RetryLog, type Written } from './retry-log.ts';
import { Seen } from './seen.ts';

/** One attempt at one record. `slot` is -1 until the record has a place in a lane. */
export interface Attempt {
  slot: number;
  incarnation: number;
  readonly record: InRecord;
  readonly origin: number;
  readonly redrive: number;
  readonly attempt: number;
  readonly id: string;
  readonly passed: readonly CheckResult[];
}

/** An outcome, or `wait`: could not be looked at for now (registry down); the attempt does not count. */
export type Judged = (Outcome & { readonly submittedAt: number; readonly word: string }) | ({ readonly kind: 'wait' } & Failure);

/** What an outstanding record carries beside its columns once it has failed or waited. */
export interface Waiting {
  readonly dueAt: number;
  readonly firstFailedAt: number;
  readonly reason: string;
  readonly passed: readonly CheckResult[];
}

/** Counts of one plan, for metrics after its commit. */
export interface Tally {
  consumed: number;
  duplicates: number;
  queued: number;
  accepted: number;
  refused: number;
  retries: Map<string, number>;
  deadLetters: Map<string, number>;
  held: number;
  /** Acceptance times of what was decided: oldest and count are enough for the end-to-end histogram. */
  submitted: number[];
}

export interface SlicePlan extends TransactionPlan {
  readonly written: readonly Written[];
  /** Cut the retry partition before this offset once committed; -1: leave it. */
  readonly trimTo: number;
  readonly tally: Tally;
}

const newTally = (): Tally => ({
  consumed: 0,
  duplicates: 0,
  queued: 0,
  accepted: 0,
  refused: 0,
  retries: new Map(),
  deadLetters: new Map(),
  held: 0,
  submitted: [],
});

const NOTHING: readonly CheckResult[] = [];

/**
 * All that one task knows: lanes, dedup, the plan being built. Deterministic; the caller brings time, records and outcomes.
 * It always describes the committed log plus every plan handed out; when a plan fails, drop it whole and rebuild from Kafka.
 */
export class TaskState {
  readonly lanes = new Lanes();
  readonly seen: Seen;
  readonly log: RetryLog;
  readonly policy: Policy;
  readonly #held = new Map<number, InRecord>();
  #heldBytes = 0;
  readonly #waiting = new Map<number, Waiting>();
  #wanted: number[] = [];

  #verdicts: OutRecord[] = [];
  #deadLetters: OutRecord[] = [];
  #dirty: Written[] = [];
  #ended: { origin: number; redrive: number }[] = [];
  #nextOffset: bigint | null = null;
  #bytes = 0;
  #tally = newTally();

  readonly #keyHash = new Uint32Array(4);
  readonly #identity = new Uint32Array(4);

  constructor(policy: Policy, logStart: number, logEnd: number) {
    this.policy = policy;
    this.seen = new Seen(policy.dedupWindowMs, policy.dedupMaxIds);
    this.log = new RetryLog(this.lanes.entries, logStart, logEnd);
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Outputs planned so far, in records and about bytes; a slice ends by them. */
  get plannedRecords(): number {
    return this.#verdicts.length + this.#deadLetters.length + this.#dirty.length + this.#tally.duplicates;
  }
  get plannedBytes(): number {
    return this.#bytes;
  }

  /** True when the task may not take more from its source. */
  get full(): boolean {
    return this.lanes.size >= this.policy.laneMaxEntries;
  }

  /** A record of `words`: undefined when it is a duplicate or must wait in its lane, else the attempt to make now. */
  offer(record: InRecord): Attempt | undefined {
    this.#tally.consumed++;
    const id = this.#identify(record, record.offset, 0);
    if (this.policy.dedup && this.seen.known(this.#identity) !== 'no') {
      this.#tally.duplicates++;
      return undefined;
    }
    const attempt: Attempt = {
      slot: -1,
      incarnation: 0,
      record,
      origin: record.offset,
      redrive: 0,
      attempt: 1,
      id,
      passed: NOTHING,
    };
    if (this.lanes.size === 0 || record.keyStart < 0 || this.lanes.find(this.#keyHash) < 0) {
      this.#offered = attempt;
      return attempt;
    }
    this.#tally.queued++;
    this.#enter(attempt);
    this.#markDirty(attempt.slot);
    return undefined;
  }

  /** The attempt goes on while others run: its record takes its place in the lane as running. */
  park(a: Attempt): void {
    if (a.slot >= 0) return;
    if (a !== this.#offered) this.#identify(a.record, a.origin, a.redrive);
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
      const record = this.#held.get(slot);
      if (record === undefined) {
        if (!e.has(slot, WANTED)) {
          e.set(slot, WANTED);
          this.#wanted.push(slot);
        }
        continue;
      }
      const id = this.#identify(record, e.origin[slot], e.redrive[slot]);
      const attempt: Attempt = {
        slot,
        incarnation: e.incarnation[slot],
        record,
        origin: e.origin[slot],
        redrive: e.redrive[slot],
        attempt: e.attempt[slot],
        id,
        passed: this.#waiting.get(slot)?.passed ?? NOTHING,
      };
      e.set(slot, RUNNING);
      if (this.policy.dedup && this.seen.known(this.#identity) === 'decided') {
        this.#tally.duplicates++;
        this.#end(attempt, now);
        continue;
      }
      return attempt;
    }
  }

  /** Applies the outcome of an attempt made by this state. */
  resolve(a: Attempt, judged: Judged, now: number): void {
    const p = this.policy;
    switch (judged.kind) {
      case 'done': {
        const accepted = judged.results.every((r) => r.answer);
        const verdict = p.verdict(a, judged, accepted, now);
        this.#verdicts.push(verdict);
        this.#bytes += a.record.size + 200;
        if (accepted) this.#tally.accepted++;
        else this.#tally.refused++;
        this.#tally.submitted.push(judged.submittedAt);
        p.limit.succeeded(now);
        this.#end(a, now);
        return;
      }
      case 'wait':
        this.#later(a, a.attempt, judged, now + p.waitMs, now);
        return;
      case 'reject':
        this.#die(a, 'reject', judged, now);
        return;
      case 'retry': {
        const next = p.retry(a.attempt);
        if (next.kind === 'dead-letter') return this.#die(a, 'retry-exhausted', judged, now);
        count(this.#tally.retries, judged.reason);
        this.#later(a, a.attempt + 1, judged, now + next.delayMs, now);
        return;
      }
    }
  }

  /** `words` is decided or in lanes up to here. */
  advance(nextOffset: bigint): void {
    this.#nextOffset = nextOffset;
  }

  /** Heads that are due but whose bytes must be fetched first; each is reported once. */
  wanted(): { slot: number; incarnation: number; offset: number }[] {
    const e = this.lanes.entries;
    const out = this.#wanted
      .filter((slot) => e.has(slot, WANTED))
      .map((slot) => ({ slot, incarnation: e.incarnation[slot], offset: e.logOffset[slot] }));
    this.#wanted = [];
    return out;
  }

  /** Bytes of a wanted record. */
  supply(slot: number, incarnation: number, record: InRecord, now: number): void {
    const e = this.lanes.entries;
    if (e.incarnation[slot] !== incarnation || !e.has(slot, WANTED)) return;
    e.clear(slot, WANTED);
    this.#hold(slot, record);
    if (this.#rewriting.delete(slot)) this.#markDirty(slot);
    else if (this.lanes.isHead(slot) && !e.has(slot, RUNNING)) this.lanes.schedule(slot, Math.max(now, this.#dueOf(slot)));
  }

  /** Ends the slice: the plan of all that happened since the last one; undefined when nothing did. */
  endSlice(): SlicePlan | undefined {
    const written: Written[] = [];
    const retry: OutRecord[] = [];
    this.#rewriteOldest();
    const e = this.lanes.entries;
    for (const d of this.#dirty) {
      if (e.incarnation[d.slot] !== d.incarnation || !e.has(d.slot, DIRTY)) continue;
      const record = this.#held.get(d.slot);
      if (record === undefined) throw new RangeError(`slot ${d.slot} must be written but is not held`);
      e.clear(d.slot, DIRTY);
      e.set(d.slot, WRITTEN | PENDING);
      written.push(d);
      retry.push(this.policy.retryEntry(record, e.origin[d.slot], e.redrive[d.slot], e.attempt[d.slot], this.#waiting.get(d.slot)));
    }
    if (this.#ended.length > 0) retry.push(this.policy.completion(this.#ended));
    const { topics } = this.policy;
    const outputs = [];
    if (this.#verdicts.length > 0) outputs.push({ topic: topics.results, records: this.#verdicts });
    if (this.#deadLetters.length > 0) outputs.push({ topic: topics.deadLetters, records: this.#deadLetters });
    if (retry.length > 0) outputs.push({ topic: topics.retry, records: retry });
    if (outputs.length === 0 && this.#nextOffset === null) return undefined;
    const base = this.log.base();
    const plan: SlicePlan = {
      outputs,
      nextOffset: this.#nextOffset,
      written,
      trimTo: base - this.log.start >= this.policy.trimAfter ? base : -1,
      tally: this.#tally,
    };
    this.#verdicts = [];
    this.#deadLetters = [];
    this.#dirty = [];
    this.#ended = [];
    this.#nextOffset = null;
    this.#bytes = 0;
    this.#tally = newTally();
    return plan;
  }

  /** The plan is committed: its retry records have offsets now. Lets go of bytes past the bound. */
  committed(plan: SlicePlan, result: Committed): void {
    const at = plan.outputs.findIndex((o) => o.topic === this.policy.topics.retry);
    if (at < 0) return;
    this.log.committed(plan.written, result.offsets[at]);
    const e = this.lanes.entries;
    for (const { slot, incarnation } of plan.written) {
      if (this.#heldBytes <= this.policy.laneValueMaxBytes) return;
      if (e.incarnation[slot] === incarnation && !e.has(slot, RUNNING) && !e.has(slot, DIRTY)) this.#drop(slot);
    }
  }

  /** An outstanding record found in the log while rebuilding; `record` undefined leaves its bytes in Kafka. */
  restore(slot: number, record: InRecord | undefined, waiting: Waiting | undefined): void {
    this.lanes.entries.set(slot, WRITTEN);
    if (record !== undefined) this.#hold(slot, record);
    if (waiting !== undefined) this.#waiting.set(slot, waiting);
  }

  dueOf(slot: number): number {
    return this.#dueOf(slot);
  }

  /** Hash of the record's key, valid until the next call; null for a record without key. */
  keyHash(record: InRecord): Uint32Array | null {
    if (record.keyStart < 0) return null;
    murmur3x128(record.buffer, record.keyStart, record.keyEnd, this.policy.seed, this.#keyHash);
    return this.#keyHash;
  }

  /** Identity (id, redrive count, key) of a record, valid until the next call. */
  identity(record: InRecord, origin: number, redrive: number): Uint32Array {
    this.#identify(record, origin, redrive);
    return this.#identity;
  }

  readonly #rewriting = new Set<number>();

  #rewriteOldest(): void {
    const { compactionFactor, compactionSlack, compactionMaxRecords } = this.policy;
    const e = this.lanes.entries;
    for (const slot of this.log.toRewrite(compactionFactor, compactionSlack, compactionMaxRecords)) {
      if (e.has(slot, DIRTY | PENDING)) continue;
      if (this.#held.has(slot)) this.#markDirty(slot);
      else if (!e.has(slot, WANTED)) {
        e.set(slot, WANTED);
        this.#rewriting.add(slot);
        this.#wanted.push(slot);
      }
    }
  }

  #dueOf(slot: number): number {
    return this.#waiting.get(slot)?.dueAt ?? 0;
  }

  #die(a: Attempt, kind: 'reject' | 'retry-exhausted', failure: Failure, now: number): void {
    const p = this.policy;
    if (p.limit.admit(now, kind) === 'hold') {
      this.#tally.held++;
      this.#later(a, a.attempt, failure, p.limit.heldUntil(now), now);
      return;
    }
    const first = a.slot < 0 ? 0 : (this.#waiting.get(a.slot)?.firstFailedAt ?? 0);
    this.#deadLetters.push(p.deadLetter(a, kind, failure, first === 0 ? now : first));
    this.#bytes += a.record.size + 500;
    count(this.#tally.deadLetters, failure.reason);
    this.#end(a, now);
  }

  /** Not decided: (again) in its lane, due later. */
  #later(a: Attempt, attempt: number, f: Failure, dueAt: number, now: number): void {
    const e = this.lanes.entries;
    if (a.slot < 0) {
      if (a !== this.#offered) this.#identify(a.record, a.origin, a.redrive);
      this.#enter(a);
    }
    const first = this.#waiting.get(a.slot)?.firstFailedAt ?? 0;
    this.#waiting.set(a.slot, { dueAt, firstFailedAt: first === 0 ? now : first, reason: f.reason, passed: f.passed });
    e.clear(a.slot, RUNNING);
    e.attempt[a.slot] = attempt;
    this.#markDirty(a.slot);
    this.lanes.schedule(a.slot, dueAt);
  }

  #end(a: Attempt, now: number): void {
    if (a !== this.#offered) this.#identify(a.record, a.origin, a.redrive);
    this.seen.decided(this.#identity, now);
    if (a.slot < 0) return;
    const e = this.lanes.entries;
    if (e.has(a.slot, WRITTEN)) this.#ended.push({ origin: a.origin, redrive: a.redrive });
    this.#drop(a.slot);
    this.#waiting.delete(a.slot);
    this.#rewriting.delete(a.slot);
    const promoted = this.lanes.removeHead(a.slot);
    if (promoted >= 0) this.lanes.schedule(promoted, Math.max(now, this.#dueOf(promoted)));
  }

  /** Needs the identity and key hash of the record to be the current ones. */
  #enter(a: Attempt): void {
    a.slot = this.lanes.enter(a.record.keyStart < 0 ? null : this.#keyHash, a.origin, a.redrive);
    a.incarnation = this.lanes.entries.incarnation[a.slot];
    this.seen.outstanding(this.#identity);
    this.#hold(a.slot, a.record.detach());
  }

  #markDirty(slot: number): void {
    const e = this.lanes.entries;
    if (e.has(slot, DIRTY)) return;
    e.set(slot, DIRTY);
    this.#dirty.push({ slot, incarnation: e.incarnation[slot] });
    this.#bytes += (this.#held.get(slot)?.size ?? 0) + 200;
  }

  #hold(slot: number, record: InRecord): void {
    this.#drop(slot);
    this.#held.set(slot, record);
    this.#heldBytes += record.size;
  }

  #drop(slot: number): void {
    const record = this.#held.get(slot);
    if (record === undefined) return;
    this.#heldBytes -= record.size;
    this.#held.delete(slot);
  }

  /** The attempt that key hash and identity belong to, if any: spares hashing it again when it is resolved at once. */
  #offered: Attempt | undefined;

  /** Fills key hash and identity; returns the id as text. A record without id is identified by where it was read. */
  #identify(record: InRecord, origin: number, redrive: number): string {
    const { seed, task, topics } = this.policy;
    const key = this.#keyHash;
    this.#offered = undefined;
    if (record.keyStart < 0) key.fill(0x9e3779b9);
    else murmur3x128(record.buffer, record.keyStart, record.keyEnd, seed, key);
    const given = record.header(H.id);
    const own = given === undefined || given === null || given.length === 0;
    const id = own ? Buffer.from(`${topics.words}-${task}-${origin}`) : given;
    const out = this.#identity;
    murmur3x128(id, 0, id.length, seed + redrive, out);
    out[0] ^= key[1];
    out[1] ^= key[2];
    out[2] ^= key[3];
    out[3] ^= key[0];
    return id.toString('utf8');
  }
}

const count = (m: Map<string, number>, k: string): void => {
  m.set(k, (m.get(k) ?? 0) + 1);
};
