import { Type, type Static } from '@verdikt/core/config/fields.ts';
import { loadConfig, type Env, type ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaFields, kafkaRules, registryFields, topicFields } from '@verdikt/core/config/kafka.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { systemTopics, type TopicNames } from '@verdikt/core/record/topics.ts';
import { processorFields } from '@verdikt/processor/config-fields.ts';
import { aclNames, aclTable, bindingsFor, principalsOf } from '../acls/table.ts';
import { environment, principalFields, type Flags } from '../shell/config.ts';
import type { Expected } from './facts.ts';

const doctorSchema = Type.Object({
  ...kafkaFields,
  ...topicFields,
  ...registryFields,
  schemaRegistryUrl: Type.Optional(registryFields.schemaRegistryUrl),
  ...principalFields,
  retryMaxAttempts: processorFields.retryMaxAttempts,
  retryBaseDelayMs: processorFields.retryBaseDelayMs,
  retryMultiplier: processorFields.retryMultiplier,
  retryMaxDelayMs: processorFields.retryMaxDelayMs,
  dedupWindowMs: processorFields.dedupWindowMs,
  maxBatchBytes: processorFields.maxBatchBytes,
  recordMaxBytes: processorFields.recordMaxBytes,
  sessionTimeoutMs: processorFields.sessionTimeoutMs,
  transactionTimeoutMs: processorFields.transactionTimeoutMs,
  sampleMs: Type.Integer({
    default: 3_000,
    minimum: 0,
    maximum: 600_000,
    description: 'Time between two samples of progress. 0 takes one sample.',
    reason: 'A task that has work commits ten times a second.',
  }),
});
export type DoctorConfig = Static<typeof doctorSchema>;

/** Throws CONFIG_INVALID with all problems; see loadConfig. */
export const loadDoctorConfig = (env: Env, flags: Flags, readFile: ReadFile): DoctorConfig =>
  loadConfig(doctorSchema, environment(doctorSchema, env, flags), readFile, kafkaRules);

/** What the cluster must fit. */
export const expectedOf = (c: DoctorConfig): Expected => {
  const names: TopicNames = systemTopics(c);
  const acls = bindingsFor(aclTable(aclNames(names, c.group)), principalsOf(c));
  return { ...c, group: systemId(names.words, c.group), names, acls };
};
