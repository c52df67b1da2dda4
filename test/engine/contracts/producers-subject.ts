import type { KafkaAnswer } from '../kafka-answer.ts';

/** An identity that a broker gave; `id` null: for idempotence alone. */
export interface RawProducer {
  readonly id: string | null;
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface RawEntry {
  readonly offset: number;
  readonly producerId: bigint;
  readonly kind: 'record' | 'commit' | 'abort' | 'other';
  /** Of a record. */
  readonly value: string | null;
}

/** What one fetch answers, before a client leaves anything out. */
interface RawFetch {
  readonly entries: readonly RawEntry[];
  /** The broker's list of aborted transactions; empty at read_uncommitted. */
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[];
  /** End of the log as this isolation knows it. */
  readonly end: number;
}

/** Requests as they go over the wire, with no client in between that counts, waits or repeats. */
export interface ProducersSubject {
  /** InitProducerId; repeated while an older transaction is not wholly over. */
  init(id: string | null, timeoutMs?: number): Promise<RawProducer>;
  /** AddPartitionsToTxn. */
  join(p: RawProducer, partition: number): Promise<KafkaAnswer>;
  /** Produce of one batch, transactional where the producer has an id. */
  append(
    p: RawProducer,
    partition: number,
    sequence: number,
    values: readonly string[],
  ): Promise<{ readonly answer: KafkaAnswer; readonly offset: number }>;
  /** EndTxn; repeated while it is answered CONCURRENT_TRANSACTIONS. */
  end(p: RawProducer, commit: boolean): Promise<KafkaAnswer>;
  fetch(partition: number, from: number, committed: boolean): Promise<RawFetch>;
  /** What the readers of this broker hand out at read_committed. */
  read(partition: number): Promise<readonly (string | null)[]>;
  /** Lets so much time pass on the clock of the broker. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}
