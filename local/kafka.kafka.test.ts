import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { answersKafka } from './api-versions.ts';
import { startKafka } from './kafka.ts';
import { openKafkaTools } from './kafka-tools.ts';
import { until } from '@verdikt/test/support/wait.ts';

const answers = (broker: string): Promise<boolean> => answersKafka('127.0.0.1', Number(broker.split(':')[1]));
const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('records outlive kill -9 and a restart on the same port; nothing outlives stop', async () => {
  const kafka = await startKafka({ properties: { 'num.partitions': '2' } });
  try {
    const tools = await openKafkaTools();
    const at = ['--bootstrap-server', kafka.brokers[0]];
    await tools.run('topics', [...at, '--create', '--topic', 'kept']);
    await tools.run('console-producer', [...at, '--topic', 'kept'], 'a\nb\n');
    const [pid] = kafka.pids();
    await kafka.kill('SIGKILL');
    expect(await answers(kafka.brokers[0])).toBe(false);
    expect(kafka.pids()).toEqual([]);
    await kafka.restart();
    expect(kafka.pids()).not.toEqual([pid]);
    const seen: string[] = [];
    for await (const line of tools.lines('console-consumer', [
      ...at,
      '--topic',
      'kept',
      '--from-beginning',
    ])) {
      if (seen.push(line) === 2) break;
    }
    expect(seen.sort()).toEqual(['a', 'b']);
    expect(await tools.run('topics', [...at, '--describe', '--topic', 'kept'])).toContain(
      'PartitionCount: 2',
    );
  } finally {
    await kafka.stop();
  }
  expect(await answers(kafka.brokers[0])).toBe(false);
  expect(existsSync(kafka.dataDir)).toBe(false);
});

test('a broker that can not start says why', async () => {
  await expect(startKafka({ properties: { 'log.retention.ms': 'soon' } })).rejects.toMatchObject({
    code: 'BROKER_UNAVAILABLE',
    message: expect.stringContaining('log.retention.ms'),
  });
});

test('a broker ends and its data goes when its parent is killed', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'kafka.ts'));
  const script = `const { startKafka } = await import(${module}); const k = await startKafka();
    console.log(JSON.stringify({ pids: k.pids(), dataDir: k.dataDir })); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const line = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (b: Buffer) => resolve(String(b))),
  );
  const { pids, dataDir } = JSON.parse(line) as { pids: number[]; dataDir: string };
  expect(pids.map(runs)).toEqual([true]);
  parent.kill('SIGKILL');
  await until('its end', () => !pids.some(runs) && !existsSync(dataDir));
});

test('data that is kept is there again at another port', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-keep-'));
  try {
    const written = async (): Promise<number> => {
      const kafka = await startKafka({ keep: folder });
      const client = createKafka({ brokers: kafka.brokers, clientId: 'keep' });
      try {
        const admin = client.admin();
        await admin.create([{ name: 'kept', partitions: 1, replicationFactor: 1, configs: {} }]);
        const sink = await client.sink({ topic: 'kept' });
        const [appended] = (await sink.append([
          { partition: 0, record: { key: null, value: 'v', headers: [] } },
        ])) ?? [undefined];
        await sink.stop();
        await admin.close();
        return appended?.ok === true ? appended.offset : -1;
      } finally {
        await client.close();
        await kafka.stop();
      }
    };
    expect([await written(), await written()]).toEqual([0, 1]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
