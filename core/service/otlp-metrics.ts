/** As a registry of prom-client tells it, `getMetricsAsJSON`. */
export interface PromMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly PromValue[];
}
interface PromValue {
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}
type Labels = Readonly<Record<string, string | number>>;

interface About {
  /** Attributes of the resource. */
  readonly resource: Readonly<Record<string, string>>;
  readonly version: string;
  /** Milliseconds since 1970: since when counters count, and now. */
  readonly since: number;
  readonly now: number;
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2;

/** Numbers of 64 bits are text in the JSON of protobuf. */
const nanos = (ms: number): string => `${Math.floor(ms)}000000`;
const attributesOf = (labels: Labels): object[] =>
  Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: String(value) } }));

/** JSON has no others. */
const finite = (values: readonly PromValue[]): readonly PromValue[] =>
  values.filter(({ value }) => Number.isFinite(value));

/** Series of a histogram, as prom-client tells them: cumulative buckets in ascending order, sum and count. */
const histogramPoints = (name: string, values: readonly PromValue[], times: object): object[] => {
  const series = new Map<
    string,
    { labels: Labels; bounds: number[]; counts: number[]; sum: number; count: number }
  >();
  for (const { metricName, labels: all, value } of finite(values)) {
    const { le, ...labels } = all;
    const key = JSON.stringify(labels);
    const s = series.get(key) ?? { labels, bounds: [], counts: [], sum: 0, count: 0 };
    series.set(key, s);
    if (metricName === `${name}_sum`) s.sum = value;
    else if (metricName === `${name}_count`) s.count = value;
    else {
      if (le !== '+Inf') s.bounds.push(Number(le));
      s.counts.push(value);
    }
  }
  return [...series.values()].map(({ labels, bounds, counts, sum, count }) => ({
    ...{ attributes: attributesOf(labels), ...times, count: String(count), sum, explicitBounds: bounds },
    bucketCounts: counts.map((n, i) => String(n - (counts[i - 1] ?? 0))),
  }));
};

const metricOf = ({ name, help, type, values }: PromMetric, times: object): object | undefined => {
  const described = { name, description: help };
  const numbers = (): object[] =>
    finite(values).map(({ labels, value }) => ({
      ...{ attributes: attributesOf(labels), ...times, asDouble: value },
    }));
  switch (type) {
    case 'counter':
      return {
        ...described,
        sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: numbers() },
      };
    case 'gauge':
      return { ...described, gauge: { dataPoints: numbers() } };
    case 'histogram':
      return {
        ...described,
        histogram: {
          aggregationTemporality: CUMULATIVE,
          dataPoints: histogramPoints(name, values, times),
        },
      };
    default:
      return undefined;
  }
};

/** Metrics as an ExportMetricsServiceRequest of OTLP, in the JSON that the specification gives it. Names and labels stay what they are. */
export const otlpMetrics = (metrics: readonly PromMetric[], about: About): object => {
  const times = { startTimeUnixNano: nanos(about.since), timeUnixNano: nanos(about.now) };
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(about.resource) },
        scopeMetrics: [
          {
            scope: { name: 'verdikt', version: about.version },
            metrics: metrics.flatMap((m) => metricOf(m, times) ?? []),
          },
        ],
      },
    ],
  };
};
