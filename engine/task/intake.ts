import type { Reader } from '@verdikt/core/ports/chain.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { RecordSource, Slice } from '@verdikt/core/ports/source.ts';
import { BytePages } from '@verdikt/core/record/byte-pages.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Attempt } from '../policy/attempt.ts';
import type { TaskState } from '../state/state.ts';
import type { AttemptRunner } from './attempts.ts';
import type { PlainPath } from './plain-path.ts';

interface IntakeDeps {
  readonly task: number;
  readonly state: TaskState;
  readonly source: RecordSource;
  readonly reader: Reader;
  readonly runner: AttemptRunner;
  /** Undefined: every record takes the general path. */
  readonly plain?: PlainPath | undefined;
  readonly clock: Clock;
  readonly limits: { readonly sliceMaxRecords: number; readonly sliceMaxBytes: number };
}

/** Records polled, decided or put into lanes before others have their turn. */
const CHUNK = 500;
/** Of the copies: small, since one record may keep its page for long. */
const PAGE_BYTES = 32 * 1024;

/** Takes new records of `words` from the source of a task, in their order, as long as checks may start. */
export class Intake {
  readonly #d: IntakeDeps;
  #chunk: Slice | undefined;
  /** Records of the chunk that were offered. */
  #at = 0;
  readonly #pages = new BytePages(PAGE_BYTES);

  constructor(d: IntakeDeps) {
    this.#d = d;
  }

  /** More is known to wait, and could be taken. */
  get waiting(): boolean {
    const { source, state, task } = this.#d;
    return !state.full && (this.#chunk !== undefined || source.lag(task) > 0);
  }

  /** Is it kept from taking more, although there may be more? */
  stopped(now: number): boolean {
    const { state } = this.#d;
    return state.full || state.gates.stopped(now) !== undefined;
  }

  /** Takes what it may; true when it came forward. */
  take(since: number): Promise<boolean> {
    return this.#take(since, (now) => this.stopped(now));
  }

  /** Takes one record although it is stopped; `begins` hears of the attempt that it leads to at once, if any. */
  async one(since: number, begins: (a: Attempt) => void): Promise<void> {
    let taken = false;
    const stopped = (): boolean => taken || this.#d.state.full;
    await this.#take(since, stopped, (a) => {
      taken = true;
      if (a !== undefined) begins(a);
    });
  }

  /** A copy of a record of the chunk, for what may outlive it. */
  keep(record: InRecord): InRecord {
    const { span } = record;
    const page = this.#pages.room(span);
    const kept = record.copySpanTo(page, this.#pages.used);
    this.#pages.used += span;
    this.#d.plain?.moved(record, kept);
    return kept;
  }

  async #take(
    since: number,
    stopped: (now: number) => boolean,
    begins: (a: Attempt | undefined) => void = () => undefined,
  ): Promise<boolean> {
    const { reader, clock, runner, state, limits } = this.#d;
    let now = since;
    if (this.#chunk === undefined) {
      this.#chunk = this.#poll();
      this.#at = 0;
      if (this.#chunk === undefined) return false;
      const ready = reader.prepare(this.#chunk.records);
      if (ready !== undefined) {
        await ready;
        // It may have taken a while; back-off counts from the attempt.
        now = clock.now();
      }
    }
    const { records, nextOffset } = this.#chunk;
    const before = this.#at;
    const plain = this.#d.plain?.ready(now) === true ? this.#d.plain : undefined;
    for (;;) {
      const record = records[this.#at];
      if (record === undefined || !runner.free || stopped(now)) break;
      if (state.plannedBytes >= limits.sliceMaxBytes) break;
      this.#at++;
      if (plain?.take(record, now) === true) continue;
      const attempt = state.offer(this.keep(record));
      const aside = attempt !== undefined && state.fails(attempt) && runner.turnOfFailing === 'never';
      begins(aside ? undefined : attempt);
      if (aside) state.putAside(attempt);
      else if (attempt !== undefined) runner.run(attempt, now);
    }
    const next = records[this.#at];
    if (next === undefined) {
      state.advance(nextOffset);
      this.#chunk = undefined;
      return true;
    }
    if (this.#at > before) state.advance(BigInt(next.offset));
    return this.#at > before;
  }

  #poll(): Slice | undefined {
    const { source, task, state, limits } = this.#d;
    const room = Math.min(CHUNK, limits.sliceMaxRecords - state.plannedRecords);
    return source.poll(task, Math.max(1, room), Math.max(1, limits.sliceMaxBytes - state.plannedBytes));
  }
}
