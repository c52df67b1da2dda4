// An audit of a real run: `npm run proof:audit -- [records]` (500,000) needs KAFKA_BROKERS and SCHEMA_REGISTRY_URL. Two processors
// judge while one of them is killed and replaced; one word in a hundred is sent twice. The audit of the live system and of the
// finished one must find nothing, and so must a program that shares no code with us.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { committedOffset } from '../../kafka/group/group-offsets.ts';
import { openKafkaTools } from '@verdikt/local/kafka-tools.ts';
import { submissionEncoderFor } from '@verdikt/schemas/connect.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import { openSystem } from '../support/system/system.ts';

const RECORDS = Number(process.argv[2] ?? 500_000);
const PARTITIONS = 4;
const CHUNK = 5_000;
const KEYS = 20_000;
const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'verdikt-audit-'));
const system = await openSystem({ partitions: PARTITIONS });
const { topics } = system;
const kafka = createKafka({ brokers: system.brokers.split(','), clientId: 'proof' });
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);
const idOf = (n: number): string => `0198c2e5-7a10-7c3e-9f00-${String(n).padStart(12, '0')}`;

const fill = async (): Promise<void> => {
  const registry = createSchemaRegistry({ url: process.env.SCHEMA_REGISTRY_URL as string });
  const encode = await submissionEncoderFor(registry, topics.words);
  const sink = await kafka.sink({ topic: topics.words });
  for (let from = 0; from < RECORDS; from += CHUNK) {
    const records = Array.from({ length: Math.min(CHUNK, RECORDS - from) }, (_, k) => {
      // Each hundredth is the one before it, sent again.
      const n = (from + k) % 100 === 99 ? from + k - 1 : from + k;
      const key = Buffer.from(`key-${n % KEYS}`);
      const now = Date.now();
      const headers = [
        ['id', idOf(n)],
        ['submitted-at', String(now)],
      ] as const;
      return {
        partition: partitionOf(key, PARTITIONS),
        record: { key, value: encode(n % 2 === 0 ? 'level' : 'word', now), headers },
      };
    });
    const results = await sink.append(records);
    if (results?.every((r) => r.ok) !== true) throw new Error('words could not be written');
  }
  await sink.stop();
};

/** Runs the audit as anyone would, and watches its memory. */
const audit = async (name: string): Promise<boolean> => {
  const started = performance.now();
  const prefix = topics.words.slice(0, -'words'.length);
  const env = { ...process.env, KAFKA_BROKERS: system.brokers, VERDIKT_TOPIC_PREFIX: prefix };
  const child = spawn(process.execPath, ['cli/main.ts', 'audit'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let most = 0;
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const watch = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (status) => (most = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? most)),
      () => undefined,
    );
  }, 100);
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(watch);
  console.log(
    `${name}: exit code ${code}, ${seconds(started)} s, at most ${Math.round(most / 1024)} MiB resident\n${text}`,
  );
  return code === 0;
};

const committed = async (): Promise<number> => {
  const link = kafka.link();
  const all = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, p) =>
      committedOffset(link, systemId(topics.words, system.group), topics.words, p, systemClock),
    ),
  );
  await link.close();
  return all.reduce<number>((sum, offset) => sum + (offset ?? 0), 0);
};

/** Kafka's own console consumer writes what a topic holds to a file. */
const dump = async (topic: string): Promise<string> => {
  const tools = await openKafkaTools();
  const path = join(folder, `${topic}.txt`);
  const out = createWriteStream(path);
  const shown = ['timestamp', 'partition', 'offset', 'headers', 'key'].map((p) => `print.${p}=true`);
  const properties = [...shown, 'key.separator=\u0002', 'headers.separator=\u0001'];
  const lines = tools.lines('console-consumer', [
    ...['--bootstrap-server', system.brokers, '--topic', topic, '--from-beginning', '--timeout-ms', '10000'],
    ...['--isolation-level', 'read_committed'],
    ...properties.flatMap((p) => ['--formatter-property', p]),
  ]);
  for await (const line of lines) if (!out.write(`${line}\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  return path;
};

const checkIndependently = async (): Promise<boolean> => {
  const [words, results, dead] = [
    await dump(topics.words),
    await dump(topics.results),
    await dump(topics.deadLetters),
  ];
  const script = join(root, 'test/e2e/independent/check_order.py');
  const args = [
    script,
    '--words',
    words,
    '--results',
    results,
    '--dead-letters',
    dead,
    '--words-topic',
    topics.words,
  ];
  const child = spawn('python3', args, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number];
  return code === 0;
};

let right = true;
try {
  let started = performance.now();
  await fill();
  console.log(`${RECORDS} words written in ${seconds(started)} s`);
  started = performance.now();
  const first = await system.processor();
  await system.processor();
  while ((await committed()) < RECORDS / 4) await pause(200);
  right = (await audit('while two processors work')) && right;
  first.child.kill('SIGKILL');
  await system.processor();
  while ((await committed()) < RECORDS) await pause(200);
  console.log(`judged in ${seconds(started)} s, a processor killed meanwhile`);
  right = (await audit('when all is judged')) && right;
  right = (await checkIndependently()) && right;
} finally {
  await system.stop();
  await kafka.close();
  await rm(folder, { recursive: true, force: true });
}
console.log(right ? 'nothing was found, as it should be' : 'something was found');
process.exitCode = right ? 0 : 1;
