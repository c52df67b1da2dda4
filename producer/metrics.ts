import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

interface MetricDef {
  readonly name: `verdikt_edge_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly unit: 'requests' | 'submissions' | 'records' | 'bytes' | 'seconds' | 'streams' | 'clients' | 'flag';
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const def = <const D extends MetricDef>(d: D): D => d;

/** Every metric of the edge. Event loop, memory and garbage collection come from prom-client's default metrics. */
export const EDGE_METRICS = {
  requests: def({
    name: 'verdikt_edge_requests_total',
    kind: 'counter',
    help: 'Answers sent, by route and HTTP status. A stream counts once, when it ends.',
    unit: 'requests',
    labels: ['route', 'status'],
  }),
  accepted: def({
    name: 'verdikt_edge_submissions_accepted_total',
    kind: 'counter',
    help: 'Submissions stored with acks=all; answered with 202 unless the client had gone.',
    unit: 'submissions',
    labels: [],
  }),
  refused: def({
    name: 'verdikt_edge_submissions_refused_total',
    kind: 'counter',
    help: 'Submissions not accepted, by code. A request refused whole counts once.',
    unit: 'submissions',
    labels: ['code'],
  }),
  append: def({
    name: 'verdikt_edge_append_seconds',
    kind: 'histogram',
    help: 'From handing submissions to the sink to the answer of Kafka.',
    unit: 'seconds',
    labels: [],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  }),
  pendingRecords: def({
    name: 'verdikt_edge_pending_records',
    kind: 'gauge',
    help: 'Records that wait for the answer of Kafka.',
    unit: 'records',
    labels: [],
  }),
  pendingBytes: def({
    name: 'verdikt_edge_pending_bytes',
    kind: 'gauge',
    help: 'Bytes of the records that wait for the answer of Kafka.',
    unit: 'bytes',
    labels: [],
  }),
  streams: def({
    name: 'verdikt_edge_streams',
    kind: 'gauge',
    help: 'NDJSON streams that are open.',
    unit: 'streams',
    labels: [],
  }),
  gone: def({
    name: 'verdikt_edge_clients_gone_total',
    kind: 'counter',
    help: 'Clients that closed the connection before their answer; what they had sent in whole may be stored.',
    unit: 'clients',
    labels: [],
  }),
  ready: def({
    name: 'verdikt_edge_ready',
    kind: 'gauge',
    help: '1 while this instance takes submissions.',
    unit: 'flag',
    labels: [],
  }),
} as const;

export type Route = 'words' | 'batch' | 'stream' | 'none';

export interface EdgeMetrics {
  answered(route: Route, status: number): void;
  accepted(submissions: number): void;
  refused(code: string, submissions: number): void;
  appended(seconds: number): void;
  clientGone(): void;
  streams(change: 1 | -1): void;
}

/** What gauges ask when they are read. */
export interface EdgeState {
  pending(): { readonly records: number; readonly bytes: number };
  ready(): boolean;
}

/**
 * Counts for the hot path are plain numbers and reach prom-client when it is read. One set per registry; a second one on
 * the same registry throws.
 */
export const createEdgeMetrics = (registry: Registry, state: EdgeState): EdgeMetrics => {
  const m = EDGE_METRICS;
  const registers = [registry];
  const requests = new Map<string, { route: Route; status: number; count: number }>();
  const refused = new Map<string, number>();
  let accepted = 0;
  let gone = 0;
  let streams = 0;

  new Counter({
    name: m.requests.name,
    help: m.requests.help,
    labelNames: m.requests.labels,
    registers,
    collect() {
      this.reset();
      for (const { route, status, count } of requests.values()) this.inc({ route, status }, count);
    },
  });
  new Counter({
    name: m.accepted.name,
    help: m.accepted.help,
    registers,
    collect() {
      this.reset();
      this.inc(accepted);
    },
  });
  new Counter({
    name: m.refused.name,
    help: m.refused.help,
    labelNames: m.refused.labels,
    registers,
    collect() {
      this.reset();
      for (const [code, count] of refused) this.inc({ code }, count);
    },
  });
  new Counter({
    name: m.gone.name,
    help: m.gone.help,
    registers,
    collect() {
      this.reset();
      this.inc(gone);
    },
  });
  const append = new Histogram({ name: m.append.name, help: m.append.help, buckets: [...m.append.buckets], registers });
  const gauge = (d: MetricDef, value: () => number): void => {
    new Gauge({
      name: d.name,
      help: d.help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  gauge(m.pendingRecords, () => state.pending().records);
  gauge(m.pendingBytes, () => state.pending().bytes);
  gauge(m.streams, () => streams);
  gauge(m.ready, () => (state.ready() ? 1 : 0));

  return {
    answered(route, status) {
      const key = route + status;
      const entry = requests.get(key);
      if (entry === undefined) requests.set(key, { route, status, count: 1 });
      else entry.count++;
    },
    accepted: (n) => void (accepted += n),
    refused: (code, n) => void refused.set(code, (refused.get(code) ?? 0) + n),
    appended: (seconds) => append.observe(seconds),
    clientGone: () => void gone++,
    streams: (change) => void (streams += change),
  };
};
