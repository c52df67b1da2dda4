import type { HeaderPlaces } from '@verdikt/core/record/header-list.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import type { Committed } from '@verdikt/core/ports/transactions.ts';
import { newAttempt, type Attempt, type Judged } from '../policy/attempt.ts';
import type { FailingTurn } from '../policy/failing-places.ts';
import { PLAIN, type PlainVerdicts } from '../policy/plain-verdicts.ts';
import { Aside } from './aside.ts';
import { attemptAt, earliest } from './attempt-at.ts';
import { RUNNING } from './entries.ts';
import { Figures } from './figures.ts';
import { Gates } from './gates.ts';
import type { Wanted } from './record-cache.ts';
import type { Ledger } from './ledger.ts';
import { Outcomes } from './outcomes.ts';
import type { Outstanding } from './outstanding.ts';
import type { StateParts } from './parts.ts';
import { count, type PlanBuilder, type SlicePlan } from './plan.ts';
import { Redrives } from './redrives.ts';
import type { Limit, TaskContext } from '../policy/task-context.ts';

/** Who a record is, found from its bytes. */
export interface PlainIdentity {
  readonly attempt: 1;
  /** See Attempt. */
  key: number;
  /** It must be known when it comes again; see Outstanding. */
  remembered: boolean;
  readonly keyHash: Uint32Array;
  /** Of one that is remembered. */
  readonly hash: Uint32Array;
}

/**
 * All that one task knows: lanes, dedup, the plan being built. Deterministic; the caller brings time, records and outcomes.
 * It always describes the committed log plus every plan handed out; when a plan fails, drop it whole and rebuild from Kafka.
 */
export class TaskState {
  readonly context: TaskContext;
  readonly ledger: Ledger;
  /** What heads wait for beside time, and whether new words are taken. */
  readonly gates: Gates;
  readonly figures: Figures;
  readonly redrives: Redrives;
  readonly #limit: Limit;
  readonly #plan: PlanBuilder;
  readonly #outstanding: Outstanding;
  readonly #outcomes: Outcomes;
  /** Heads that are due, of keys that fail, beyond the places that such keys get. */
  readonly #aside: Aside;
  #position: number;

  constructor({ context, limit, outstanding, ledger, plan, position }: StateParts) {
    this.context = context;
    this.ledger = ledger;
    this.gates = new Gates(outstanding.lanes);
    this.figures = new Figures(outstanding);
    this.redrives = new Redrives(context, limit, plan, outstanding);
    this.#limit = limit;
    this.#plan = plan;
    this.#outstanding = outstanding;
    this.#outcomes = new Outcomes({ context, limit, plan, outstanding, gates: this.gates });
    this.#aside = new Aside(outstanding.lanes);
    this.#position = position;
  }

  /** `words` is decided or in lanes up to here. */
  get position(): number {
    return this.#position;
  }
  get plannedRecords(): number {
    return this.#plan.records + this.#outstanding.changes.size;
  }
  get plannedBytes(): number {
    return this.#plan.bytes + this.#outstanding.changes.bytes;
  }
  /** True when the task may not take more from its source. */
  get full(): boolean {
    return this.#outstanding.lanes.size >= this.context.laneMaxEntries;
  }
  /** Everything in the retry partition before this offset is dead. */
  get retryBase(): number {
    return this.#outstanding.log.base();
  }

  /** Of the limit of dead letters. */
  limitState(now: number): ReturnType<Limit['state']> {
    return this.#limit.state(now);
  }

  /** Heads that are due and wait for their turn. */
  countDue(now: number): number {
    return this.#outstanding.lanes.countDue(now) + this.#aside.size;
  }

  /** Heads of keys that fail are due, and wait for a place. */
  get behind(): boolean {
    return this.#aside.size > 0;
  }

  /** Did the last attempt at a record of its key fail? */
  fails(a: Pick<Attempt, 'attempt' | 'key'>): boolean {
    return this.#outcomes.fails(a);
  }

  /** A record of `words`: undefined when it is a duplicate or must wait in its lane, else the attempt to make now. */
  offer(read: InRecord): Attempt | undefined {
    const { tally } = this.#plan;
    const { lanes, dedup } = this.#outstanding;
    tally.consumed++;
    tally.newest = read.timestamp;
    const record = this.context.admit(read, read.offset);
    const identity = this.#outstanding.identify(record, record.offset, 0);
    if (this.context.dedup !== 'none' && dedup.known(identity.hash) !== 'no') {
      tally.duplicates++;
      return undefined;
    }
    const attempt = newAttempt(record, identity);
    const lane = lanes.size === 0 || record.keyStart < 0 ? -1 : lanes.find(identity.key);
    if (lane < 0) return attempt;
    tally.queued++;
    this.#outstanding.enter(attempt);
    this.gates.follows(lanes.head(lane));
    return undefined;
  }

  /** A new record whose key fails, for which there is no place: it is due, in a lane of its own. */
  putAside(a: Attempt): void {
    this.#plan.tally.queued++;
    this.#outstanding.enter(a);
    this.#aside.put(a.slot);
  }

  /** The attempt goes on while others run: its record takes its place in the lane as running. */
  enterRunning(a: Attempt): void {
    if (a.slot >= 0) return;
    this.#outstanding.enter(a);
    this.#outstanding.lanes.entries.set(a.slot, RUNNING);
  }

  /** The next head whose time has come and whose bytes are at hand; it is running until resolved. `failing`: when keys that fail may. */
  nextAttempt(now: number, failing: FailingTurn = 'first'): Attempt | undefined {
    while (!this.#outstanding.cache.busy) {
      const waited = failing === 'first' ? this.#aside.take() : -1;
      const next = waited < 0 ? this.#outstanding.lanes.popDue(now) : waited;
      const last = next < 0 && failing === 'last' ? this.#aside.take() : -1;
      const slot = next < 0 ? last : next;
      if (slot < 0) return undefined;
      const attempt = this.#attempt(slot, now);
      if (attempt === undefined) continue;
      if (failing !== 'first' && last < 0 && this.fails(attempt)) {
        this.#aside.put(slot);
        this.#outstanding.letGoAhead(slot);
        continue;
      }
      this.gates.left(slot);
      this.#outstanding.lanes.entries.set(slot, RUNNING);
      if (this.context.dedup === 'none' || this.#outstanding.dedup.known(attempt.identity.hash) !== 'decided')
        return attempt;
      this.#plan.tally.duplicates++;
      this.gates.resolved(attempt.key, now);
      this.#outstanding.end(attempt, now);
    }
    return undefined;
  }

  /** When `nextAttempt` has something to hand out; Infinity while nothing waits, or what is due is awaited from the log. */
  nextDueAt(): number {
    return this.#outstanding.cache.busy ? Infinity : this.#outstanding.lanes.nextDueAt();
  }

  /** The attempt at a head; undefined when it cannot be made yet: it comes again. */
  #attempt(slot: number, now: number): Attempt | undefined {
    const { cache } = this.#outstanding;
    const record = cache.record(slot);
    if (record === undefined) {
      this.#outstanding.wantLane(slot);
      return undefined;
    }
    this.#outstanding.turn(slot);
    const waiting = cache.waiting(slot);
    if (waiting?.held === true && !this.#limit.probe(now)) {
      this.#outstanding.postpone(slot, Math.max(now + 1, this.#limit.heldUntil(now)));
      return undefined;
    }
    return attemptAt(this.#outstanding, slot, record, waiting);
  }

  /** The first of the next few heads on the schedule that `may` run before its time. It stays there; see `runNow`. */
  earliest(may: (a: Attempt) => boolean): Attempt | undefined {
    return earliest(this.#outstanding, may);
  }

  /** A head that waits runs with the next heads that are due. */
  runNow(slot: number, now: number): void {
    this.#outstanding.lanes.schedule(slot, now);
  }

  /** Applies the outcome of an attempt made by this state. */
  resolve(a: Attempt, judged: Judged, now: number): void {
    this.#outcomes.apply(a, judged, now);
  }

  /**
   * Would a record of `words` be attempted at once, and does its key not fail? `places` has its PLAIN_HEADERS, among them an id. Says in
   * `who` who it is. It leaves the state as it is.
   */
  comesFirst(record: InRecord, places: HeaderPlaces, who: PlainIdentity): boolean {
    const { lanes, dedup, rule } = this.#outstanding;
    who.remembered = rule.remembersNew(record, places.start(PLAIN.edge), places.end(PLAIN.edge));
    // One that comes once is not there already, unless others are known by such an id.
    if (!who.remembered && dedup.empty && record.keyStart >= 0)
      who.key = this.#outstanding.keyInto(record, who.keyHash);
    else {
      const [start, end] = [places.start(PLAIN.id), places.end(PLAIN.id)];
      who.key = this.#outstanding.hashInto(record, start, end, who.keyHash, who.hash);
      if (dedup.known(who.hash) !== 'no') return false;
    }
    if (lanes.size > 0 && record.keyStart >= 0 && lanes.find(who.keyHash) >= 0) return false;
    return !this.fails(who);
  }

  /** What `offer` and `resolve` do, for a record that comes first and whose verdict is there. */
  judged(record: InRecord, who: PlainIdentity, verdict: PlainVerdicts, now: number): void {
    const plan = this.#plan;
    this.gates.resolved(who.key, now);
    plan.tally.consumed++;
    plan.tally.newest = record.timestamp;
    plan.plainVerdict(verdict);
    plan.judged(verdict.accepted, verdict.submittedAt);
    this.#limit.succeeded(now);
    if (who.remembered) this.#outstanding.dedup.decided(who.hash);
  }

  /** The control topic is dealt with up to here; `matters`: it must be told to Kafka, be it alone. */
  controlled(nextOffset: bigint, matters: boolean): void {
    this.#plan.control(nextOffset, matters);
  }

  /** A record of the control topic that counts as this, and its answer. */
  commanded(what: string, answer?: OutRecord): void {
    count(this.#plan.tally.commands, what);
    if (answer !== undefined) this.#plan.answer(answer);
  }

  advance(nextOffset: bigint): void {
    this.#position = Number(nextOffset);
    this.#plan.nextOffset = nextOffset;
  }

  /** Entries whose bytes must be fetched: heads that are due, and old ones to be rewritten. Each is reported once. */
  wanted(): Wanted[] {
    return this.#outstanding.wanted();
  }

  /** Bytes of a wanted entry; undefined: they could not be fetched yet. */
  supply(slot: number, incarnation: number, record: InRecord | undefined, now: number): void {
    this.#outstanding.supply(slot, incarnation, record, now);
  }

  /** Ends the slice: the plan of all that happened since the last one; undefined when nothing did. */
  endSlice(): SlicePlan | undefined {
    this.#outstanding.rewriteOldest();
    const { context } = this;
    const { dedup, log } = this.#outstanding;
    const base = log.base();
    const plan = this.#plan.finish(
      context.topics,
      { system: context.system, next: this.#position, wordsId: this.ledger.ids.words },
      this.#outstanding.takeEntries(),
      base - log.start >= context.trimAfter ? base : -1,
    );
    const remembered = context.dedup === 'none' ? undefined : dedup;
    return plan && { ...plan, note: this.ledger.note(remembered) };
  }

  /** A plan that claims the retry partition: where it is written shows whether all of the log was read. */
  claim(): SlicePlan {
    this.#plan.claim();
    return this.endSlice() as SlicePlan;
  }

  /** The retry partition was cut before this offset. */
  trimmed(offset: number): void {
    this.#outstanding.log.start = offset;
  }

  /** The plan is committed: its retry entries have offsets now. */
  committed(plan: SlicePlan, result: Committed): void {
    const { dedup } = this.#outstanding;
    dedup.advance(result.appendTime);
    this.ledger.committed(plan.outputs, result, dedup);
    const at = plan.outputs.findIndex((o) => o.topic === this.context.topics.retry);
    if (at >= 0) this.#outstanding.committed(plan.written, result.offsets[at]);
    dedup.relieve();
  }
}
