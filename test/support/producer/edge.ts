// What the tests of the edge share: the whole app over a sink that does what a test says.
import { createHash, randomFillSync, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import type { Tracer } from '@verdikt/core/tracing/tracing.ts';
import { createUuidV7 } from '@verdikt/core/hash/uuid.ts';
import { buildApp, type AppDeps, type AppLimits } from '../../../producer/http/app.ts';
import { createIngest } from '@verdikt/producer/intake/ingest.ts';
import { createEdgeMetrics } from '@verdikt/producer/metrics.ts';
import type { AppendResult, RecordSink, Submission } from '@verdikt/core/ports/sink.ts';
import { SCOPES, type Identify } from '../../../producer/auth/caller.ts';
import { createIdentify } from '../../../producer/auth/identify.ts';
import { createTokens, type Token } from '../../../producer/auth/tokens.ts';
import { createEdgeTracing, tracedSink } from '../../../producer/tracing.ts';

interface ScriptedSink extends RecordSink {
  /** Everything stored, in order. */
  readonly stored: Submission[];
  /** Every append, answered or not. */
  readonly appends: (readonly Submission[])[];
  /** Answers of the next appends, one per record; default: all ok. */
  result: (s: Submission) => AppendResult;
  /** While true, nothing fits. */
  full: boolean;
  /** While true, appends wait for `release`. */
  hold: boolean;
  /** Answers up to `n` of the appends that wait, oldest first. */
  release(n?: number): void;
  /** Resolves at the next append. */
  appended(): Promise<void>;
}

/** Topic id that the sink tells. */
const WORDS_ID = 'AAECAwQFBgcICQoLDA0ODw';

export const createScriptedSink = (): ScriptedSink => {
  const stored: Submission[] = [];
  const appends: (readonly Submission[])[] = [];
  const waiting: {
    readonly submissions: readonly Submission[];
    readonly resolve: (r: AppendResult[]) => void;
  }[] = [];
  const watchers: (() => void)[] = [];
  const settle = (submissions: readonly Submission[]): AppendResult[] =>
    submissions.map((s) => {
      const r = sink.result(s);
      if (r.ok) stored.push(s);
      return r;
    });
  const sink: ScriptedSink = {
    stored,
    appends,
    full: false,
    hold: false,
    result: () => ({ ok: true, offset: stored.length }),
    append(submissions) {
      if (sink.full) return undefined;
      appends.push(submissions);
      for (const w of watchers.splice(0)) w();
      if (!sink.hold) return Promise.resolve(settle(submissions));
      return new Promise((resolve) => waiting.push({ submissions, resolve }));
    },
    release(n = waiting.length) {
      for (const w of waiting.splice(0, n)) w.resolve(settle(w.submissions));
    },
    appended: () => new Promise((resolve) => watchers.push(resolve)),
    pending: () => ({ records: waiting.reduce((sum, w) => sum + w.submissions.length, 0), bytes: 0 }),
    partitions: 12,
    topicId: () => WORDS_ID,
    healthy: () => true,
    stop: () => Promise.resolve(),
  };
  return sink;
};

const TEST_LIMITS: AppLimits = {
  wordMaxBytes: 4096,
  wordMaxCodePoints: 1024,
  keyMaxBytes: 256,
  bodyMaxBytes: 16 * 1024,
  batchMaxBytes: 512 * 1024,
  batchMaxSubmissions: 1000,
  lineMaxBytes: 16 * 1024,
  maxStreams: 10,
  viewMaxReaders: 10,
  streamMaxPending: 2000,
  streamFullWaitMs: 5000,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  streamIdleTimeoutMs: 30_000,
  streamMaxMs: 3_600_000,
  maxConnections: 1000,
  quotaPerSecond: 0,
  quotaBurst: 1,
};

export interface EdgeOptions {
  readonly limits?: Partial<AppLimits>;
  readonly tokens?: readonly Token[];
  readonly clock?: Clock;
  readonly log?: Log;
  readonly tracer?: Tracer;
  readonly view?: AppDeps['view'];
  readonly draining?: () => boolean;
  readonly operators?: AppDeps['operators'];
  readonly identify?: Identify;
}

const hashed = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
/** Without tokens everybody may do everything. */
const identifyOf = (given: readonly Token[] | undefined): Identify => {
  const tokens = given?.length ? createTokens(given, { sha256: hashed, equal: timingSafeEqual }) : undefined;
  return createIdentify({ tokens, jwts: undefined, anonymous: tokens === undefined ? SCOPES : [] });
};

export const createEdge = (options: EdgeOptions = {}) => {
  const sink = createScriptedSink();
  const registry = new Registry();
  const clock = options.clock ?? systemClock;
  const limits = { ...TEST_LIMITS, ...options.limits };
  const ingest = createIngest({
    limits,
    partitions: sink.partitions,
    topicId: sink.topicId,
    encode: (word) => Buffer.from(word),
    newId: createUuidV7({ now: clock.now, random: (into) => void randomFillSync(into) }),
    sha256: hashed,
    tracing: options.tracer && createEdgeTracing(options.tracer, 'words'),
  });
  const app = buildApp({
    limits,
    ingest,
    sink: options.tracer === undefined ? sink : tracedSink(sink),
    clock,
    log: options.log ?? silentLog,
    metrics: createEdgeMetrics(registry, { pending: sink.pending, ready: () => true, version: 'test' }),
    identify: options.identify ?? identifyOf(options.tokens),
    ...{ view: options.view, operators: options.operators, partitions: sink.partitions, random: () => 0.5 },
    ...(options.draining === undefined ? {} : { draining: options.draining }),
  });
  return {
    app,
    sink,
    registry,
    /** Values of stored words, in order. */
    words: () => sink.stored.map((s) => String(s.record.value)),
    /** Listens on a free port of this machine. */
    async listen(): Promise<number> {
      await app.listen({ port: 0, host: '127.0.0.1' });
      return (app.server.address() as AddressInfo).port;
    },
  };
};

export type Edge = ReturnType<typeof createEdge>;

const opened: Edge[] = [];

/** The same, closed by `closeEdges`. `post` sends JSON where nothing else is said. */
export const openEdge = (options?: EdgeOptions) => {
  const edge = createEdge(options);
  opened.push(edge);
  const post = (url: string, payload: string | Buffer | object, headers: Record<string, string> = {}) =>
    edge.app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { ...edge, post };
};

export const closeEdges = async (): Promise<void> => {
  for (const edge of opened.splice(0)) await edge.app.close();
};
