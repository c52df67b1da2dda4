import { expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { defineMetrics, type MetricDefs } from './metrics.ts';
import { otlpMetrics, type PromMetric } from './otlp-metrics.ts';

const DEFS = {
  words: { name: 'verdikt_words_total', kind: 'counter', labels: ['result'], unit: 'words', help: 'Words.' },
  lag: { name: 'verdikt_lag', kind: 'gauge', labels: [], unit: 'records', help: 'Lag.' },
  plain: {
    name: 'verdikt_plain_seconds',
    kind: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'P.',
    buckets: [0.5, 2],
  },
  calls: {
    name: 'verdikt_calls_seconds',
    kind: 'histogram',
    labels: ['api'],
    unit: 'seconds',
    help: 'C.',
    buckets: [1],
  },
} as const satisfies MetricDefs;

const told = async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ group: 'g' });
  const m = defineMetrics(registry, DEFS);
  m.words.inc({ result: 'accepted' }, 3);
  m.words.inc({ result: 'refused' });
  m.lag.set(-0.5);
  for (const v of [0.1, 0.5, 1, 2, 3, 9]) m.plain.observe(v);
  m.calls.observe({ api: 'Fetch' }, 0.25);
  m.calls.observe({ api: 'Produce' }, 4);
  const metrics = (await registry.getMetricsAsJSON()) as unknown as PromMetric[];
  const about = { resource: { 'service.name': 's' }, version: '1', since: 1_000, now: 2_500 };
  return otlpMetrics(metrics, about) as {
    resourceMetrics: [{ resource: object; scopeMetrics: [{ scope: object; metrics: { name: string }[] }] }];
  };
};

const TIMES = { startTimeUnixNano: '1000000000', timeUnixNano: '2500000000' };
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

test('counters, gauges and histograms are told with their labels, cumulative since the start', async () => {
  const [{ resource, scopeMetrics }] = (await told()).resourceMetrics;
  expect(resource).toEqual({ attributes: [text('service.name', 's')] });
  const [{ scope, metrics }] = scopeMetrics;
  expect(scope).toEqual({ name: 'verdikt', version: '1' });
  const [words, lag, plain, calls] = metrics;
  expect(words).toEqual({
    ...{ name: 'verdikt_words_total', description: 'Words.' },
    sum: {
      ...{ aggregationTemporality: 2, isMonotonic: true },
      dataPoints: [
        { attributes: [text('result', 'accepted'), text('group', 'g')], ...TIMES, asDouble: 3 },
        { attributes: [text('result', 'refused'), text('group', 'g')], ...TIMES, asDouble: 1 },
      ],
    },
  });
  expect(lag).toMatchObject({ gauge: { dataPoints: [{ ...TIMES, asDouble: -0.5 }] } });
  expect(plain).toMatchObject({
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          ...{ attributes: [text('group', 'g')], ...TIMES, count: '6', sum: 15.6 },
          ...{ explicitBounds: [0.5, 2], bucketCounts: ['2', '2', '2'] },
        },
      ],
    },
  });
  expect(calls).toMatchObject({
    histogram: {
      dataPoints: [
        { attributes: [text('api', 'Fetch'), text('group', 'g')], count: '1', bucketCounts: ['1', '0'] },
        { attributes: [text('api', 'Produce'), text('group', 'g')], sum: 4, bucketCounts: ['0', '1'] },
      ],
    },
  });
});

/** The JSON of protobuf takes numbers of 64 bits as text and as numbers, and has no need of what is empty. */
const normal = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((v) => normal(v, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, v]) => v !== '' && v !== 0)
        .map(([k, v]) => [k, normal(v, k)]),
    );
  return key === 'count' || key === 'bucketCounts' ? Number(value) : value;
};

test('is what the library of OpenTelemetry writes of the same', async () => {
  const times = { startTime: [1, 0] as [number, number], endTime: [2, 500_000_000] as [number, number] };
  const about = (name: string, description: string) => ({
    descriptor: { name, description, unit: '', valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  });
  const calls = (api: string, sum: number, counts: number[]) => ({
    ...{ ...times, attributes: { api, group: 'g' } },
    value: { buckets: { boundaries: [1], counts }, sum, count: 1 },
  });
  const metrics: MetricData[] = [
    {
      ...{ ...about('verdikt_words_total', 'Words.'), dataPointType: DataPointType.SUM, isMonotonic: true },
      dataPoints: [
        { ...times, attributes: { result: 'accepted', group: 'g' }, value: 3 },
        { ...times, attributes: { result: 'refused', group: 'g' }, value: 1 },
      ],
    },
    {
      ...{ ...about('verdikt_lag', 'Lag.'), dataPointType: DataPointType.GAUGE },
      dataPoints: [{ ...times, attributes: { group: 'g' }, value: -0.5 }],
    },
    {
      ...{ ...about('verdikt_plain_seconds', 'P.'), dataPointType: DataPointType.HISTOGRAM },
      dataPoints: [
        {
          ...{ ...times, attributes: { group: 'g' } },
          value: { buckets: { boundaries: [0.5, 2], counts: [2, 2, 2] }, sum: 15.6, count: 6 },
        },
      ],
    },
    {
      ...{ ...about('verdikt_calls_seconds', 'C.'), dataPointType: DataPointType.HISTOGRAM },
      dataPoints: [calls('Fetch', 0.25, [1, 0]), calls('Produce', 4, [0, 1])],
    },
  ];
  const written = JsonMetricsSerializer.serializeRequest({
    resource: resourceFromAttributes({ 'service.name': 's' }),
    scopeMetrics: [{ scope: { name: 'verdikt', version: '1' }, metrics }],
  });
  expect(normal(await told())).toEqual(normal(JSON.parse(Buffer.from(written ?? []).toString())));
});

test('what is no number is left out, and so is a kind that OTLP tells otherwise', () => {
  const values = [
    { labels: {}, value: NaN },
    { labels: {}, value: Infinity },
    { labels: { a: 1 }, value: 2 },
  ];
  const about = { resource: {}, version: '1', since: 0, now: 0 };
  const metrics = ['gauge', 'summary'].map((type) => ({ name: type, help: '', type, values }));
  const made = JSON.stringify(otlpMetrics(metrics, about));
  expect(made).not.toContain('null');
  expect(made).not.toContain('"summary"');
  expect(made.match(/asDouble/g)).toHaveLength(1);
});
