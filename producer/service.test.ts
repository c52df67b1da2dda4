import { afterEach, expect, test } from '@jest/globals';
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { loadEdgeConfig } from './config.ts';
import { createEdgeMetrics } from './metrics.ts';
import { createEdgeService, type EdgePorts, type EdgeService } from './service.ts';
import { createScriptedSink } from '@verdikt/test/support/producer/edge.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';

/** Waits of the start are over as soon as they are asked for; `waits` counts them. */
const hastyClock = (waits: number[]): Clock => ({
  now: systemClock.now,
  after: (ms, f) => {
    if (ms > 5_000) return systemClock.after(ms, f);
    waits.push(ms);
    return systemClock.after(0, f);
  },
});

const running: EdgeService[] = [];
afterEach(async () => {
  for (const edge of running.splice(0)) await edge.stop();
});

interface Given {
  readonly ports?: Partial<EdgePorts>;
  readonly env?: Record<string, string>;
  readonly clock?: Clock;
}

const edgeOf = ({ ports, env, clock }: Given = {}) => {
  const config = loadEdgeConfig(
    {
      KAFKA_BROKERS: 'unused:1',
      SCHEMA_REGISTRY_URL: 'http://unused',
      VERDIKT_HOST: '127.0.0.1',
      VERDIKT_PORT: '0',
      ...env,
    },
    () => '',
  );
  const sink = createScriptedSink();
  const waits: number[] = [];
  const edge = createEdgeService({
    config,
    words: 'words',
    ports: {
      assertSupported: () => Promise.resolve(),
      partitionCount: () => Promise.resolve(12),
      encoder: () => Promise.resolve((word: string) => Buffer.from(word)),
      openSink: () => Promise.resolve(sink),
      ...ports,
    },
    newId: () => '00000000-0000-7000-8000-000000000000',
    sha256: (text) => createHash('sha256').update(text).digest(),
    equal: timingSafeEqual,
    metrics: createEdgeMetrics(new Registry(), { pending: sink.pending, ready: () => true, version: '1' }),
    clock: clock ?? hastyClock(waits),
    random: () => 0.5,
    log: silentLog,
  });
  running.push(edge);
  const post = async (word: string): Promise<number> => {
    const { port } = edge.address()!;
    const r = await fetch(`http://127.0.0.1:${port}/v1/words`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ word }),
    });
    await r.text();
    return r.status;
  };
  return { edge, sink, waits, post };
};

/** Fails with these codes, one after the other, then works. */
const failing = <T>(codes: readonly ErrorCode[], value: T): (() => Promise<T>) => {
  const left = [...codes];
  return () => {
    const code = left.shift();
    return code === undefined ? Promise.resolve(value) : Promise.reject(new ServiceError(code, code));
  };
};

test('is ready once it listens, and answers', async () => {
  const { edge, sink, post } = edgeOf();
  expect(edge.ready()).toBe('starting');
  await edge.start();
  expect(edge.ready()).toBe(true);
  expect(await post('level')).toBe(202);
  expect(sink.stored).toHaveLength(1);
});

test('waits for Kafka and the registry, longer each time, and says for which', async () => {
  const seen: (boolean | string)[] = [];
  const fails = failing(['BROKER_UNAVAILABLE', 'ACCESS_DENIED'], undefined);
  const { edge, waits } = edgeOf({
    ports: {
      assertSupported: () => {
        seen.push(edge.ready());
        return fails();
      },
      encoder: failing(['SCHEMA_UNAVAILABLE'], (word: string) => Buffer.from(word)),
    },
  });
  await edge.start();
  expect(seen).toEqual(['starting', 'BROKER_UNAVAILABLE', 'ACCESS_DENIED', 'SCHEMA_UNAVAILABLE']);
  expect(waits).toEqual([200, 400, 800]);
  expect(edge.ready()).toBe(true);
});

test.each<[string, Given, ErrorCode]>([
  ['another partition count', { ports: { partitionCount: () => Promise.resolve(6) } }, 'TOPIC_INVALID'],
  ['no topic', { ports: { partitionCount: failing(['TOPIC_INVALID'], 12) } }, 'TOPIC_INVALID'],
  [
    'a broker that is too old',
    { ports: { assertSupported: failing(['BROKER_UNSUPPORTED'], undefined) } },
    'BROKER_UNSUPPORTED',
  ],
])('does not wait where that cannot help: %s', async (_, given, code) => {
  const { edge, waits } = edgeOf(given);
  await expect(edge.start()).rejects.toMatchObject({ code });
  expect(waits).toEqual([]);
  expect(edge.ready()).not.toBe(true);
});

test('names the remedy for a partition count', async () => {
  const { edge } = edgeOf({ ports: { partitionCount: () => Promise.resolve(6) } });
  await expect(edge.start()).rejects.toThrow(
    /words has 6 partitions, not 12\. Remedy: set VERDIKT_PARTITIONS to 6/,
  );
});

test('a port that is taken is a fault of the configuration', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const { edge } = edgeOf({ env: { VERDIKT_PORT: String(port) } });
  await expect(edge.start()).rejects.toMatchObject({ code: 'CONFIG_INVALID', details: { field: 'port' } });
  other.close();
});

test('is not ready while Kafka does not take records', async () => {
  const { edge, sink } = edgeOf();
  await edge.start();
  sink.healthy = () => false;
  expect(edge.ready()).toBe('Kafka does not take records');
});

test('a stop while it waits ends the start at once', async () => {
  const never: Clock = { now: systemClock.now, after: () => () => undefined };
  const { edge } = edgeOf({
    ports: { assertSupported: failing(['BROKER_UNAVAILABLE'], undefined) },
    clock: never,
  });
  const started = edge.start();
  await turn();
  await edge.stop();
  await started;
  expect([edge.ready(), edge.address()]).toEqual(['stopping', undefined]);
});

test('a stop answers what was taken before it closes the sink', async () => {
  const { edge, sink, post } = edgeOf({ clock: systemClock });
  await edge.start();
  const pendingAtStop: number[] = [];
  sink.stop = () => {
    pendingAtStop.push(sink.pending().records);
    return Promise.resolve();
  };
  sink.hold = true;
  const appended = sink.appended();
  const answer = post('level');
  await appended;
  const stopped = edge.stop();
  expect(edge.ready()).toBe('stopping');
  await turn();
  sink.release();
  await stopped;
  expect(await answer).toBe(202);
  expect(pendingAtStop).toEqual([0]);
  await expect(post('late')).rejects.toThrow();
});

test('a client that holds its connection open does not hold up the stop forever', async () => {
  const { edge, sink } = edgeOf({
    env: { VERDIKT_STOP_TIMEOUT_MS: '400', VERDIKT_APPEND_TIMEOUT_MS: '100' },
    clock: systemClock,
  });
  await edge.start();
  const { port } = edge.address()!;
  sink.hold = true;
  const appended = sink.appended();
  const lost = fetch(`http://127.0.0.1:${port}/v1/words`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"word":"level"}',
  }).catch(() => 'lost');
  await appended;
  await edge.stop();
  expect(await lost).toBe('lost');
});

test('drains: not ready at once, takes words until the delay is over, then ends with all answered', async () => {
  const clock = manualClock();
  const { edge, sink, post } = edgeOf({
    env: { VERDIKT_DRAIN_DELAY_MS: '300', VERDIKT_STOP_TIMEOUT_MS: '9000' },
    clock,
  });
  await edge.start();
  const { port } = edge.address()!;
  const stopped = edge.stop();
  expect(edge.ready()).toBe('stopping');
  clock.advance(299);
  expect(await post('level')).toBe(202);
  clock.advance(1);
  await stopped;
  expect(sink.stored).toHaveLength(1);
  await expect(fetch(`http://127.0.0.1:${port}/v1/words`)).rejects.toThrow();
});

test('open on loopback, it answers under names of this machine alone, and takes nothing from pages of other sites', async () => {
  const { edge, sink } = edgeOf();
  await edge.start();
  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const r = request({ ...{ host: '127.0.0.1', port: edge.address()!.port, method, path }, headers });
    r.end(method === 'POST' ? '{"word":"level"}' : undefined);
    const [answer] = (await once(r, 'response')) as [IncomingMessage];
    const body = JSON.parse((await answer.toArray()).join('') || '{}') as { code?: string; field?: string };
    return [answer.statusCode, body.code, body.field];
  };
  const json = { 'content-type': 'application/json' };
  const evil = { host: 'evil.example:8080' };
  for (const path of [
    '/v1/me',
    '/console',
    '/docs',
    '/v1/results/stream',
    '/nothing',
    'http://localhost/v1/me',
  ])
    expect([path, ...(await ask('GET', path, evil))]).toEqual([path, 421, 'MISDIRECTED', 'host']);
  expect(await ask('POST', '/v1/words', { ...json, ...evil })).toEqual([421, 'MISDIRECTED', 'host']);
  const page = { ...json, host: 'localhost', origin: 'http://evil.example' };
  expect(await ask('POST', '/v1/words', page)).toEqual([403, 'FORBIDDEN', 'origin']);
  expect(sink.stored).toEqual([]);
  const own = { ...page, origin: 'http://localhost' };
  expect(await ask('POST', '/v1/words', own)).toEqual([202, undefined, undefined]);
  expect(await ask('GET', '/v1/me', { host: 'localhost' })).toEqual([200, undefined, undefined]);
});
