import type { InRecord } from '@verdikt/core/record/record.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import { readStub } from '@verdikt/core/record/stub.ts';
import { waitingOf, type Waiting } from '../policy/attempt.ts';
import type { TaskContext } from '../policy/task-context.ts';
import { AHEAD, DIRTY, HELD, PENDING, WANTED, type EntryTable } from './entries.ts';
import { RecordStore } from './record-store.ts';

/** An entry whose bytes must be fetched. */
export interface Wanted {
  readonly slot: number;
  readonly incarnation: number;
  readonly offset: number;
}

/** Entries that are wanted at once; those that are due beyond it have their turn when these are there. */
const MOST_WANTED = 4_000;
/** No more is fetched while so many bytes wait for their turn. */
const AHEAD_BYTES = 1024 * 1024;

/**
 * What of the outstanding records is kept in memory, by slot: the bytes, counted, and what those that have failed wait for. Both
 * can be let go once they are in the log, and fetched again.
 */
export class RecordCache {
  readonly #entries: EntryTable;
  readonly #store: RecordStore;
  readonly #admit: TaskContext['admit'];
  #wanted: number[] = [];
  /** Entries that are wanted and not there yet. */
  #awaited = 0;
  /** Bytes that were fetched and have not had their turn. */
  #ahead = 0;

  constructor(entries: EntryTable, { memory, admit }: Pick<TaskContext, 'memory' | 'admit'>) {
    this.#entries = entries;
    this.#store = new RecordStore(entries, memory);
    this.#admit = admit;
  }

  get bytes(): number {
    return this.#store.bytes;
  }

  /** Nothing more may be wanted for now. */
  get busy(): boolean {
    return this.#awaited >= MOST_WANTED;
  }

  /** Bytes that it takes here; 0 when it is not. */
  sizeOf(slot: number): number {
    return this.#store.sizeOf(slot);
  }

  has(slot: number): boolean {
    return this.#store.has(slot);
  }

  record(slot: number): InRecord | undefined {
    return this.#store.record(slot);
  }

  /** -1 is none. */
  waiting(slot: number): Waiting | undefined {
    const note = slot < 0 ? undefined : this.#store.note(slot);
    if (note === undefined) return undefined;
    return { ...(JSON.parse(note.toString()) as Noted), held: this.#entries.has(slot, HELD) };
  }

  keep(slot: number, record: InRecord): void {
    this.#put(slot, record, this.#store.note(slot) ?? null);
  }

  /** Its bytes must be here. */
  wait(slot: number, waiting: Waiting): void {
    if (waiting.held) this.#entries.set(slot, HELD);
    else this.#entries.clear(slot, HELD);
    this.#put(slot, this.#store.record(slot) as InRecord, noteOf(waiting));
  }

  /** It waits for nothing any more; its bytes stay. */
  unwait(slot: number): void {
    this.#entries.clear(slot, HELD);
    this.#put(slot, this.#store.record(slot) as InRecord, null);
  }

  /** Keeps an entry of the log, and what its headers say that it waits for. */
  recall(slot: number, entry: InRecord): void {
    const stub = readStub(entry);
    const record = stub.truncated > 0 ? stub : this.#admit(stub, this.#entries.origin[slot]);
    const waiting = waitingOf(parseRetryEntry(entry));
    this.#put(slot, record, waiting === undefined ? null : noteOf(waiting));
  }

  /** What was recalled waits for its turn, and is counted until it has it. */
  ahead(slot: number): void {
    this.#entries.set(slot, AHEAD);
    this.#ahead += this.#store.sizeOf(slot);
  }

  /** It has its turn. */
  turn(slot: number): void {
    if (!this.#entries.has(slot, AHEAD)) return;
    this.#entries.clear(slot, AHEAD);
    this.#ahead -= this.#store.sizeOf(slot);
  }

  /** It does not run soon: lets go of its bytes, unless its entry is being written and so cannot be fetched yet. */
  forget(slot: number): void {
    this.turn(slot);
    if (!this.#entries.has(slot, DIRTY | PENDING)) this.#store.drop(slot);
  }

  /** The slot is about to be used for another entry. */
  gone(slot: number): void {
    this.turn(slot);
    this.#store.drop(slot);
    this.arrived(slot);
  }

  /** False for one that is wanted already, or is in no committed entry yet. */
  want(slot: number): boolean {
    const e = this.#entries;
    if (e.has(slot, WANTED | DIRTY | PENDING) || e.logOffset[slot] < 0) return false;
    e.set(slot, WANTED);
    this.#awaited++;
    this.#wanted.push(slot);
    return true;
  }

  /** True when it was wanted, and is not any more. */
  arrived(slot: number): boolean {
    if (!this.#entries.has(slot, WANTED)) return false;
    this.#entries.clear(slot, WANTED);
    this.#awaited--;
    return true;
  }

  /** What was wanted since the last call and still is; none while enough waits for its turn. */
  takeWanted(): Wanted[] {
    if (this.#ahead >= AHEAD_BYTES) return [];
    const e = this.#entries;
    const slots = this.#wanted.filter((slot) => e.has(slot, WANTED));
    this.#wanted = [];
    return slots.map((slot) => ({ slot, incarnation: e.incarnation[slot], offset: e.logOffset[slot] }));
  }

  #put(slot: number, record: InRecord, note: Buffer | null): void {
    this.turn(slot);
    this.#store.put(slot, record, note);
  }
}

/** A flag of the entry says whether it is held. */
type Noted = Omit<Waiting, 'held'>;

const noteOf = ({ held: _, ...noted }: Waiting): Buffer => Buffer.from(JSON.stringify(noted satisfies Noted));
