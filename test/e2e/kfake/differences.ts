/** What runs on kfake. */
export const FILES: readonly string[] = [
  'kafka/contracts.kafka.test.ts',
  'kafka/transaction/transaction.kafka.test.ts',
  'kafka/transaction/transaction-plan.kafka.test.ts',
  'kafka/produce/sink.kafka.test.ts',
  'kafka/consume/source.kafka.test.ts',
  'kafka/consume/log-reader.kafka.test.ts',
  'kafka/group/membership.kafka.test.ts',
  'kafka/group/membership-deaths.kafka.test.ts',
  'cli/probe/probe.kafka.test.ts',
  'test/scenarios/a-killed-processor-and-a-new-one-lose-double-and-shuffle-nothing.test.ts',
  'test/scenarios/parked-keys-are-redriven-or-skipped-once-and-in-order-while-processors-are-killed.test.ts',
];

/** A test that does not pass on kfake: it does not behave as Apache Kafka there. */
export interface Difference {
  /** The end of the full name of a test. */
  readonly test: string;
  /** What kfake does, and what becomes of verdikt then. */
  readonly why: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    test: 'tells the time at which a log that stamps its records took them',
    why: 'It takes LogAppendTime as a setting and stamps nothing. The dedup window is then bounded by number and memory alone.',
  },
  {
    test: 'who is not known may begin anywhere in a log that is not new, and numbers wrap',
    why: 'Its sequence numbers wrap one too early, after 2^31 - 1 records. A sink then takes a new producer ID, a task fences.',
  },
  {
    test: 'trim moves the start, and what was before is gone',
    why: 'It refuses to cut a log before its start, which is no change. A task tries again with its next cut.',
  },
  {
    test: 'one that is open for too long is aborted and its producer shut out; one that may last longer goes on',
    why: 'It shuts the producer out with INVALID_TXN_STATE, not with its epoch. The task fences again either way.',
  },
  {
    test: 'where the broker deals out the partitions, a processor takes none of them',
    why: 'It lets a member of the classic protocol into a group of the new one. Do not share a group with other consumers.',
  },
];
