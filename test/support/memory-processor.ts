import type { Clock } from '@verdikt/core/ports/clock.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { Tracer } from '@verdikt/core/tracing/tracing.ts';
import type { CheckChain } from '../../processor/checks/run-chain.ts';
import type { ProcessorConfig } from '../../processor/config.ts';
import { DEFAULT_MEMORY_LIMIT_MIB, memoryPlan } from '../../processor/memory.ts';
import { createProcessor, type Processor } from '../../processor/service.ts';
import type { MemoryBroker } from '../engine/memory-broker.ts';
import { memoryLogReader, memoryTrimmer } from '../engine/memory-logs.ts';
import { memorySource } from '../engine/memory-source.ts';
import { memoryTransactions } from '../engine/memory-transactions.ts';
import { createSteps, plannedFaults } from '../engine/steps.ts';
import { soleMember } from './sole-member.ts';

interface MemoryProcessorOptions {
  readonly config: ProcessorConfig;
  readonly clock: Clock;
  readonly chain: CheckChain;
  readonly tracer?: Tracer | undefined;
  readonly log?: Log;
  /** Default: that of the broker. */
  readonly logs?: LogReader;
}

/** A processor of one partition, alone in its group, on a broker in memory. Values of words are their text. */
export const memoryProcessor = (
  broker: MemoryBroker,
  { config, clock, chain, tracer, log = silentLog, logs = memoryLogReader(broker) }: MemoryProcessorOptions,
): { readonly made: Processor; readonly faults: ReturnType<typeof plannedFaults> } => {
  const topics = systemTopics(config);
  const faults = plannedFaults();
  const steps = createSteps({ fault: faults.fault });
  const ports = {
    membership: soleMember([0]),
    transactions: memoryTransactions(broker, { group: config.group, wordsTopic: topics.words, steps }),
    source: memorySource(broker, topics.words),
    control: memorySource(broker, topics.control),
    ...{ logs, trimmer: memoryTrimmer(broker) },
  };
  const nothing = (): void => undefined;
  const made = createProcessor({
    ...{ config, topics, ports, tracer, log, chain, clock },
    memory: memoryPlan(DEFAULT_MEMORY_LIMIT_MIB, 1),
    partitionsOf: (names) => Promise.resolve(names.map(() => 1)),
    reader: {
      prepare: () => undefined,
      decode: (r) => ({ kind: 'ok', word: String(r.value), submittedAt: 0 }),
    },
    assertSupported: () => Promise.resolve(),
    encoder: () => Promise.resolve((judged: object) => JSON.stringify(judged)),
    events: { committed: nothing, restored: nothing, failed: nothing, rebalanced: nothing },
  });
  return { made, faults };
};
