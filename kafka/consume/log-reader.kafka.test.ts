import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { createLink, type Link } from '../client/link.ts';
import { createLogReader } from './log-reader.ts';
import { createSource } from './source.ts';
import { out } from '@verdikt/test/support/kafka/batches.ts';
import { createTopic, kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { createTestWriter, type TestWriter } from '@verdikt/test/support/kafka/writer.ts';

const topic = `log-${randomUUID()}`;
let link: Link;
let reader: LogReader;
let writer: TestWriter;

beforeAll(async () => {
  link = createLink({ brokers: kafkaBrokers(process.env).split(','), clientId: 'test' });
  await createTopic(link, topic, 5);
  reader = createLogReader({ link });
  writer = createTestWriter(link, topic);
});
afterAll(() => link?.close());

const scanned = async (partition: number): Promise<string[]> => {
  const { start, end } = await reader.bounds(topic, partition);
  const values: string[] = [];
  await reader.scan(topic, partition, start, end, (r) => values.push(String(r.value)));
  return values;
};

test('overlapping transactions, the later one aborted first: nothing of either is seen', async () => {
  const [a, b] = [await writer.begin(`${topic}-a`), await writer.begin(`${topic}-b`)];
  await a.write(0, ['a1', 'a2', 'a3']);
  await b.write(0, ['b1']);
  await a.write(0, ['a4']);
  await b.end(false);
  await a.end(false);
  await writer.write(0, ['plain']);
  expect(await scanned(0)).toEqual(['plain']);

  const source = createSource({
    link: createLink({ brokers: kafkaBrokers(process.env).split(','), clientId: 's' }),
    topic,
  });
  try {
    await new Promise<void>((resolve) => source.open(0, 0n, resolve));
    expect(source.poll(0, 100, 1e6)?.records.map((r) => String(r.value))).toEqual(['plain']);
  } finally {
    await source.stop();
  }
});

test('a user record with the key of an abort marker ends no abort', async () => {
  const a = await writer.begin(`${topic}-c`);
  await a.write(1, [out('a1', { key: Buffer.from([0, 0, 0, 0]) })]);
  await a.write(1, ['a2']);
  await a.end(false);
  const b = await writer.begin(`${topic}-c`);
  await b.write(1, ['b1']);
  await b.end(true);
  expect(await scanned(1)).toEqual(['b1']);
});

test('a scan that ends in an open transaction waits for its end', async () => {
  const a = await writer.begin(`${topic}-d`);
  await a.write(2, ['a1']);
  const { end } = await reader.bounds(topic, 2);
  expect(end).toBe(1);
  const values: string[] = [];
  let done = false;
  const scan = reader.scan(topic, 2, 0, end, (r) => values.push(String(r.value))).then(() => (done = true));
  await reader.bounds(topic, 2);
  expect(done).toBe(false);
  await a.end(true);
  await scan;
  expect(values).toEqual(['a1']);
});

test('exact offsets from a long log, also just committed', async () => {
  const all = Array.from({ length: 3_000 }, (_, i) => `v${i}`);
  for (let i = 0; i < 30; i++) await writer.write(3, all.slice(i * 100, i * 100 + 100));
  const wanted = [2_999, 0, 150, 151, 1_700];
  expect((await reader.fetch(topic, 3, wanted)).map((r) => String(r.value))).toEqual(
    wanted.map((i) => `v${i}`),
  );
  await expect(reader.fetch(topic, 3, [5_000])).rejects.toMatchObject({ code: 'OFFSET_LOST' });
  const a = await writer.begin(`${topic}-e`);
  const at = await a.write(3, ['new']);
  await a.end(true);
  expect(String((await reader.fetch(topic, 3, [at]))[0].value)).toBe('new');
});

test('offsets by time', async () => {
  await writer.write(4, [
    out('a', { timestamp: 1_000_000 }),
    out('b', { timestamp: 2_000_000 }),
    out('c', { timestamp: 3_000_000 }),
  ]);
  expect(await reader.offsetAt(topic, 4, 2_000_000)).toBe(1);
  expect(await reader.offsetAt(topic, 4, 2_000_001)).toBe(2);
  expect(await reader.offsetAt(topic, 4, 3_000_001)).toBe(3);
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'])('what the broker has compressed with %s', async (type) => {
  const compressed = `${topic}-${type}`;
  await createTopic(link, compressed, 1, { 'compression.type': type });
  const written = Array.from({ length: 2_000 }, (_, i) => `${'v'.repeat(i % 300)}${i}`);
  await createTestWriter(link, compressed).write(0, written);
  const values: string[] = [];
  await reader.scan(compressed, 0, 0, written.length, (r) => values.push(String(r.value)));
  expect(values).toEqual(written);
});
