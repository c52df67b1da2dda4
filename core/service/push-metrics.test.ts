import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingHttpHeaders } from 'node:http';
import { Counter, Registry } from 'prom-client';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { serveHttp, type HttpServer } from '@verdikt/test/support/http-server.ts';
import { until } from '@verdikt/test/support/wait.ts';
import { silentLog } from '../ports/log.ts';
import { metricsUrl, openMetricsPush, type MetricsPush } from './push-metrics.ts';

interface Seen {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, string>>;
  readonly words: number;
}
interface Body {
  readonly resourceMetrics: readonly [
    {
      readonly resource: { readonly attributes: readonly { key: string; value: { stringValue: string } }[] };
      readonly scopeMetrics: readonly [
        { readonly metrics: readonly { name: string; sum?: { dataPoints: [{ asDouble: number }] } }[] },
      ];
    },
  ];
}

/** What the end waits for its push at the most. */
const CLOSE_MS = 2_000;

let server: HttpServer;
let seen: Seen[];
let answer: { status: number; headers?: Record<string, string>; body?: string } | 'none';
let clock: ManualClock;
let registry: Registry;
let words: Counter;
let logged: unknown[][];
let push: MetricsPush | undefined;

const seenOf = (path: string | undefined, headers: IncomingHttpHeaders, body: Body): Seen => {
  const [{ resource, scopeMetrics }] = body.resourceMetrics;
  const found = scopeMetrics[0].metrics.find((m) => m.name === 'verdikt_words_total');
  return {
    ...{ path, headers, words: found?.sum?.dataPoints[0].asDouble ?? NaN },
    resource: Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value.stringValue])),
  };
};

beforeEach(async () => {
  [seen, answer, logged, clock, registry] = [[], { status: 200 }, [], manualClock(), new Registry()];
  words = new Counter({ name: 'verdikt_words_total', help: 'Words.', registers: [registry] });
  server = await serveHttp(({ url, headers }, response, body) => {
    seen.push(seenOf(url, headers, JSON.parse(String(body)) as Body));
    if (answer !== 'none') response.writeHead(answer.status, answer.headers).end(answer.body);
  });
});
afterEach(async () => {
  const closed = push?.close();
  clock.advance(CLOSE_MS);
  await closed;
  await server.stop();
});

const open = async (more: object = {}): Promise<MetricsPush> => {
  push = await openMetricsPush({
    config: { metricsEndpoint: server.origin, metricsIntervalMs: 60_000, ...more },
    ...{ serviceName: 'verdikt-edge', version: '1.2.3', registry, clock },
    log: {
      ...silentLog,
      warn: (...line) => void logged.push(['warn', ...line]),
      info: (...line) => void logged.push(['info', ...line]),
    },
  });
  return push as MetricsPush;
};
/** Lets an interval pass, and waits until so many pushes were seen and the next one is awaited. */
const turn = async (n: number, ms = 60_000): Promise<void> => {
  clock.advance(ms);
  await until(`push ${n}`, () => seen.length >= n && clock.timers > 0);
};
const counted = async (): Promise<Record<string, number>> => {
  const { values } = await (registry.getSingleMetric('verdikt_metric_pushes_total') as Counter).get();
  return Object.fromEntries(values.map((v) => [v.labels['result'], v.value]));
};

test('without an endpoint nothing is pushed, and no metric of it is there', async () => {
  expect(await open({ metricsEndpoint: undefined })).toBeUndefined();
  expect(registry.getSingleMetric('verdikt_metric_pushes_total')).toBeUndefined();
});

test('metrics are pushed at each interval and at the end, with resource and headers', async () => {
  const opened = await open({ metricsHeaders: 'authorization=Bearer%20x' });
  words.inc(2);
  await turn(1);
  words.inc();
  await turn(2);
  words.inc(4);
  await opened.close();
  expect(seen.map((s) => s.words)).toEqual([2, 3, 7]);
  const [{ path, headers, resource }, , last] = seen;
  expect([path, headers['content-type'], headers.authorization]).toEqual([
    ...['/v1/metrics', 'application/json', 'Bearer x'],
  ]);
  expect(resource).toEqual({
    ...{ 'service.name': 'verdikt-edge', 'service.version': '1.2.3' },
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(last.resource).toEqual(resource);
  expect([await counted(), logged, clock.timers]).toEqual([{ taken: 3, partial: 0, failed: 0 }, [], 0]);
});

test('the name of the service is that of the configuration', async () => {
  await open({ tracingServiceName: 'words' });
  await turn(1);
  expect(seen[0].resource['service.name']).toBe('words');
});

describe('a push that fails', () => {
  test('is counted, told once with the time of the next, and loses nothing', async () => {
    await open();
    answer = { status: 500 };
    words.inc();
    await turn(1);
    await turn(2);
    answer = { status: 200 };
    await turn(3);
    expect(seen.map((s) => s.words)).toEqual([1, 1, 1]);
    const endpoint = new URL(server.origin).host;
    expect(logged).toEqual([
      [
        ...['warn', { endpoint, problem: 'status 500', againInMs: 60_000 }],
        'metrics are not taken: status 500; the next push is in 60 s',
      ],
      ['info', { endpoint }, 'metrics are taken again'],
    ]);
    expect(await counted()).toEqual({ taken: 1, partial: 0, failed: 2 });
  });

  test('comes again when the endpoint asks for it', async () => {
    await open();
    answer = { status: 429, headers: { 'retry-after': '150' } };
    await turn(1);
    await turn(1, 149_000);
    expect(seen).toHaveLength(1);
    await turn(2, 1_000);
    expect(seen).toHaveLength(2);
  });

  test('for want of a connection says so', async () => {
    await open();
    await server.stop();
    await turn(0);
    await turn(0);
    expect(logged[0][2]).toMatch(
      /^metrics are not taken: refused: nothing listens at .*; the next push is in 60 s$/,
    );
  });

  test('in part is told with what was refused', async () => {
    await open();
    answer = { status: 200, body: '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}' };
    await turn(1);
    expect(logged[0][2]).toBe(
      'metrics are not taken: 3 data points were refused: too old; the next push is in 60 s',
    );
    expect(await counted()).toEqual({ taken: 0, partial: 1, failed: 0 });
  });

  test('does not hold up the end for long', async () => {
    const opened = await open();
    answer = 'none';
    const closed = opened.close();
    await until('the last push', () => seen.length === 1);
    clock.advance(CLOSE_MS);
    await closed;
    expect(seen).toHaveLength(1);
  });
});

test.each([
  ['http://h:4318', 'http://h:4318/v1/metrics'],
  ['http://h:4318/', 'http://h:4318/v1/metrics'],
  ['https://h/otlp/v1/metrics?x=1', 'https://h/otlp/v1/metrics?x=1'],
])('%s is asked at %s', (endpoint, url) => expect(metricsUrl(endpoint)).toBe(url));
