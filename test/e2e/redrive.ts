// `npm run proof:redrive [-- --words N]`: puts parked records back while the tool and a processor are killed, and shows that
// every word ends exactly once and in the order of its key. Needs KAFKA_BROKERS and SCHEMA_REGISTRY_URL.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openKafkaTools } from '@verdikt/local/kafka-tools.ts';
import { startCheckService } from '../support/system/check-service.ts';
import { consumerArguments } from '../support/system/console-reader.ts';
import { sendWords } from '../support/system/load.ts';
import { openSystem } from '../support/system/system.ts';

const at = process.argv.indexOf('--words');
const words = at < 0 ? 100_000 : Number(process.argv[at + 1]);
const KEYS = Math.min(1_000, Math.floor(words / 10));
const PARKED = Math.min(50, Math.floor(KEYS / 4));
const rounds = Math.floor(words / KEYS);
const root = join(import.meta.dirname, '../..');
const say = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
const fail = (text: string): never => {
  throw new Error(text);
};

let fixed = false;
const check = await startCheckService((word) => (!fixed && word.startsWith('bad') ? 1_000 : 0));

// A group of its own: others may judge on the same broker.
process.env['VERDIKT_GROUP'] = `redrive-${randomBytes(4).toString('hex')}`;
const system = await openSystem({
  partitions: 6,
  processor: {
    chain: JSON.stringify([{ http: { url: check.url } }]),
    ...{ onDeadLetter: 'park', retryMaxAttempts: '2', retryBaseDelayMs: '50', retryMaxDelayMs: '100' },
    ...{
      deadLetterMax: '1000',
      checkConcurrency: '64',
      sessionTimeoutMs: '6000',
    },
  },
});
const prefix = system.topics.words.slice(0, -'words'.length);
const env = { ...process.env, VERDIKT_TOPIC_PREFIX: prefix, NODE_OPTIONS: '' };
const cli = (...args: string[]): ChildProcess =>
  spawn(process.execPath, ['cli/main.ts', ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });

const ran = async (...args: string[]): Promise<{ code: number | null; out: string; err: string }> => {
  const child = cli(...args);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (d: Buffer) => (out += d.toString()));
  child.stderr?.on('data', (d: Buffer) => (err += d.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
};

interface Counts {
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
}
const letters = async (): Promise<Counts> => {
  const { out, err } = await ran('dlq', 'list', '--histogram', '--json');
  if (out === '') fail(err);
  return JSON.parse(out) as Counts;
};

const dump = async (topic: string, file: string): Promise<void> => {
  const tools = await openKafkaTools();
  const to = createWriteStream(file);
  // Under `park` a redriven record ends in its place like any other, and is held to it.
  for await (const line of tools.lines('console-consumer', consumerArguments(system.brokers, topic, 8_000)))
    to.write(`${line.replace(/verdikt-redrive:\d+/, 'was-redriven:yes')}\n`);
  to.end();
  await once(to, 'close');
};

try {
  const edge = await system.edge();
  const first = await system.processor();
  await system.processor();
  say(`sending ${rounds * KEYS} words of ${KEYS} keys; ${PARKED} keys have one that fails`);
  const sent = await sendWords({
    ...{ url: () => edge.url, rounds, keys: KEYS },
    word: (key, counter) => (counter === 3 && Number(key.slice(4)) < PARKED ? `bad${key}` : `w${counter}`),
  });
  for (let n = 0; n < PARKED; await pause(500)) n = (await letters()).byStatus['parked'] ?? 0;
  say(
    `${PARKED} keys are parked, after ${check.answers.get(503) ?? 0} failed attempts; now the check is fixed`,
  );
  fixed = true;

  const operation = crypto.randomUUID();
  const tool = cli('dlq', 'redrive', '--status', 'parked', '--rate', '3', '--operation', operation);
  let back = 0;
  while (back === 0 && tool.exitCode === null) back = (await letters()).byStatus['redriven'] ?? 0;
  tool.kill('SIGKILL');
  first.child.kill('SIGKILL');
  back = (await letters()).byStatus['redriven'] ?? 0;
  if (back === 0 || back === PARKED) fail(`the tool was not killed half-way but after ${back} of ${PARKED}`);
  say(`killed the tool and a processor after ${back} of ${PARKED} were put back`);
  await system.processor();
  const again = await ran('dlq', 'redrive', '--operation', operation, '--json');
  say(`ran the tool again: exit code ${again.code}, ${again.out.trim()}`);
  if (again.code !== 0) fail(again.err);

  for (let ended = 0; ended < rounds * KEYS; await pause(1_000)) {
    const { code, out, err } = await ran('audit', '--json');
    if (code === 2) fail(out + err);
    const { clean, counts } = JSON.parse(out) as { clean: boolean; counts: Record<string, number> };
    // All lanes empty and every word judged; the findings of a system at rest count in full.
    ended = counts['outstanding'] + counts['pending'] === 0 ? counts['results'] : 0;
    if (ended === rounds * KEYS && !clean) fail(out);
    if (ended === rounds * KEYS) say(`audit is clean: ${JSON.stringify(counts)}`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-redrive-'));
  const file = (name: string): string => join(folder, name);
  await dump(system.topics.words, file('words'));
  await dump(system.topics.results, file('results'));
  await dump(system.topics.deadLetters, file('dead'));
  const args = ['--words', file('words'), '--results', file('results'), '--dead-letters', file('dead')];
  const order = await promisify(execFile)('python3', ['test/e2e/independent/check_order.py', ...args], {
    cwd: root,
  }).catch((e: unknown) => fail((e as { stdout?: string }).stdout ?? String(e)));
  say(
    `check_order.py, which shares no code with us: ${(order as { stdout: string }).stdout.trim() || 'nothing wrong'}`,
  );
  say(
    `${sent.length} words sent and ended, ${(await letters()).byStatus['redriven'] ?? 0} of them redriven once`,
  );
} finally {
  await system.stop();
  await check.stop();
}
