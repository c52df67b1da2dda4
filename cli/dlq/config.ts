import { Type, type Static } from '@verdikt/core/config/fields.ts';
import { loadConfig, type Env, type ReadFile } from '@verdikt/core/config/config.ts';
import { environment, type Flags } from '../shell/config.ts';
import { kafkaRules } from '@verdikt/core/config/kafka.ts';
import { processorSchema, type ProcessorConfig } from '@verdikt/processor/config.ts';
import { redriveFields } from '@verdikt/operate/dlq/fields.ts';
import { readerSchema } from '../shell/reader-config.ts';

/** What the tools for dead letters are told. */
const dlqSchema = Type.Object({
  ...readerSchema.properties,
  mask: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    list: true,
    description:
      'Fields of payloads, and headers, whose values `verdikt dlq` shows as `***`; `key` masks the key of the record.',
    reason: 'Operators who may read the topic can see everything anyway.',
  }),
  ...redriveFields,
});
export type DlqConfig = Static<typeof dlqSchema>;

/** What the chain of a processor is told, for those who run it elsewhere. */
const whatIfSchema = Type.Object({
  ...dlqSchema.properties,
  chain: processorSchema.properties.chain,
  httpProxy: processorSchema.properties.httpProxy,
  httpsProxy: processorSchema.properties.httpsProxy,
  noProxy: processorSchema.properties.noProxy,
});
type WhatIfConfig = DlqConfig & Pick<ProcessorConfig, 'chain' | 'httpProxy' | 'httpsProxy' | 'noProxy'>;

/** As `loadDlqConfig`. */
export const loadWhatIfConfig = (env: Env, flags: Flags, readFile: ReadFile): WhatIfConfig =>
  loadConfig(whatIfSchema, environment(whatIfSchema, env, flags), readFile, kafkaRules);

/** Throws CONFIG_INVALID with all problems; see loadConfig. Flags win over the environment. */
export const loadDlqConfig = (env: Env, flags: Flags, readFile: ReadFile): DlqConfig =>
  loadConfig(dlqSchema, environment(dlqSchema, env, flags), readFile, kafkaRules);
