import type { Registry } from 'prom-client';
import { defineMetrics, type MetricDefs } from './metrics.ts';

/** What both services tell of the systems that they call. */
export const CLIENT_METRICS = {
  kafkaRequests: {
    name: 'verdikt_kafka_request_seconds',
    kind: 'histogram',
    labels: ['api'],
    unit: 'seconds',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    help: 'Time from handing a request to a connection to its response or failure. `Fetch` and `JoinGroup` wait at the broker by design.',
  },
  kafkaErrors: {
    name: 'verdikt_kafka_request_errors_total',
    kind: 'counter',
    labels: ['api', 'code'],
    unit: 'requests',
    help: 'Requests that failed as a whole, by error code. Codes of single partitions are not counted here.',
  },
  kafkaConnections: {
    name: 'verdikt_kafka_connections_total',
    kind: 'counter',
    labels: ['result'],
    unit: 'connections',
    help: 'Connections opened to brokers: `opened`, or the error code.',
  },
  registryRequests: {
    name: 'verdikt_schema_registry_requests_total',
    kind: 'counter',
    labels: ['result'],
    unit: 'requests',
    help: 'Requests to the schema registry: `found`, `missing`, `unusable`, or `unavailable`.',
  },
} as const satisfies MetricDefs;

type RegistryResult = 'found' | 'missing' | 'unusable' | 'unavailable';

export interface ClientMetrics {
  /** The observer that `createKafka` takes. */
  readonly kafka: {
    requested(api: string, seconds: number, code: string | undefined): void;
    connected(code: string | undefined): void;
  };
  asked(result: RegistryResult): void;
}

/** One set per registry. What is counted by a fixed list of results begins at 0, so that its first increase is seen. */
export const createClientMetrics = (registry: Registry): ClientMetrics => {
  const m = defineMetrics(registry, CLIENT_METRICS);
  const times = new Map<string, { observe(seconds: number): void }>();
  m.kafkaConnections.inc({ result: 'opened' }, 0);
  for (const result of ['found', 'missing', 'unusable', 'unavailable']) m.registryRequests.inc({ result }, 0);
  return {
    kafka: {
      requested: (api, seconds, code) => {
        let time = times.get(api);
        if (time === undefined) times.set(api, (time = m.kafkaRequests.labels({ api })));
        time.observe(seconds);
        if (code !== undefined) m.kafkaErrors.inc({ api, code });
      },
      connected: (code) => m.kafkaConnections.inc({ result: code ?? 'opened' }),
    },
    asked: (result) => m.registryRequests.inc({ result }),
  };
};
