// The edge as anyone runs it: a process of its own before a real broker.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { envName } from '@verdikt/core/config/env-name.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { sendJson, serveHttp, type HttpServer } from '@verdikt/test/support/http-server.ts';
import { kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { startChild, type Child } from '@verdikt/local/child.ts';
import { freePorts } from '@verdikt/local/ports.ts';

const PARTITIONS = 3;
const SCHEMA_ID = 7;
let brokers: string;
let kafka: Kafka;
let registry: HttpServer;
let folder: string;
let prefix: string;
const running: Child[] = [];

beforeAll(async () => {
  brokers = kafkaBrokers(process.env);
  kafka = createKafka({ brokers: brokers.split(','), clientId: 'test' });
  folder = await mkdtemp(join(tmpdir(), 'edge-test-'));
  registry = await serveHttp((_, response) => sendJson(response, 200, { id: SCHEMA_ID }));
});
afterAll(async () => {
  await kafka?.close();
  await registry?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  prefix = `edge-${randomUUID().slice(0, 8)}.`;
  const admin = kafka.admin();
  await admin.create([{ name: `${prefix}words`, partitions: PARTITIONS, replicationFactor: 1, configs: {} }]);
  await admin.close();
});
afterEach(async () => {
  for (const child of running.splice(0)) await child.stop(0);
});

const startEdge = async (fields: Record<string, string | number> = {}) => {
  const [port, managementPort] = await freePorts(2);
  const all = {
    ...{ host: '127.0.0.1', port, managementHost: '127.0.0.1', managementPort },
    ...{ brokers, topicPrefix: prefix, partitions: PARTITIONS },
    schemaRegistryUrl: registry.origin,
    ...fields,
  };
  const logFile = join(folder, `${randomUUID()}.log`);
  const child = await startChild(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    logFile,
    env: {
      PATH: process.env.PATH,
      ...Object.fromEntries(Object.entries(all).map(([name, value]) => [envName(name), String(value)])),
    },
  });
  running.push(child);
  const probe = async (path: string): Promise<string> => {
    const r = await fetch(`http://127.0.0.1:${managementPort}${path}`).catch(() => undefined);
    return r === undefined ? 'nothing' : `${r.status} ${(await r.text()).trim()}`;
  };
  const until = async (path: string, wanted: string): Promise<void> => {
    while ((await probe(path)) !== wanted) {
      if (child.exit() !== undefined) throw new Error(`it ended:\n${await readFile(logFile, 'utf8')}`);
      await pause(50);
    }
  };
  const post = async (path: string, type: string, body: string, headers: Record<string, string> = {}) => {
    const r = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body,
    });
    return { status: r.status, text: await r.text() };
  };
  return { child, probe, until, post, log: () => readFile(logFile, 'utf8') };
};

interface Stored {
  readonly partition: number;
  readonly key: string;
  readonly word: string;
  readonly headers: Record<string, string>;
}

const stored = async (): Promise<Stored[]> => {
  const logs = kafka.logs();
  const all: Stored[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { start, end } = await logs.bounds(`${prefix}words`, partition);
    await logs.scan(`${prefix}words`, partition, start, end, (r: InRecord) => {
      const value = r.value!;
      expect([value[0], value.readInt32BE(1)]).toEqual([0, SCHEMA_ID]);
      all.push({
        partition,
        key: String(r.key),
        // Avro: the length of the text as one zigzag byte, then the text.
        word: value.toString('utf8', 6, 6 + value[5] / 2),
        headers: Object.fromEntries(r.headers().map(([name, v]) => [name, String(v)])),
      });
    });
  }
  return all;
};

const JSON_TYPE = 'application/json';
const NDJSON = 'application/x-ndjson';

test('stores what it answers with 202, under its key, and nothing else', async () => {
  const edge = await startEdge();
  await edge.until('/readyz', '200 ok');
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const single = await edge.post('/v1/words', JSON_TYPE, '{"word":"e\u0301te\u0301"}', {
    traceparent,
    'verdikt-origin': '7',
  });
  expect(single.status).toBe(202);
  const batch = await edge.post(
    '/v1/words:batch',
    JSON_TYPE,
    '[{"word":"a","key":"k"},{"word":""},{"word":"b","key":"k"}]',
  );
  expect(batch.status).toBe(207);
  const stream = await edge.post('/v1/words', NDJSON, '{"word":"c","key":"k"}\nx\n{"word":"d","key":"k"}');
  expect(stream.text.split('\n').filter((l) => l.includes('"status":202'))).toHaveLength(2);

  const all = await stored();
  expect(all.filter((r) => r.key === 'k').map((r) => r.word)).toEqual(['a', 'b', 'c', 'd']);
  const first = all.find((r) => r.key === '\u00e9t\u00e9')!;
  expect(first).toMatchObject({
    word: '\u00e9t\u00e9',
    partition: partitionOf(Buffer.from('\u00e9t\u00e9'), PARTITIONS),
  });
  expect(Object.keys(first.headers)).toEqual(['id', 'submitted-at', 'traceparent', 'verdikt-edge']);
  expect(first.headers).toMatchObject({ id: JSON.parse(single.text).id, traceparent });
  expect(all).toHaveLength(5);

  const metrics = await edge.probe('/metrics');
  expect(metrics).toMatch(/^verdikt_edge_submissions_accepted_total 5$/m);
  expect(metrics).toMatch(/^verdikt_edge_submissions_refused_total\{code="INPUT_INVALID"\} 2$/m);
  expect(metrics).toMatch(/^verdikt_edge_pending_records 0$/m);
  expect(metrics).toMatch(/^nodejs_eventloop_lag_seconds /m);
  expect(await edge.log()).not.toMatch(/\u00e9t\u00e9/);
});

test('SIGTERM under load: every 202 is stored, every request is answered, and it ends by itself', async () => {
  const edge = await startEdge();
  await edge.until('/readyz', '200 ok');
  const accepted = new Set<string>();
  let refused = 0;
  let going = true;
  const clients = Array.from({ length: 8 }, async (_, c) => {
    for (let i = 0; going; i++) {
      const r = await edge.post('/v1/words', JSON_TYPE, `{"word":"w${c}-${i}"}`).catch(() => undefined);
      if (r === undefined) going = false;
      else if (r.status === 202) accepted.add(JSON.parse(r.text).id);
      else refused++;
      if (accepted.size === 300) edge.child.kill('SIGTERM');
    }
  });
  await Promise.all(clients);
  expect(await edge.child.wait()).toEqual({ code: 0, signal: null });
  const ids = (await stored()).map((r) => r.headers.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...accepted].filter((id) => !ids.includes(id))).toEqual([]);
  expect(accepted.size).toBeGreaterThanOrEqual(300);
  expect(refused).toBeLessThanOrEqual(8);
  expect(await edge.log()).toMatch(/the edge has stopped/);
});

test.each([
  [
    'another partition count',
    { partitions: 12 },
    /TOPIC_INVALID.*has 3 partitions, not 12\. Remedy: set VERDIKT_PARTITIONS to 3/,
  ],
  ['a topic that does not exist', { topicPrefix: 'nowhere.' }, /TOPIC_INVALID/],
])('ends with code 1 for %s', async (_, fields, message) => {
  const edge = await startEdge(fields);
  expect((await edge.child.wait()).code).toBe(1);
  expect((await edge.log()).replaceAll('\n', ' ')).toMatch(message);
});

test('waits for Kafka: alive, not ready, and says why; SIGTERM ends it', async () => {
  const [nobody] = await freePorts(1);
  const edge = await startEdge({ brokers: `127.0.0.1:${nobody}` });
  await edge.until('/readyz', '503 BROKER_UNAVAILABLE');
  expect(await edge.probe('/livez')).toBe('200 ok');
  expect(await edge.probe('/metrics')).toMatch(/^verdikt_edge_ready 0$/m);
  edge.child.kill('SIGTERM');
  expect(await edge.child.wait()).toEqual({ code: 0, signal: null });
});
