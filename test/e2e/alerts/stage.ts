import type { Prometheus, Target } from './prometheus.ts';
import type { Edge, Fields, Service, SystemOptions } from '../../support/system/system.ts';
import { openSystem } from '../../support/system/system.ts';

/** One system of real services, scraped under a namespace of its own, with words coming in. */
export interface Stage {
  readonly name: string;
  /** Name of the topic with the verdicts. */
  readonly results: string;
  edge(fields?: Fields): Promise<Edge>;
  processor(fields?: Fields): Promise<Service>;
  /** Words per second from now on, to the newest edge. */
  load(perSecond: number): void;
  /** Stops the load and all processes, and scrapes them no more. */
  close(): Promise<void>;
}

const TICK_MS = 200;

export const openStage = async (
  name: string,
  prometheus: Prometheus,
  options: SystemOptions,
): Promise<Stage> => {
  const system = await openSystem({ partitions: 4, ...options });
  const targets: Target[] = [];
  let url = '';
  let rate = 0;
  let n = 0;
  const scrape = async (service: Service, job: Target['job']): Promise<void> => {
    targets.push({ address: new URL(service.management).host, job, namespace: name });
    await prometheus.targets(targets);
  };
  const tick = (): void => {
    const count = Math.round((rate * TICK_MS) / 1000);
    if (count === 0) return;
    const words = Array.from({ length: count }, () => ({ word: `word${n}`, key: `key-${n++ % 200}` }));
    // Whether they are taken is the business of the metrics.
    void fetch(`${url}/v1/words:batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(words),
      signal: AbortSignal.timeout(10_000),
    }).then(
      (r) => r.text().catch(() => ''),
      () => '',
    );
  };
  const timer = setInterval(tick, TICK_MS);
  return {
    name,
    results: system.topics.results,
    edge: async (fields) => {
      const edge = await system.edge(fields);
      ({ url } = edge);
      await scrape(edge, 'edge');
      return edge;
    },
    processor: async (fields) => {
      const processor = await system.processor(fields);
      await scrape(processor, 'processor');
      return processor;
    },
    load: (perSecond) => void (rate = perSecond),
    close: async () => {
      clearInterval(timer);
      await prometheus.targets([]);
      await system.stop();
    },
  };
};
