import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import type { Committed } from '@verdikt/core/ports/transactions.ts';
import type { Attempt, Waiting } from '../policy/attempt.ts';
import { AHEAD, DIRTY, PARKED, PENDING, RUNNING, WRITTEN } from './entries.ts';
import { RecordCache, type Wanted } from './record-cache.ts';
import { DedupRule } from '../policy/dedup-rule.ts';
import { Identifier, type Identity } from '../policy/identity.ts';
import { Lanes } from './lanes.ts';
import { Parked } from './parked.ts';
import { PlaceIndex } from './place-index.ts';
import { OVERHEAD, type Entries } from './plan.ts';
import type { TaskContext } from '../policy/task-context.ts';
import { RetryChanges } from './retry-changes.ts';
import { RetryLog, type Written } from './retry-log.ts';
import { DedupWindow } from './dedup-window.ts';

/** Entries of a lane that are fetched at a time while there is memory, and while there is none. */
const FOLLOWERS = 1_000;
const FOLLOWERS_AT_LEAST = 256;

/**
 * The outstanding records of a task: their place in the lanes, their bytes, what they wait for, and how all of it gets to the
 * retry partition and is kept short there. What becomes of a record is decided elsewhere.
 */
export class Outstanding {
  readonly lanes = new Lanes();
  readonly dedup: DedupWindow;
  readonly rule: DedupRule;
  readonly log: RetryLog;
  readonly cache: RecordCache;
  readonly parked = new Parked(this.lanes.entries);
  readonly #context: TaskContext;
  readonly #identifier: Identifier;
  readonly #changes = new RetryChanges();
  readonly #rewriting = new Set<number>();
  /** Fetched ahead: once one of them has its turn, those behind what is at hand are fetched. */
  readonly #refills = new Set<number>();
  /** Redriven ones. */
  readonly #redriven = new PlaceIndex(this.lanes.entries);

  /** `wordsId`: topic id of `words`, where the cluster tells it. */
  constructor(context: TaskContext, logStart: number, logEnd: number, wordsId?: string) {
    this.#context = context;
    this.rule = new DedupRule(context.dedup, wordsId);
    this.cache = new RecordCache(this.lanes.entries, context);
    this.dedup = new DedupWindow(context.dedupWindowMs, context.dedupMaxIds, context.memory);
    this.log = new RetryLog(this.lanes.entries, logStart, logEnd);
    this.#identifier = new Identifier(context.seed, `${context.topics.words}-${context.task}`);
  }

  identify(record: InRecord, origin: number, redrive: number): Identity {
    return this.#identifier.identify(record, origin, redrive);
  }

  /** See Identifier. */
  ownId(origin: number): string {
    return this.#identifier.ownId(origin);
  }

  /** See Identifier. */
  hashInto(record: InRecord, idStart: number, idEnd: number, key: Uint32Array, hash: Uint32Array): number {
    return this.#identifier.hashInto(record, idStart, idEnd, key, hash);
  }

  /** See Identifier. */
  keyInto(record: InRecord, key: Uint32Array): number {
    return this.#identifier.keyInto(record, key);
  }

  /** Entries to be written with the next plan. */
  get changes(): Pick<RetryChanges, 'size' | 'bytes'> {
    return this.#changes;
  }

  /** Gives the record of an attempt its place in its lane, as an entry that is to be written. */
  enter(a: Attempt): void {
    a.slot = this.lanes.enter(a.record.keyStart < 0 ? null : a.identity.key, a.origin, a.redrive);
    a.incarnation = this.lanes.entries.incarnation[a.slot];
    this.#noteOutstanding(a.slot, a.record, a.identity);
    this.cache.keep(a.slot, a.record);
    this.markDirty(a.slot);
  }

  /** A redriven record is also known by what it was submitted as, for as long as it is outstanding. */
  #noteOutstanding(slot: number, record: InRecord, { hash }: Identity): void {
    const { origin, redrive } = this.lanes.entries;
    if (redrive[slot] === 0) {
      if (this.rule.remembers(record, 0)) this.dedup.outstanding(hash);
    } else this.noteRedriven(slot, hash, this.identify(record, origin[slot], 0).hash);
  }

  /** `hash`: its identity; `submitted`: that under which the record came first. */
  noteRedriven(slot: number, hash: Uint32Array, submitted: Uint32Array): void {
    this.#redriven.add(slot);
    this.dedup.redriven(hash);
    this.dedup.redriven(submitted);
  }

  hasRedriven(origin: number, redrive: number): boolean {
    return this.#redriven.find(origin, redrive) >= 0;
  }

  /** The record of this attempt is decided; it leaves its lane, if it has a place there. */
  end(a: Attempt, now: number): void {
    const { hash } = a.identity;
    if (this.rule.remembers(a.record, a.redrive) || this.dedup.known(hash) === 'outstanding')
      this.dedup.decided(hash);
    if (a.redrive > 0) {
      this.#redriven.take(a.origin, a.redrive);
      this.dedup.decided(this.identify(a.record, a.origin, 0).hash);
    }
    if (a.slot < 0) return;
    if (this.lanes.entries.has(a.slot, WRITTEN))
      this.#changes.ended({ origin: a.origin, redrive: a.redrive });
    this.cache.gone(a.slot);
    this.#refills.delete(a.slot);
    this.#rewriting.delete(a.slot);
    this.parked.release(a.slot);
    this.ready(this.lanes.remove(a.slot), now);
  }

  /**
   * It stays in its lane until `due`; Infinity: somebody else schedules it. It is to be written where the log does not say so yet. When
   * it is due alone is not worth a record: after a restart it may run at once.
   */
  stay(slot: number, attempt: number, waiting: Waiting, now: number, due = waiting.dueAt): void {
    const e = this.lanes.entries;
    if (!e.has(slot, WRITTEN) || e.attempt[slot] !== attempt || !same(this.cache.waiting(slot), waiting))
      this.markDirty(slot);
    this.cache.wait(slot, waiting);
    e.clear(slot, RUNNING);
    e.attempt[slot] = attempt;
    if (waiting.parked !== undefined) this.parked.park(slot, waiting.parked.at);
    else if (due < Infinity) this.lanes.schedule(slot, due);
    this.letGoAhead(slot);
    const head = this.lanes.settle(slot);
    if (head !== slot) this.ready(head, now);
  }

  /** A parked record, whose bytes are held, goes on under the next redrive count, from its first attempt, at its place. */
  redrive(slot: number, now: number): void {
    const e = this.lanes.entries;
    const record = this.cache.record(slot) as InRecord;
    const origin = e.origin[slot];
    const redrive = e.redrive[slot];
    if (e.has(slot, WRITTEN)) this.#changes.ended({ origin, redrive });
    this.parked.release(slot);
    if (redrive > 0) {
      this.#redriven.take(origin, redrive);
      this.dedup.released(this.identify(record, origin, redrive).hash);
    }
    e.redriven(slot);
    e.attempt[slot] = 1;
    this.cache.unwait(slot);
    this.#noteOutstanding(slot, record, this.identify(record, origin, redrive + 1));
    this.markDirty(slot);
    if (this.lanes.isHead(slot)) this.lanes.schedule(slot, now);
  }

  /** Schedules a head, unless it is parked; -1 is none. */
  ready(head: number, now: number): void {
    if (head >= 0) this.lanes.schedule(head, Math.max(now, this.dueOf(head)));
  }

  /** When the entry may run; 0 for one that has not failed. */
  dueOf(slot: number): number {
    return this.cache.waiting(slot)?.dueAt ?? 0;
  }

  /** Entries whose bytes must be fetched. Each is reported once. */
  wanted(): Wanted[] {
    return this.cache.takeWanted();
  }

  /**
   * Wants the entries of a lane that are missing, from `slot` on: a head that is due, or one of those that run soon. The next ones are
   * wanted once half of these have run, so that a long lane does not wait for each fetch.
   */
  wantLane(slot: number): void {
    const { next } = this.lanes.entries;
    const most = this.#context.memory.over ? FOLLOWERS_AT_LEAST : FOLLOWERS;
    let wanted = 0;
    for (
      let at = slot, n = 0;
      at >= 0 && n <= 2 * most && wanted < most && !this.cache.busy;
      at = next[at], n++
    )
      if (!this.cache.has(at) && this.cache.want(at) && ++wanted === most / 2) this.#refills.add(at);
  }

  /** An entry whose bytes are at hand has its turn. */
  turn(slot: number): void {
    this.cache.turn(slot);
    if (this.#refills.delete(slot)) this.wantLane(slot);
  }

  /** Bytes of a wanted entry; undefined: they could not be fetched yet. */
  supply(slot: number, incarnation: number, record: InRecord | undefined, now: number): void {
    const e = this.lanes.entries;
    if (e.incarnation[slot] !== incarnation || !this.cache.arrived(slot)) return;
    if (record === undefined) {
      this.cache.want(slot);
      return;
    }
    this.cache.recall(slot, record);
    if (this.#rewriting.delete(slot)) this.markDirty(slot);
    else if (!e.has(slot, PARKED | RUNNING)) this.cache.ahead(slot);
    const idle = e.due[slot] < 0 && this.lanes.isHead(slot) && !e.has(slot, RUNNING);
    if (idle) this.ready(slot, now);
  }

  /** The head is tried again at `due`. */
  postpone(head: number, due: number): void {
    this.lanes.schedule(head, due);
    this.letGoAhead(head);
  }

  /** The head waits: followers that were fetched ahead will not run soon. */
  letGoAhead(head: number): void {
    const e = this.lanes.entries;
    for (let slot = e.next[head]; slot >= 0 && e.has(slot, AHEAD); slot = e.next[slot])
      this.cache.forget(slot);
  }

  markDirty(slot: number): void {
    const e = this.lanes.entries;
    if (e.has(slot, DIRTY)) return;
    e.set(slot, DIRTY);
    const bytes = this.cache.sizeOf(slot) + OVERHEAD;
    this.#changes.changed({ slot, incarnation: e.incarnation[slot] }, bytes);
  }

  /** Wants the oldest live entries written again where the log has grown too long for what lives in it. */
  rewriteOldest(): void {
    const { compactionFactor, compactionSlack, compactionMaxRecords } = this.#context;
    const e = this.lanes.entries;
    for (const slot of this.log.toRewrite(compactionFactor, compactionSlack, compactionMaxRecords)) {
      if (e.has(slot, DIRTY | PENDING)) continue;
      if (this.cache.has(slot)) this.markDirty(slot);
      else {
        this.#rewriting.add(slot);
        this.cache.want(slot);
      }
    }
  }

  /** All that is to be written now; what has gone meanwhile is left out. */
  takeEntries(): Entries {
    const { dirty, ended } = this.#changes.take();
    const written: Written[] = [];
    const records: OutRecord[] = [];
    for (const entry of dirty) {
      const record = this.#write(entry);
      if (record === undefined) continue;
      written.push(entry);
      records.push(record);
    }
    records.push(...this.#context.completions(ended));
    return { written, records };
  }

  /** The entry of a slot as it is to be written now; undefined when it has gone. */
  #write({ slot, incarnation }: Written): OutRecord | undefined {
    const e = this.lanes.entries;
    if (e.incarnation[slot] !== incarnation || !e.has(slot, DIRTY)) return undefined;
    const record = this.cache.record(slot);
    if (record === undefined) throw new RangeError(`slot ${slot} must be written but is not held`);
    e.clear(slot, DIRTY);
    e.set(slot, WRITTEN | PENDING);
    return this.#context.retryEntry(
      record,
      e.origin[slot],
      e.redrive[slot],
      e.attempt[slot],
      this.cache.waiting(slot),
    );
  }

  /** Entries have offsets now. Lets go of bytes past the bound. */
  committed(written: readonly Written[], offsets: Committed['offsets'][number]): void {
    this.log.committed(written, offsets);
    const e = this.lanes.entries;
    for (const { slot, incarnation } of written) {
      if (!this.#context.memory.over) break;
      if (e.incarnation[slot] === incarnation && !e.has(slot, RUNNING | AHEAD)) this.cache.forget(slot);
    }
  }
}

/** What is worth a record. Checks that have passed do not run again, so their number tells. */
const same = (a: Waiting | undefined, b: Waiting): boolean =>
  (a?.passed.length ?? 0) === b.passed.length && a?.parked?.at === b.parked?.at;
