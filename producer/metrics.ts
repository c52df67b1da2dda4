import type { Registry } from 'prom-client';
import { defineMetrics, type MetricDefs } from '@verdikt/core/service/metrics.ts';

/** Every metric of the edge, beside those of the process and of Node (event loop, memory, garbage collection). */
export const EDGE_METRICS = {
  requests: {
    name: 'verdikt_edge_requests_total',
    kind: 'counter',
    labels: ['route', 'status'],
    unit: 'requests',
    help: 'Answers, by route and HTTP status. A stream of words counts when it ends, one of results when it begins.',
  },
  accepted: {
    name: 'verdikt_edge_submissions_accepted_total',
    kind: 'counter',
    labels: [],
    unit: 'submissions',
    help: 'Submissions stored with acks=all. Answered with 202 unless the client had disconnected.',
  },
  refused: {
    name: 'verdikt_edge_submissions_refused_total',
    kind: 'counter',
    labels: ['code'],
    unit: 'submissions',
    help: 'Submissions not accepted, by error code. A request that is refused as a whole counts once.',
  },
  gone: {
    name: 'verdikt_edge_clients_gone_total',
    kind: 'counter',
    labels: [],
    unit: 'requests',
    help: 'Requests whose client disconnected before the answer. The submissions may be stored.',
  },
  append: {
    name: 'verdikt_edge_append_seconds',
    kind: 'histogram',
    labels: [],
    unit: 'seconds',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: 'Time from handing submissions to the sink to the response of Kafka, once per request or group of lines.',
  },
  pendingRecords: {
    name: 'verdikt_edge_pending_records',
    kind: 'gauge',
    labels: [],
    unit: 'records',
    help: 'Records waiting for the response of Kafka.',
  },
  pendingBytes: {
    name: 'verdikt_edge_pending_bytes',
    kind: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'Bytes of the records waiting for the response of Kafka.',
  },
  streams: {
    name: 'verdikt_edge_streams',
    kind: 'gauge',
    labels: [],
    unit: 'streams',
    help: 'Open NDJSON streams.',
  },
  readers: {
    name: 'verdikt_edge_result_readers',
    kind: 'gauge',
    labels: [],
    unit: 'readers',
    help: 'Open result streams.',
  },
  viewWaiters: {
    name: 'verdikt_edge_view_waiters',
    kind: 'gauge',
    labels: [],
    unit: 'requests',
    help: 'Requests that wait for an outcome. 0 without a view.',
  },
  viewRows: {
    name: 'verdikt_edge_view_rows',
    kind: 'gauge',
    labels: [],
    unit: 'words',
    help: 'Words in the view. 0 without one.',
  },
  viewBytes: {
    name: 'verdikt_edge_view_bytes',
    kind: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'Size of the store of the view, without its log.',
  },
  viewAge: {
    name: 'verdikt_edge_view_age_seconds',
    kind: 'gauge',
    labels: [],
    unit: 'seconds',
    help: 'How old the view is: everything written before is in it. About 0.5 when idle, -1 while there is none.',
  },
  viewFull: {
    name: 'verdikt_edge_view_full',
    kind: 'gauge',
    labels: [],
    unit: 'flag',
    help: '1 while the disk of the view has no room: it answers from what it has, and reads nothing more.',
  },
  ready: {
    name: 'verdikt_edge_ready',
    kind: 'gauge',
    labels: [],
    unit: 'flag',
    help: '1 while this instance accepts submissions.',
  },
  build: {
    name: 'verdikt_edge_build_info',
    kind: 'gauge',
    labels: ['version'],
    unit: 'flag',
    help: 'Always 1.',
  },
} as const satisfies MetricDefs;

export type Route =
  | 'words'
  | 'batch'
  | 'stream'
  | 'word'
  | 'key'
  | 'results'
  | 'summary'
  | 'console'
  | 'me'
  | 'operators'
  | 'none';

export interface EdgeMetrics {
  answered(route: Route, status: number): void;
  accepted(submissions: number): void;
  refused(code: string, submissions: number): void;
  appended(seconds: number): void;
  clientGone(): void;
  streams(change: 1 | -1): void;
  readers(change: 1 | -1): void;
}

/** What gauges ask when they are read. */
interface EdgeState {
  pending(): { readonly records: number; readonly bytes: number };
  ready(): boolean;
  /** Undefined: there is no view, or it does not run. */
  view?():
    | {
        readonly rows: number;
        readonly bytes: number;
        readonly waiters: number;
        readonly ageMs: number;
        readonly full: boolean;
      }
    | undefined;
  readonly version: string;
}

/** One set per registry. The hot path meets no label look-up: children are kept per label value. */
export const createEdgeMetrics = (registry: Registry, state: EdgeState): EdgeMetrics => {
  let streams = 0;
  let readers = 0;
  const view = (): NonNullable<ReturnType<NonNullable<EdgeState['view']>>> =>
    state.view?.() ?? { rows: 0, bytes: 0, waiters: 0, ageMs: -1_000, full: false };
  const m = defineMetrics(registry, EDGE_METRICS, {
    pendingRecords: (g) => g.set(state.pending().records),
    pendingBytes: (g) => g.set(state.pending().bytes),
    streams: (g) => g.set(streams),
    readers: (g) => g.set(readers),
    viewWaiters: (g) => g.set(view().waiters),
    viewRows: (g) => g.set(view().rows),
    viewBytes: (g) => g.set(view().bytes),
    viewAge: (g) => g.set(view().ageMs / 1_000),
    viewFull: (g) => g.set(view().full ? 1 : 0),
    ready: (g) => g.set(state.ready() ? 1 : 0),
    build: (g) => g.set({ version: state.version }, 1),
  });
  const requests = new Map<string, { inc(): void }>();
  const child = (route: Route, status: number): { inc(): void } => {
    const key = route + status;
    let c = requests.get(key);
    if (c === undefined) requests.set(key, (c = m.requests.labels({ route, status })));
    return c;
  };
  return {
    answered: (route, status) => child(route, status).inc(),
    accepted: (n) => m.accepted.inc(n),
    refused: (code, n) => m.refused.inc({ code }, n),
    appended: (seconds) => m.append.observe(seconds),
    clientGone: () => m.gone.inc(),
    streams: (change) => void (streams += change),
    readers: (change) => void (readers += change),
  };
};
