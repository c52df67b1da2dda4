// `node bench/ingest.ts [--seconds 4] [--runs 3] [--connections 64]`
// The edge as a process of its own before a real broker, beside a route of the same framework that stores nothing.
import autocannon from 'autocannon';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir, cpus } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { startChild, type Child } from '@verdikt/local/child.ts';
import { startKafka } from '@verdikt/local/kafka.ts';
import { freePorts } from '@verdikt/local/ports.ts';
import { startService } from '@verdikt/local/service-process.ts';
import { EDGE_ENV } from '@verdikt/producer/memory.ts';
import { edgeConfigSchema } from '@verdikt/producer/config.ts';
import { median } from './report.ts';
import { cpuSeconds } from '@verdikt/test/support/system/usage.ts';

const PARTITIONS = 12;
const LINES = 1000;
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    runs: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
    only: { type: 'string' },
  },
});
const [seconds, runs, connections] = [values.seconds, values.runs, values.connections].map(Number);
const say = (line: string): void => console.log(line);

interface Cell {
  readonly name: string;
  readonly server: 'baseline' | 'send' | 'edge';
  readonly path: string;
  readonly type: string;
  readonly body: string;
  /** Records of one request. */
  readonly records: number;
  readonly connections: number;
  readonly status: number;
}
const word = (i: number): string => JSON.stringify({ word: `rotavator${i}` });
const words = Array.from({ length: LINES }, (_, i) => word(i));
const json = 'application/json';
const cells: readonly Cell[] = [
  {
    name: 'baseline',
    server: 'baseline',
    path: '/v1/words',
    type: json,
    body: word(1),
    records: 1,
    connections,
    status: 202,
  },
  {
    name: 'send',
    server: 'send',
    path: '/v1/words',
    type: json,
    body: word(1),
    records: 1,
    connections,
    status: 202,
  },
  {
    name: 'single',
    server: 'edge',
    path: '/v1/words',
    type: json,
    body: word(1),
    records: 1,
    connections,
    status: 202,
  },
  {
    name: 'batch',
    server: 'edge',
    path: '/v1/words:batch',
    type: json,
    body: `[${words.join()}]`,
    records: LINES,
    connections: 4,
    status: 202,
  },
  {
    name: 'ndjson',
    server: 'edge',
    path: '/v1/words',
    type: 'application/x-ndjson',
    body: words.join('\n'),
    records: LINES,
    connections: 4,
    status: 200,
  },
];

interface Measured {
  readonly recordsPerSecond: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
}

/** Answers every look-up of a schema. */
const startRegistry = async (): Promise<{ readonly url: string; close(): void }> => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"id":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

const folder = mkdtempSync(join(tmpdir(), 'verdikt-ingest-'));
const broker = await startKafka({ profile: 'bench', say });
const kafka = createKafka({ brokers: broker.brokers, clientId: 'bench' });
const registry = await startRegistry();
const children: Child[] = [];

const stored = async (): Promise<number> => {
  const logs = kafka.logs();
  let sum = 0;
  for (let p = 0; p < PARTITIONS; p++) sum += (await logs.bounds('words', p)).end;
  return sum;
};

const measure = async (cell: Cell, url: string, pid: number): Promise<Measured> => {
  const before = cell.server !== 'baseline' ? await stored() : 0;
  const cpu = cpuSeconds(pid);
  const result = await autocannon({
    url: url + cell.path,
    method: 'POST',
    headers: { 'content-type': cell.type },
    body: cell.body,
    connections: cell.connections,
    duration: seconds,
  });
  const used = cpuSeconds(pid) - cpu;
  const answered = cell.status < 300 ? result['2xx'] : 0;
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${cell.name}: ${result.non2xx} refusals, ${result.errors} errors`);
  if (cell.server !== 'baseline') {
    // Stored and not counted: what was under way at the end, and answers that came too late to count.
    const more = (await stored()) - before - answered * cell.records;
    if (more < 0 || more > 2 * cell.connections * cell.records)
      throw new Error(`${cell.name}: ${more} more records stored than answered`);
  }
  const records = answered * cell.records;
  return {
    recordsPerSecond: records / result.duration,
    cpuMicros: (used / records) * 1e6,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
};

try {
  const admin = kafka.admin();
  await admin.create([{ name: 'words', partitions: PARTITIONS, replicationFactor: 1, configs: {} }]);
  await admin.close();
  const [edgePort, managementPort, baselinePort, sendPort] = await freePorts(4);
  const edge = await startService({
    name: 'edge',
    script: 'producer/main.ts',
    schema: edgeConfigSchema,
    fields: { host: '127.0.0.1', port: String(edgePort) },
    managementPort,
    folder,
    env: { ...process.env, KAFKA_BROKERS: broker.brokers.join(), SCHEMA_REGISTRY_URL: registry.url },
    extra: EDGE_ENV,
  });
  children.push(edge.child);
  const baseline = await startChild(
    process.execPath,
    [join(import.meta.dirname, 'ingest-baseline.ts'), String(baselinePort)],
    {
      logFile: join(folder, 'baseline.log'),
    },
  );
  children.push(baseline);
  const send = await startChild(
    process.execPath,
    [join(import.meta.dirname, 'peers', 'ingest-send.ts'), String(sendPort), broker.brokers.join()],
    { logFile: join(folder, 'send.log') },
  );
  children.push(send);
  for (const port of [baselinePort, sendPort])
    while (
      await fetch(`http://127.0.0.1:${port}/`).then(
        () => false,
        () => true,
      )
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
  const at = {
    edge: [`http://127.0.0.1:${edgePort}`, edge.child.pid],
    baseline: [`http://127.0.0.1:${baselinePort}`, baseline.pid],
    send: [`http://127.0.0.1:${sendPort}`, send.pid],
  } as const;
  const chosen = cells.filter((c) => values.only === undefined || values.only.split(',').includes(c.name));
  const all = new Map<string, Measured[]>(chosen.map((c) => [c.name, []]));
  for (let run = 0; run <= runs; run++)
    for (const cell of run % 2 === 0 ? chosen : [...chosen].reverse()) {
      const m = await measure(cell, ...at[cell.server]);
      // The first run only warms up.
      if (run > 0) all.get(cell.name)?.push(m);
      say(
        `${cell.name} run ${run}: ${Math.round(m.recordsPerSecond)} records/s, ${m.cpuMicros.toFixed(1)} us CPU per record, p50 ${m.p50} ms, p99 ${m.p99} ms`,
      );
    }
  say(
    `\n${seconds} s a run, ${runs} runs, ${cpus().length} cores shared by client, edge and broker; medians`,
  );
  for (const [name, ms] of all) {
    const of = (f: (m: Measured) => number): number => median(ms.map(f));
    say(
      `${name.padEnd(10)} ${Math.round(of((m) => m.recordsPerSecond))} records/s, ${of((m) => m.cpuMicros).toFixed(1)} us CPU per record, p50 ${of((m) => m.p50)} ms, p99 ${of((m) => m.p99)} ms`,
    );
  }
} finally {
  for (const child of children) await child.stop();
  registry.close();
  await kafka.close();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}
