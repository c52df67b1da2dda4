import { Type, type Static } from '@verdikt/core/config/fields.ts';
import { loadConfig, type Env, type ReadFile, type Rule } from '@verdikt/core/config/config.ts';
import {
  kafkaFields,
  kafkaRules,
  registryFields,
  registryRules,
  serviceFields,
  topicFields,
} from '@verdikt/core/config/kafka.ts';
import { metricsFields, otlpRules } from '@verdikt/core/service/metrics-config.ts';
import { tracingFields } from '@verdikt/core/tracing/config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { chainSchema } from './checks/schema.ts';
import { compressionFields } from './config-compression.ts';
import { processorFields } from './config-fields.ts';
import { LEAST_MEMORY_LIMIT_MIB, type MemoryPlan } from './memory.ts';
import type { TaskBounds } from '@verdikt/engine/policy/task-context.ts';
import type { DeadLetterLimitConfig } from '@verdikt/engine/policy/dead-letter-limit.ts';
import type { RetryConfig } from '@verdikt/engine/policy/retry.ts';

export const processorSchema = Type.Object(
  {
    ...kafkaFields,
    ...registryFields,
    chain: chainSchema,
    ...topicFields,
    ...processorFields,
    ...compressionFields,
    ...tracingFields,
    ...metricsFields,
    ...serviceFields,
  },
  { title: 'verdikt processor' },
);

/** Flat, frozen; units are in the names. Times in milliseconds, sizes in bytes. */
export type ProcessorConfig = Static<typeof processorSchema>;

export const processorRules: readonly Rule<ProcessorConfig>[] = [
  ...kafkaRules,
  ...registryRules,
  ...otlpRules,
  {
    fields: ['heartbeatIntervalMs', 'sessionTimeoutMs'],
    says: 'heartbeatIntervalMs must be at most a sixth of sessionTimeoutMs, so that one lost heartbeat expels nobody, not even while the group changes',
    remedy: 'lower heartbeatIntervalMs or raise sessionTimeoutMs',
    holds: (c) => c.heartbeatIntervalMs * 6 <= c.sessionTimeoutMs,
  },
  {
    fields: ['transactionTimeoutMs', 'sliceMaxMs'],
    says: 'transactionTimeoutMs must be at least 2 s longer than the longest slice (sliceMaxMs)',
    remedy: 'raise transactionTimeoutMs or lower sliceMaxMs',
    holds: (c) => c.transactionTimeoutMs >= c.sliceMaxMs + 2_000,
  },
  {
    fields: ['memoryLimitMiB'],
    says: `memoryLimitMiB must be 0 or at least ${LEAST_MEMORY_LIMIT_MIB}`,
    remedy: 'raise memoryLimitMiB, or leave it at 0',
    holds: (c) => c.memoryLimitMiB === 0 || c.memoryLimitMiB >= LEAST_MEMORY_LIMIT_MIB,
  },
  {
    fields: ['retryBaseDelayMs', 'retryMaxDelayMs'],
    says: 'retryBaseDelayMs must be at most retryMaxDelayMs',
    remedy: 'lower retryBaseDelayMs or raise retryMaxDelayMs',
    holds: (c) => c.retryBaseDelayMs <= c.retryMaxDelayMs,
  },
  {
    fields: ['deadLetterBackoffMs', 'deadLetterMaxBackoffMs'],
    says: 'deadLetterBackoffMs must be at most deadLetterMaxBackoffMs',
    remedy: 'lower deadLetterBackoffMs or raise deadLetterMaxBackoffMs',
    holds: (c) => c.deadLetterBackoffMs <= c.deadLetterMaxBackoffMs,
  },
  {
    fields: ['sourceTopic', 'resultTopic', 'deadLetterTopic', 'topicPrefix'],
    says: 'sourceTopic, resultTopic, deadLetterTopic and the topics named after them must all be different',
    remedy: 'give sourceTopic, resultTopic and deadLetterTopic different names',
    holds: (c) => {
      const names = Object.values(systemTopics(c));
      return new Set(names).size === names.length;
    },
  },
];

/** Throws CONFIG_INVALID with all problems; see loadConfig. */
export const loadProcessorConfig = (env: Env, readFile: ReadFile): ProcessorConfig =>
  loadConfig(processorSchema, env, readFile, processorRules);

export const taskBounds = (c: ProcessorConfig, memory: MemoryPlan): TaskBounds => ({
  dedup: c.dedup,
  dedupWindowMs: c.dedupWindowMs,
  dedupMaxIds: c.dedupMaxIds,
  laneMaxEntries: c.laneMaxEntries > 0 ? c.laneMaxEntries : memory.laneMaxEntries,
  compactionFactor: c.compactionFactor,
  compactionSlack: c.compactionSlack,
  compactionMaxRecords: c.compactionMaxRecords,
  trimAfter: c.trimAfterRecords,
  deadLetterMax: c.deadLetterMax,
  waitMs: c.unavailableWaitMs,
  parks: c.onDeadLetter === 'park',
  maxRedrives: c.maxRedrives,
  commandsMax: c.commandsMax,
});

export const retryConfig = (c: ProcessorConfig): RetryConfig => ({
  maxAttempts: c.retryMaxAttempts,
  baseMs: c.retryBaseDelayMs,
  multiplier: c.retryMultiplier,
  maxMs: c.retryMaxDelayMs,
  jitter: c.retryJitter,
});

export const deadLetterLimitConfig = (c: ProcessorConfig): DeadLetterLimitConfig => ({
  max: c.deadLetterMax,
  windowMs: c.deadLetterWindowMs,
  backOffMs: c.deadLetterBackoffMs,
  maxBackOffMs: c.deadLetterMaxBackoffMs,
});
