import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PlainHistogram } from './plain-histogram.ts';

/** One metric as it is documented. Labels never hold keys, words, ids or error texts; `partition` is for gauges alone. */
export interface MetricDef {
  /** Counters end in `_total`; seconds and bytes are the units. */
  readonly name: `verdikt_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** Of a histogram: upper bounds. */
  readonly buckets?: readonly number[];
}
export type MetricDefs = Readonly<Record<string, MetricDef>>;

type Label<D extends MetricDef> = D['labels'][number];
type Instance<D extends MetricDef> = D['kind'] extends 'counter'
  ? Counter<Label<D>>
  : D['kind'] extends 'gauge'
    ? Gauge<Label<D>>
    : D['labels'] extends readonly []
      ? PlainHistogram
      : Histogram<Label<D>>;
export type Metrics<D extends MetricDefs> = { readonly [K in keyof D]: Instance<D[K]> };
/** Per gauge: sets its present value when asked for. All its old values are gone then, so that nothing stale is told. */
export type Collect<D extends MetricDefs> = {
  readonly [K in keyof D as D[K]['kind'] extends 'gauge' ? K : never]?: (gauge: Gauge<Label<D[K]>>) => void;
};

/** Makes the metrics of a list on `registry`, each under its key. Counters without labels begin at 0. */
export const defineMetrics = <const D extends MetricDefs>(
  registry: Registry,
  defs: D,
  collect: Collect<D> = {},
): Metrics<D> => {
  const callbacks = collect as Readonly<Record<string, ((gauge: Gauge) => void) | undefined>>;
  const create = (key: string, d: MetricDef): Counter | Gauge | Histogram | PlainHistogram => {
    const base = { name: d.name, help: d.help, labelNames: [...d.labels], registers: [registry] };
    if (d.kind === 'counter') return new Counter(base);
    if (d.kind === 'histogram' && d.labels.length === 0)
      return new PlainHistogram({ ...d, buckets: d.buckets ?? [] }, registry);
    if (d.kind === 'histogram')
      return new Histogram({ ...base, ...(d.buckets === undefined ? {} : { buckets: [...d.buckets] }) });
    const callback = callbacks[key];
    if (callback === undefined) return new Gauge(base);
    return new Gauge({
      ...base,
      collect() {
        this.reset();
        callback(this);
      },
    });
  };
  return Object.fromEntries(Object.entries(defs).map(([key, d]) => [key, create(key, d)])) as Metrics<D>;
};

/** A registry with what prom-client tells of the process: memory, CPU, event loop, garbage collection. */
export const createRegistry = (): Registry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
};
