import { at } from '../at.ts';
import type { Metric, Registry } from 'prom-client';

interface Definition {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

interface Value {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram without labels. That of prom-client takes a hash of no labels for each value, which is too much for something that happens to
 * each word; this one adds to an array.
 */
export class PlainHistogram {
  // As a registry of prom-client reads them.
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #bounds: readonly number[];
  /** The last one counts what is above all bounds. */
  #counts: Float64Array;
  #sum = 0;

  constructor({ name, help, buckets }: Definition, registry: Registry) {
    this.name = name;
    this.help = help;
    this.#bounds = buckets;
    this.#counts = new Float64Array(buckets.length + 1);
    registry.registerMetric(this as unknown as Metric);
  }

  /** What is no number is not counted: it would make the sum none, for good. */
  observe(value: number): void {
    if (!Number.isFinite(value)) return;
    const bounds = this.#bounds;
    let i = 0;
    while (value > (bounds[i] ?? Infinity)) i++;
    this.#counts[i] = at(this.#counts, i) + 1;
    this.#sum += value;
  }

  reset(): void {
    this.#counts = new Float64Array(this.#bounds.length + 1);
    this.#sum = 0;
  }

  get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const values: Value[] = [];
    let below = 0;
    for (const [i, n] of this.#counts.entries()) {
      below += n;
      values.push({
        metricName: `${name}_bucket`,
        labels: { le: this.#bounds[i] ?? '+Inf' },
        value: below,
      });
    }
    values.push({ metricName: `${name}_sum`, labels: {}, value: this.#sum });
    values.push({ metricName: `${name}_count`, labels: {}, value: below });
    return Promise.resolve({ name, help, type, aggregator, values });
  }
}
