import type { BytePool } from '@verdikt/core/record/byte-pool.ts';
import { EncodedRecords } from '@verdikt/core/record/encoded-records.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { BodyWriter } from '@verdikt/core/record/record-body.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { completionRecord } from '@verdikt/core/record/retry-entry.ts';
import type { TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import type { Written } from './retry-log.ts';
import { TellingRecord, type Told } from './told.ts';

/** Counts of one plan, for metrics after its commit. */
export interface Tally {
  consumed: number;
  duplicates: number;
  /** Put into a lane unattempted, because their key had one. */
  queued: number;
  /** Verdicts: all answers true, or not. */
  accepted: number;
  refused: number;
  /** Failed attempts by reason code: those that will be made again, and those that ended in a dead letter. */
  readonly retries: Map<string, number>;
  /** Attempts that could not be made and do not count. */
  readonly waits: Map<string, number>;
  readonly rejected: Map<string, number>;
  readonly exhausted: Map<string, number>;
  /** Commands by `<action> <result>`; records of the control topic that are none are `unknown garbled`. */
  readonly commands: Map<string, number>;
  /** Dead letters that the limit did not admit. */
  held: number;
  /** When the submissions with a verdict were accepted; milliseconds since 1970. */
  readonly submitted: number[];
  /** Timestamp of the newest record read; milliseconds since 1970, -1: none was read. */
  newest: number;
}

export interface SlicePlan extends TransactionPlan {
  /** Slots of the retry entries, in their order in the output. */
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
  waits: new Map(),
  rejected: new Map(),
  exhausted: new Map(),
  commands: new Map(),
  held: 0,
  submitted: [],
  newest: -1,
});

/** What a record takes in an output beside its own bytes: about what our headers need. */
export const OVERHEAD = 300;

/** What goes to the retry partition: first the entries of `written`, in its order, then completions. */
export interface Entries {
  readonly written: readonly Written[];
  readonly records: readonly OutRecord[];
}

/** Collects what a slice leads to beside its retry entries. */
export class PlanBuilder {
  tally = newTally();
  nextOffset: bigint | null = null;
  readonly #pages: BytePool | undefined;
  #verdicts: EncodedRecords;
  /** Of all that is not encoded yet, about. */
  #otherBytes = 0;
  #deadLetters: OutRecord[] = [];
  #answers: OutRecord[] = [];
  /** New offset of the control topic. Alone it is worth no transaction unless commands are behind it. */
  #controlOffset: bigint | null = null;
  #controlMoved = false;
  #claiming = false;

  /** `pages`: lends what the verdicts lie in, until `releasePlan`. */
  constructor(pages?: BytePool) {
    this.#pages = pages;
    this.#verdicts = new EncodedRecords(pages);
  }

  /** Records planned so far, dropped duplicates included: what bounds a slice. */
  get records(): number {
    return this.#verdicts.length + this.#deadLetters.length + this.#answers.length + this.tally.duplicates;
  }

  /** Bytes planned so far. */
  get bytes(): number {
    return this.#verdicts.allBytes + this.#otherBytes;
  }

  verdict(record: OutRecord): void {
    this.#verdicts.add(record);
  }

  /** The same of one whose bytes are written now. */
  plainVerdict(body: BodyWriter): void {
    this.#verdicts.write(body);
  }

  /** A verdict was reached: `accepted`: all answers true. */
  judged(accepted: boolean, submittedAt: number): void {
    if (accepted) this.tally.accepted++;
    else this.tally.refused++;
    this.tally.submitted.push(submittedAt);
  }

  deadLetter(record: OutRecord, inputBytes: number): void {
    this.#deadLetters.push(record);
    this.#otherBytes += inputBytes + 2 * OVERHEAD;
  }

  answer(record: OutRecord): void {
    this.#answers.push(record);
    this.#otherBytes += 2 * OVERHEAD;
  }

  /** The control topic is dealt with up to here; `matters`: it must be told to Kafka, be it alone. */
  control(nextOffset: bigint, matters: boolean): void {
    this.#controlOffset = nextOffset;
    this.#controlMoved ||= matters;
  }

  /** The plan writes to the retry partition, be it a completion of nothing. */
  claim(): void {
    this.#claiming = true;
  }

  /**
   * The plan, or undefined when nothing happened; then starts the next one. `entries`: records of the retry partition. `told.next` is the
   * offset of `words` after the plan; it is committed with every plan, for what goes beside it.
   */
  finish(topics: TopicNames, told: Told, entries: Entries, trimTo: number): SlicePlan | undefined {
    const retry = [...entries.records];
    if (this.#claiming && retry.length === 0) retry.push(completionRecord([]));
    this.#verdicts.changeLast((last) => new TellingRecord(last, told));
    const outputs = [
      { topic: topics.results, records: this.#verdicts },
      { topic: topics.deadLetters, records: telling(this.#deadLetters, told) },
      { topic: topics.retry, records: telling(retry, told) },
      { topic: topics.control, records: this.#answers },
    ].filter((o) => o.records.length > 0);
    const { tally } = this;
    const control = this.#controlOffset;
    const nothing = outputs.length === 0 && this.nextOffset === null && !this.#controlMoved;
    // An offset that matters little waits for a plan that is made anyway.
    if (!nothing) this.#controlOffset = null;
    this.#controlMoved = false;
    this.#claiming = false;
    this.#verdicts = new EncodedRecords(this.#pages);
    this.#deadLetters = [];
    this.#answers = [];
    this.nextOffset = null;
    this.#otherBytes = 0;
    this.tally = newTally();
    if (nothing) return undefined;
    const otherOffsets = control === null ? [] : [{ topic: topics.control, nextOffset: control }];
    const { written } = entries;
    return { outputs, nextOffset: BigInt(told.next), otherOffsets, written, trimTo, tally };
  }
}

/** The plan is committed, and nobody reads its outputs any more. One that failed is left alone: it may still be on its way. */
export const releasePlan = ({ outputs }: TransactionPlan): void => {
  for (const { records } of outputs) if (records instanceof EncodedRecords) records.release();
};

/** The same records, the last of which tells. */
const telling = (records: OutRecord[], told: Told): OutRecord[] => {
  const last = records.pop();
  if (last !== undefined) records.push(new TellingRecord(last, told));
  return records;
};

export const count = (m: Map<string, number>, k: string): void => {
  m.set(k, (m.get(k) ?? 0) + 1);
};

/** Milliseconds since 1970. */
export interface SliceTimes {
  /** First record of the slice taken up. */
  readonly begun: number;
  /** Plan handed to Kafka. */
  readonly sent: number;
  readonly committed: number;
}
