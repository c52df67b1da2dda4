import { securityText } from '@verdikt/cli/acls/docs.ts';
import { doctorDocs } from '@verdikt/cli/doctor/docs.ts';
import { configurationText } from '@verdikt/core/config/docs.ts';
import { errorsText } from '@verdikt/core/service/error-docs.ts';
import { kafkaRules, registryRules } from '@verdikt/core/config/kafka.ts';
import { CLIENT_METRICS } from '@verdikt/core/service/metrics-clients.ts';
import { metricsText } from '@verdikt/core/service/metrics-docs.ts';
import { processorRules, processorSchema } from '@verdikt/processor/config.ts';
import { PROCESSOR_METRICS } from '@verdikt/processor/metrics.ts';
import { edgeConfigSchema, edgeRules } from '@verdikt/producer/config.ts';
import { EDGE_METRICS } from '@verdikt/producer/metrics.ts';
import { openApiText } from '@verdikt/producer/http/openapi.ts';
import { typesText } from '@verdikt/schemas/generate-types.ts';
import { loadSchemas } from '@verdikt/schemas/load.ts';
import { chartFiles } from './chart-files.ts';

export interface Generator {
  /** From the root of the repository. */
  readonly path: string;
  text(): string | Promise<string>;
}

/** Every generated file of the repository. Add yours as one line. */
export const generators: readonly Generator[] = [
  { path: 'schemas/types.ts', text: () => typesText(loadSchemas()) },
  { path: 'producer/openapi.json', text: openApiText },
  { path: 'docs/errors.md', text: errorsText },
  { path: 'docs/security.md', text: securityText },
  { path: 'docs/doctor.md', text: doctorDocs },
  {
    path: 'docs/configuration.md',
    text: () =>
      configurationText([
        {
          title: 'Edge (producer)',
          schema: edgeConfigSchema,
          rules: [...kafkaRules, ...registryRules, ...edgeRules],
        },
        { title: 'Processor', schema: processorSchema, rules: processorRules },
      ]),
  },
  {
    path: 'docs/metrics.md',
    text: () =>
      metricsText([
        { title: 'Edge (producer)', metrics: EDGE_METRICS },
        { title: 'Processor', metrics: PROCESSOR_METRICS },
        { title: 'Both: what they call', metrics: CLIENT_METRICS },
      ]),
  },
  ...chartFiles(),
];
