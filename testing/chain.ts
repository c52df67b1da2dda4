import { createHash, randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ServiceError } from '@verdikt/core/errors.ts';
import { createUuidV7 } from '@verdikt/core/hash/uuid.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { systemTopics, type TopicNames } from '@verdikt/core/record/topics.ts';
import { createChain } from '@verdikt/processor/checks/chain.ts';
import type { CheckChain } from '@verdikt/processor/checks/run-chain.ts';
import type { OwnChainSpec } from '@verdikt/processor/checks/stages.ts';
import { loadProcessorConfig } from '@verdikt/processor/config.ts';
import { DEFAULT_MEMORY_LIMIT_MIB, memoryPlan } from '@verdikt/processor/memory.ts';
import { createProcessor, type ProcessorPorts } from '@verdikt/processor/service.ts';
import { loadEdgeConfig } from '@verdikt/producer/config.ts';
import { createIngest } from '@verdikt/producer/intake/ingest.ts';
import { createVerdictEncoder } from '@verdikt/schemas/verdict.ts';
import type { SubmissionCodec } from '@verdikt/schemas/codec.ts';
import { endsOf, type End } from './ends.ts';
import { createLedger } from './ledger.ts';
import { manualClock, type ManualClock } from './manual-clock.ts';
import { createMemoryKafka, type MemoryKafka } from './memory-kafka.ts';
import { pace, paced } from './pace.ts';

export interface TestChainOptions {
  /** As for `startProcessor`. @default that of `env` */
  readonly chain?: readonly OwnChainSpec[];
  /** Settings of the processor, as docs/reference/configuration.md names them. `process.env` is not read. @default none */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called by `http` checks in place of the network. @default they ask their services */
  readonly fetch?: typeof globalThis.fetch;
  /** What the processor and its checks log. @default nothing is logged */
  readonly log?: Log;
}

/** As in the body of a POST to an edge. */
export interface TestWord {
  readonly word: string;
  /** @default the normalized word */
  readonly key?: string;
  /** Within the dedup window the same key, word and idempotency key are one submission. @default none */
  readonly idempotencyKey?: string;
  /** Of the request: `traceparent`, `tracestate`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An edge and a processor in this process, without Kafka and without a network. */
export interface TestChain {
  /**
   * Accepts a word by the rules of an edge with default limits; returns its id. Throws a ServiceError with the code that an edge
   * answers: INPUT_INVALID or INPUT_TOO_LARGE.
   */
  submit(word: string | TestWord): string;
  /**
   * Resolves with all ends so far, in order per key, when each word has one or waits behind a parked one. Back-off takes virtual
   * time; checks take real time. Rejects with what stopped the processor, or where a word is undecided after 30 virtual days.
   */
  settle(): Promise<readonly End[]>;
  /** Stops the processor, aborts checks that run, and calls `close` of each. */
  close(): Promise<void>;
}

/** Nobody connects to these. */
const NOWHERE = { KAFKA_BROKERS: 'memory:9092', SCHEMA_REGISTRY_URL: 'http://memory' };
const START = Date.UTC(2026, 0, 1);
const LIMIT_MS = 30 * 86_400_000;
const reader: Pick<SubmissionCodec, 'prepare' | 'decode'> = {
  prepare: () => undefined,
  decode: (record) => ({
    kind: 'ok',
    word: String(record.value),
    submittedAt: Number(record.headerText(H.submittedAt)),
  }),
};

/** Counts the attempts that run. */
const counted = (chain: CheckChain): CheckChain & { readonly running: () => number } => {
  let running = 0;
  return {
    ...chain,
    running: () => running,
    run: (input, passed) => {
      const outcome = chain.run(input, passed);
      if (!(outcome instanceof Promise)) return outcome;
      running++;
      return outcome.finally(() => running--);
    },
  };
};

/** Takes words as an edge does. */
const createIntake = (clock: ManualClock, kafka: MemoryKafka, topic: string) => {
  const limits = loadEdgeConfig(NOWHERE, (path) => readFileSync(path, 'utf8'));
  const ingest = createIngest({
    ...{ limits, partitions: 1 },
    topicId: () => undefined,
    encode: (word) => Buffer.from(word),
    newId: createUuidV7({ now: clock.now, random: (into) => void randomFillSync(into) }),
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  });
  return (
    given: string | TestWord,
  ): { readonly id: string; readonly offset: number; readonly key: string } => {
    const { headers = {}, ...body } = typeof given === 'string' ? { word: given } : given;
    const facts = ingest.facts('test', headers);
    const read = 'ok' in facts ? facts : ingest.submission(body, facts, clock.now());
    if (!read.ok) throw new ServiceError(read.code, `${read.field}: ${read.detail}`, { field: read.field });
    const { record } = read.submission;
    return { id: read.id, offset: kafka.append(topic, record), key: String(record.key) };
  };
};

/** One process that has the one task for good. */
const portsOf = (kafka: MemoryKafka, topics: TopicNames): ProcessorPorts => ({
  transactions: kafka.transactions,
  logs: kafka.logs,
  trimmer: kafka.trimmer,
  source: kafka.source(topics.words),
  control: kafka.source(topics.control),
  membership: {
    start: (listener) => Promise.resolve(listener.assigned({ generation: 1, tasks: [0] })),
    owns: () => Promise.resolve(true),
    stop: () => Promise.resolve(),
  },
});

/**
 * A chain in memory: the rules of an edge and the engine of a processor, with retries, order per key and dead letters, on a clock
 * that jumps over back-off and over the time for which a circuit stays open. The clock starts at the same time in each run and
 * back-off is not random, so results repeat.
 *
 * Rejects with code CONFIG_INVALID where the chain or `env` is wrong, or a `setup` fails.
 */
export const openChain = async (options: TestChainOptions): Promise<TestChain> => {
  const { env = {}, log = silentLog, fetch } = options;
  const network = fetch === undefined ? {} : { fetch };
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const config = loadProcessorConfig({ ...NOWHERE, ...env, VERDIKT_PARTITIONS: '1' }, readFile);
  const topics = systemTopics(config);
  const clock = manualClock(START);
  const chain = counted(
    await createChain(options.chain ?? config.chain, { readFile, clock, log, ...network }),
  );

  const ledger = createLedger();
  const kafka = createMemoryKafka(clock, topics.words, (plan) =>
    ledger.ended(endsOf(plan, topics, clock.now())),
  );
  let failure: unknown;
  const processor = createProcessor({
    ...{ config, topics, chain, log, clock, reader, memory: memoryPlan(DEFAULT_MEMORY_LIMIT_MIB, 1) },
    random: () => 0.5,
    ports: portsOf(kafka, topics),
    partitionsOf: (names) => Promise.resolve(names.map(() => 1)),
    assertSupported: () => Promise.resolve(),
    encoder: () => Promise.resolve(createVerdictEncoder({ format: 'json' })),
    events: {
      committed: (_, { tally }) => ledger.dropped(tally.duplicates),
      restored: () => undefined,
      failed: (_, error) => (failure ??= error),
      rebalanced: () => undefined,
    },
  });
  await processor.start();
  const intake = createIntake(clock, kafka, topics.words);

  return {
    submit: (word) => {
      const { id, offset, key } = intake(word);
      ledger.submitted(offset, key);
      return id;
    },
    settle: async () => {
      await pace({
        ...{ clock, limitMs: LIMIT_MS },
        busy: () => chain.running() > 0,
        done: ledger.settled,
        failure: () => failure,
      });
      return [...ledger.ends];
    },
    close: async () => {
      await paced(clock, processor.stop());
      await chain.close();
    },
  };
};

/** Submits the words in this order to a chain, waits until all have their ends, and closes the chain. See `openChain`. */
export const testChain = async (
  options: TestChainOptions,
  words: readonly (string | TestWord)[],
): Promise<readonly End[]> => {
  const chain = await openChain(options);
  try {
    for (const word of words) chain.submit(word);
    return await chain.settle();
  } finally {
    await chain.close();
  }
};
