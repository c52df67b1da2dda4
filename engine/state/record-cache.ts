import type { InRecord } from '@verdikt/core/record/record.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import { readStub } from '@verdikt/core/record/stub.ts';
import { waitingOf, type Waiting } from '../policy/attempt.ts';
import { WANTED, type EntryTable } from './entries.ts';
import type { TaskContext } from '../policy/task-context.ts';

/** An entry whose bytes must be fetched. */
export interface Wanted {
  readonly slot: number;
  readonly incarnation: number;
  readonly offset: number;
}

/**
 * What of the outstanding records is kept in memory, by slot: the bytes, counted, and what those that have failed wait for. Both
 * can be let go once they are in the log, and fetched again.
 */
export class RecordCache {
  readonly #entries: EntryTable;
  readonly #records = new Map<number, InRecord>();
  readonly #waiting = new Map<number, Waiting>();
  #wanted: number[] = [];
  #bytes = 0;
  readonly #admit: TaskContext['admit'];

  constructor(entries: EntryTable, admit: TaskContext['admit']) {
    this.#entries = entries;
    this.#admit = admit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  record(slot: number): InRecord | undefined {
    return this.#records.get(slot);
  }

  waiting(slot: number): Waiting | undefined {
    return this.#waiting.get(slot);
  }

  keep(slot: number, record: InRecord): void {
    const old = this.#records.get(slot);
    if (old !== undefined) this.#bytes -= old.size;
    this.#records.set(slot, record);
    this.#bytes += record.size;
  }

  wait(slot: number, waiting: Waiting): void {
    this.#waiting.set(slot, waiting);
  }

  /** It waits for nothing any more; its bytes stay. */
  unwait(slot: number): void {
    this.#waiting.delete(slot);
  }

  /** Keeps an entry of the log, and what its headers say that it waits for. */
  recall(slot: number, entry: InRecord): void {
    const record = readStub(entry);
    this.keep(slot, record.truncated > 0 ? record : this.#admit(record, this.#entries.origin[slot]));
    const waiting = waitingOf(parseRetryEntry(entry));
    if (waiting !== undefined) this.#waiting.set(slot, waiting);
  }

  forget(slot: number): void {
    this.#waiting.delete(slot);
    const record = this.#records.get(slot);
    if (record === undefined) return;
    this.#bytes -= record.size;
    this.#records.delete(slot);
  }

  want(slot: number): void {
    if (this.#entries.has(slot, WANTED)) return;
    this.#entries.set(slot, WANTED);
    this.#wanted.push(slot);
  }

  /** What was wanted since the last call and still is. */
  takeWanted(): Wanted[] {
    const e = this.#entries;
    const slots = this.#wanted.filter((slot) => e.has(slot, WANTED));
    this.#wanted = [];
    return slots.map((slot) => ({ slot, incarnation: e.incarnation[slot], offset: e.logOffset[slot] }));
  }
}
