import { securityText } from '@verdikt/cli/acls/docs.ts';
import { cliText, usageText } from '@verdikt/cli/docs.ts';
import { doctorDocs } from '@verdikt/cli/doctor/docs.ts';
import { configurationText } from '@verdikt/core/config/docs.ts';
import { errorsText } from '@verdikt/core/service/error-docs.ts';
import { kafkaRules, registryRules } from '@verdikt/core/config/kafka.ts';
import { CLIENT_METRICS } from '@verdikt/core/service/metrics-clients.ts';
import { PUSH_METRICS } from '@verdikt/core/service/push-metrics.ts';
import { metricsText } from '@verdikt/core/service/metrics-docs.ts';
import { chainLines } from '@verdikt/processor/checks/docs.ts';
import { processorRules, processorSchema } from '@verdikt/processor/config.ts';
import { PROCESSOR_METRICS } from '@verdikt/processor/metrics.ts';
import { edgeConfigSchema, edgeRules } from '@verdikt/producer/config.ts';
import { EDGE_METRICS } from '@verdikt/producer/metrics.ts';
import { openApiText } from '@verdikt/producer/http/openapi.ts';
import { typesText } from '@verdikt/schemas/generate-types.ts';
import { loadSchemas } from '@verdikt/schemas/load.ts';
import { chartFiles } from './chart-files.ts';
import { clientOperationsText, clientTypesText } from './docs/client-types.ts';
import { asyncApiText, verdictSchemaText } from './docs/asyncapi.ts';
import { httpApiText } from './docs/http-api.ts';
import { recordsText } from './docs/records.ts';
import { docsFiles } from './docs/site/pages.ts';

export interface Generator {
  /** From the root of the repository. */
  readonly path: string;
  text(): string | Promise<string>;
}

/** Every generated file of the repository. Add yours as one line. */
export const generators: readonly Generator[] = [
  { path: 'schemas/types.ts', text: () => typesText(loadSchemas()) },
  { path: 'producer/openapi.json', text: openApiText },
  { path: 'client/api-types.ts', text: clientTypesText },
  { path: 'client/operations.ts', text: clientOperationsText },
  { path: 'docs/reference/errors.md', text: errorsText },
  { path: 'docs/reference/security.md', text: securityText },
  { path: 'docs/reference/doctor.md', text: doctorDocs },
  { path: 'docs/reference/cli.md', text: cliText },
  { path: 'cli/usage.json', text: usageText },
  { path: 'docs/reference/http-api.md', text: httpApiText },
  { path: 'docs/reference/records.md', text: recordsText },
  { path: 'docs/reference/asyncapi.json', text: asyncApiText },
  { path: 'docs/reference/word-judged.schema.json', text: verdictSchemaText },
  {
    path: 'docs/reference/configuration.md',
    text: () =>
      configurationText(
        [
          {
            title: 'Edge (producer)',
            schema: edgeConfigSchema,
            rules: [...kafkaRules, ...registryRules, ...edgeRules],
          },
          { title: 'Processor', schema: processorSchema, rules: processorRules },
        ],
        chainLines(),
      ),
  },
  {
    path: 'docs/reference/metrics.md',
    text: () =>
      metricsText([
        { title: 'Edge (producer)', metrics: EDGE_METRICS },
        { title: 'Processor', metrics: PROCESSOR_METRICS },
        { title: 'Both: what they call', metrics: { ...CLIENT_METRICS, ...PUSH_METRICS } },
      ]),
  },
  ...docsFiles(),
  ...chartFiles(),
];
