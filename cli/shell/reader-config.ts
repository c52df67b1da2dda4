import { Type, type Static } from '@verdikt/core/config/fields.ts';
import { loadConfig, type Env, type ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaFields, kafkaRules, registryFields, topicFields } from '@verdikt/core/config/kafka.ts';
import { environment, type Flags } from './config.ts';

/** What a command that reads topics is told. A registry is only needed where verdicts are Avro. */
export const readerSchema = Type.Object({
  ...kafkaFields,
  ...topicFields,
  ...registryFields,
  schemaRegistryUrl: Type.Optional(registryFields.schemaRegistryUrl),
});
export type ReaderConfig = Static<typeof readerSchema>;

/** Throws CONFIG_INVALID with all problems; see loadConfig. Flags win over the environment. */
export const loadReaderConfig = (env: Env, flags: Flags, readFile: ReadFile): ReaderConfig =>
  loadConfig(readerSchema, environment(readerSchema, env, flags), readFile, kafkaRules);
