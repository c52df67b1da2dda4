import type { CommitNote, Recall } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Committed, TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import type { EntryTable } from './entries.ts';

/** What restoring found out about the logs of a task. */
export interface LogFacts {
  readonly ids: CommitNote['ids'];
  /** Where the next record of each output will lie, unless somebody else writes there. */
  readonly ends: { readonly results: number; readonly retry: number; readonly deadLetters: number };
}

/** Offsets of an output that lie before our first record and that we did not write, or did not see when we restored. */
export interface Gap {
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

/** A commit marker takes an offset of its own. */
const MARKER = 1;
/** So many places in a dedup window tell where what was decided since then lies. */
const CHECKPOINTS = 64;

/** What was decided up to this time of the dedup window, and only that, lies below these ends. */
interface Checkpoint {
  readonly at: number;
  readonly ends: Recall;
}

/**
 * The task is the only writer of its results, retry and dead-letter partitions, so it knows at which offset its next record must
 * lie. An answer that differs says that the logs were read at a leader that was none any more, that somebody else writes to them,
 * or that a log was cut at its end. The control partition is exempt: tools write to it.
 */
export class Ledger {
  readonly #topics: TopicNames;
  readonly #partitions: number;
  readonly #facts: LogFacts;
  readonly #entries: EntryTable;
  readonly #ends: Map<string, number>;
  /** Where the oldest of what is remembered lies, or before. */
  #recall: Recall = {};
  /** Later places where it may come to lie, oldest first. */
  readonly #checkpoints: Checkpoint[] = [];

  constructor(topics: TopicNames, partitions: number, facts: LogFacts, entries: EntryTable) {
    this.#topics = topics;
    this.#partitions = partitions;
    this.#facts = facts;
    this.#entries = entries;
    const { results, retry, deadLetters } = facts.ends;
    this.#ends = new Map([
      [topics.results, results],
      [topics.retry, retry],
      [topics.deadLetters, deadLetters],
    ]);
  }

  get ids(): CommitNote['ids'] {
    return this.#facts.ids;
  }

  /** The offset that the next record of this output must get. */
  end(topic: string): number {
    return this.#ends.get(topic) ?? 0;
  }

  /** What is remembered was read from these offsets on. */
  recalled(from: Recall): void {
    this.#recall = from;
  }

  /**
   * Of the state that a plan leaves behind which is handed out now. `remembered`: how many decided identities, those of the plan among
   * them, and when the oldest was decided by the time of the window; undefined: nobody keeps count.
   */
  note(remembered?: { readonly size: number; readonly oldest: number }): CommitNote {
    const { results, retry, deadLetters } = this.#topics;
    const { size, print, origins } = this.#entries;
    if (remembered !== undefined) this.#moveRecall(remembered.size, remembered.oldest);
    return {
      partitions: this.#partitions,
      ids: this.#facts.ids,
      ends: { results: this.end(results), retry: this.end(retry), deadLetters: this.end(deadLetters) },
      ...{ live: size, print, origins },
      ...(remembered === undefined ? {} : { recall: this.#recall }),
    };
  }

  /**
   * Holds the offsets that a plan got against what they must be, before its transaction ends. Returns the gaps of results and
   * dead letters, whose records decide. Throws OFFSET_LOST where a log has become shorter, TRANSACTION_FAILED where the retry
   * partition is longer than what was read.
   */
  gaps(outputs: TransactionPlan['outputs'], written: Committed): Gap[] {
    const gaps: Gap[] = [];
    outputs.forEach(({ topic }, i) => {
      const offsets = written.offsets[i];
      const known = this.#ends.get(topic);
      if (known === undefined || offsets.length === 0) return;
      const end = written.unended?.includes(topic) ? known - MARKER : known;
      const first = offsets[0];
      const where = { topic, expected: end, offset: first };
      if (first < end)
        throw new ServiceError(
          'OFFSET_LOST',
          `${topic} takes a record at ${first}, but had records up to ${end}: its end was lost`,
          where,
        );
      if (offsets[offsets.length - 1] !== first + offsets.length - 1)
        throw new ServiceError('TRANSACTION_FAILED', `somebody else writes to ${topic}`, where);
      if (first === end) return;
      if (topic === this.#topics.retry)
        throw new ServiceError(
          'TRANSACTION_FAILED',
          `${topic} goes on at ${first} instead of ${end}: what was read was not all, or somebody else writes to it`,
          where,
        );
      gaps.push({ topic, from: end, to: first });
    });
    return gaps;
  }

  /** The log of an output goes up to `end`, and all of it was looked at. */
  seen(topic: string, end: number): void {
    this.#ends.set(topic, end);
  }

  /** The plan is committed, and the dedup window has moved on to that time. */
  committed(
    outputs: TransactionPlan['outputs'],
    { offsets }: Committed,
    window: { readonly now: number; readonly windowMs: number },
  ): void {
    outputs.forEach(({ topic }, i) => {
      const last = offsets[i].at(-1);
      if (last !== undefined && this.#ends.has(topic)) this.#ends.set(topic, last + 1 + MARKER);
    });
    const last = this.#checkpoints.at(-1);
    if (last === undefined || window.now - last.at >= window.windowMs / CHECKPOINTS)
      this.#checkpoints.push({ at: window.now, ends: this.#outputEnds() });
  }

  #outputEnds(): Recall {
    return { results: this.end(this.#topics.results), deadLetters: this.end(this.#topics.deadLetters) };
  }

  #moveRecall(size: number, oldest: number): void {
    if (size === 0) {
      this.#recall = {};
      this.#checkpoints.length = 0;
      return;
    }
    // The plan may hold the first of them, and lies at the end or behind.
    if (this.#recall.results === undefined) this.#recall = this.#outputEnds();
    let passed = 0;
    while (passed < this.#checkpoints.length && this.#checkpoints[passed].at < oldest) passed++;
    if (passed === 0) return;
    this.#recall = this.#checkpoints[passed - 1].ends;
    this.#checkpoints.splice(0, passed);
  }
}
