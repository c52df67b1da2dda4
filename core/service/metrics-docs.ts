import type { MetricDef, MetricDefs } from './metrics.ts';

/** `docs/reference/metrics.md`. */
export const metricsText = (
  services: readonly { readonly title: string; readonly metrics: MetricDefs }[],
): string =>
  [
    '# Metrics',
    '',
    'Generated from `processor/metrics.ts`, `producer/metrics.ts`, `core/service/metrics-clients.ts` and `core/service/push-metrics.ts` by',
    '`npm run generate`. Do not edit.',
    '',
    'Each service serves these to Prometheus at `/metrics` on its management port, with those of the process and of Node',
    '(`process_*`, `nodejs_*`). Reason codes are few and stable; keys, words, ids and error texts are never labels. All series',
    'of a processor also have the label `group`. With `metricsEndpoint` the same are pushed by OTLP, under the same names. How to use them:',
    '[Monitor the system](../how-to/monitor.md).',
    '',
    ...services.flatMap(({ title, metrics }) => [
      `## ${title}`,
      '',
      '| name | kind | labels | unit | meaning |',
      '| --- | --- | --- | --- | --- |',
      ...Object.values(metrics).map(row),
      '',
    ]),
  ].join('\n');

const row = (d: MetricDef): string => {
  const labels = d.labels.map((l) => `\`${l}\``).join(', ');
  const buckets =
    d.buckets === undefined ? '' : ` Buckets up to ${d.buckets.at(-1)?.toLocaleString('en-US')}.`;
  return `| \`${d.name}\` | ${d.kind} | ${labels} | ${d.unit} | ${d.help}${buckets} |`.replaceAll('  ', ' ');
};
