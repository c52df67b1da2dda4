import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { causeOf } from '../http-cause.ts';
import { systemClock, type Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { retryAfterMs } from '../retry-after.ts';
import { parseHeaderList } from '../config/header-list.ts';
import type { MetricsSettings } from './metrics-config.ts';
import { defineMetrics, type MetricDefs } from './metrics.ts';
import { otlpMetrics, type PromMetric } from './otlp-metrics.ts';

export const PUSH_METRICS = {
  pushes: {
    name: 'verdikt_metric_pushes_total',
    kind: 'counter',
    labels: ['result'],
    unit: 'pushes',
    help: 'Pushes of metrics to `metricsEndpoint`, if there is one: `taken`, `partial` (some were refused), or `failed`.',
  },
} as const satisfies MetricDefs;

export interface MetricsPush {
  /** Sends what there is, for a moment at most. Never rejects. */
  close(): Promise<void>;
}

interface PushOptions {
  readonly config: MetricsSettings;
  /** Used where the configuration names none. */
  readonly serviceName: string;
  readonly version: string;
  readonly registry: Registry;
  readonly log: Log;
  /** @default systemClock */
  readonly clock?: Clock;
}

type Result = keyof typeof RESULTS;
const RESULTS = { taken: true, partial: true, failed: true } as const;

interface Answer {
  readonly result: Result;
  readonly problem?: string;
  /** Asked for by the endpoint. */
  readonly afterMs?: number | undefined;
}

const TIME_LIMIT_MS = 10_000;
/** For the last push. */
const CLOSE_MS = 2_000;
const LONGEST_MS = 3_600_000;
const MAX_ANSWER = 64 * 1024;
const MAX_TEXT = 200;

/** The endpoint as OTLP/HTTP wants it: the path of the signal is added where there is none. */
export const metricsUrl = (endpoint: string): string => {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = '/v1/metrics';
  return url.href;
};

/** What an answer of status 200 says of data points that were not taken. */
const refusedIn = (body: string): string | undefined => {
  try {
    const { partialSuccess } = JSON.parse(body) as {
      partialSuccess?: { rejectedDataPoints?: number | string; errorMessage?: string };
    };
    const n = Number(partialSuccess?.rejectedDataPoints ?? 0);
    return n > 0
      ? `${n} data points were refused: ${String(partialSuccess?.errorMessage).slice(0, MAX_TEXT)}`
      : undefined;
  } catch {
    return undefined;
  }
};

interface Poster {
  /** Never rejects. */
  readonly post: (body: string, timeLimitMs: number) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** Over undici, which knows no ports that browsers refuse and follows no redirects. */
const openPoster = async (url: string, headers: Record<string, string>, clock: Clock): Promise<Poster> => {
  const { Agent, request } = await import('undici');
  const { host } = new URL(url);
  const dispatcher = new Agent({ connections: 1 });
  const post = async (body: string, timeLimitMs: number): Promise<Answer> => {
    const signal = AbortSignal.timeout(timeLimitMs);
    const answer = await request(url, {
      ...{ method: 'POST', body, signal, dispatcher },
      headers: { ...headers, 'content-type': 'application/json' },
    });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      const after = answer.headers['retry-after'];
      return {
        result: 'failed',
        problem: `status ${answer.statusCode}`,
        afterMs: retryAfterMs(typeof after === 'string' ? after : undefined, clock.now()),
      };
    }
    let text = '';
    for await (const piece of answer.body) if (text.length < MAX_ANSWER) text += String(piece);
    const problem = refusedIn(text);
    return problem === undefined ? { result: 'taken' } : { result: 'partial', problem };
  };
  return {
    post: (body, timeLimitMs) =>
      post(body, timeLimitMs).catch((e: unknown) => ({ result: 'failed', problem: causeOf(e, host) })),
    close: () => dispatcher.destroy(),
  };
};

/**
 * Pushes all metrics of the registry at intervals, as the configuration asks for; undefined where it asks for none. Counters are cumulative: a push
 * that fails loses nothing, and the next one tells it all. It fails in the background: it is counted, and told once.
 */
export const openMetricsPush = async (o: PushOptions): Promise<MetricsPush | undefined> => {
  const { registry, log, clock = systemClock } = o;
  const { metricsEndpoint, metricsHeaders, metricsIntervalMs: intervalMs, tracingServiceName } = o.config;
  if (metricsEndpoint === undefined) return undefined;
  const { pushes } = defineMetrics(registry, PUSH_METRICS);
  for (const result of Object.keys(RESULTS)) pushes.inc({ result }, 0);
  const url = metricsUrl(metricsEndpoint);
  const { host } = new URL(url);
  const poster = await openPoster(
    url,
    metricsHeaders === undefined ? {} : parseHeaderList(metricsHeaders),
    clock,
  );
  const since = Math.floor(performance.timeOrigin);
  const resource = {
    'service.name': tracingServiceName ?? o.serviceName,
    'service.instance.id': randomUUID(),
    'service.version': o.version,
  };
  let told = false;

  const say = ({ problem }: Answer, againInMs: number | undefined): void => {
    if (problem !== undefined && !told) {
      const next = againInMs === undefined ? '' : `; the next push is in ${againInMs / 1_000} s`;
      log.warn({ endpoint: host, problem, againInMs }, `metrics are not taken: ${problem}${next}`);
    } else if (problem === undefined && told) log.info({ endpoint: host }, 'metrics are taken again');
    told = problem !== undefined;
  };

  /** Resolves with the wait for the next one. Never rejects. */
  const push = async (timeLimitMs: number, last = false): Promise<number> => {
    let answer: Answer;
    try {
      const metrics = (await registry.getMetricsAsJSON()) as unknown as PromMetric[];
      const about = { resource, version: o.version, since, now: clock.now() };
      answer = await poster.post(JSON.stringify(otlpMetrics(metrics, about)), timeLimitMs);
    } catch (e) {
      answer = { result: 'failed', problem: e instanceof Error ? e.message : String(e) };
    }
    pushes.inc({ result: answer.result });
    const waitMs = Math.min(LONGEST_MS, Math.max(intervalMs, answer.afterMs ?? 0));
    say(answer, last ? undefined : waitMs);
    return waitMs;
  };

  let closed = false;
  let cancel = (): void => undefined;
  let running: Promise<unknown> = Promise.resolve();
  const next = (ms: number): void => {
    if (closed) return;
    cancel = clock.after(ms, () => void (running = push(Math.min(TIME_LIMIT_MS, intervalMs)).then(next)));
  };
  next(intervalMs);

  return {
    close: () => {
      closed = true;
      cancel();
      const sent = new Promise<void>((resolve) => {
        const late = clock.after(CLOSE_MS, resolve);
        void running
          .then(() => push(CLOSE_MS, true))
          .then(() => {
            late();
            resolve();
          });
      });
      return sent.then(poster.close).catch(() => undefined);
    },
  };
};
