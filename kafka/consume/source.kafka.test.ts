import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import { createLink, type Link } from '../client/link.ts';
import { createLogReader } from './log-reader.ts';
import { createSource } from './source.ts';
import { packedBatch, recordBytes } from '@verdikt/test/support/kafka/batches.ts';
import { createProxy, portsOf, type Proxy } from '@verdikt/test/support/kafka/proxy.ts';
import { createTopic, deleteTopic, kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { createTestWriter } from '@verdikt/test/support/kafka/writer.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { beginProduce, produceResponse } from '../wire/produce.ts';

const PARTITIONS = 3;
const FETCH = 1;
const topic = `source-${randomUUID()}`;
const large = `${topic}-large`;
let link: Link;
let proxy: Proxy;

beforeAll(async () => {
  const brokers = kafkaBrokers(process.env);
  link = createLink({ brokers: brokers.split(','), clientId: 'test' });
  proxy = await createProxy(portsOf(brokers));
  await createTopic(link, topic, PARTITIONS);
});
afterAll(async () => {
  await link?.close();
  await proxy?.close();
});

const write = (partition: number, values: readonly string[]): Promise<number> =>
  createTestWriter(link, topic).write(partition, values);

/** Polls a task until it has given `n` records. */
const reader = (source: RecordSource, task: number, from: bigint): ((n: number) => Promise<string[]>) => {
  let wake: (() => void) | undefined;
  source.open(task, from, () => wake?.());
  return async (n) => {
    const values: string[] = [];
    while (values.length < n) {
      const slice = source.poll(task, n - values.length, 1e9);
      if (slice === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else values.push(...slice.records.map((r) => String(r.value)));
    }
    return values;
  };
};

test('reads what is there and what comes, of several tasks, through broken connections', async () => {
  const source = createSource({
    link: createLink({ brokers: [...proxy.brokers], clientId: 'source' }),
    topic,
  });
  try {
    const many = Array.from({ length: 5_000 }, (_, i) => `a${i}`);
    for (let i = 0; i < 5; i++) await write(0, many.slice(i * 1_000, (i + 1) * 1_000));
    const [a, b] = [reader(source, 0, 0n), reader(source, 1, 0n)];
    expect(await a(5_000)).toEqual(many);
    await write(1, ['b0']);
    expect(await b(1)).toEqual(['b0']);

    // Each way to lose a fetch: nothing may be lost or come twice.
    for (const fault of ['cut-before', 'cut-after'] as const) {
      const armed = proxy.arm({ apiKey: FETCH, fault });
      await armed.hit;
      await write(0, [`after ${fault} a`]);
      await write(1, [`after ${fault} b`]);
      expect([await a(1), await b(1)]).toEqual([[`after ${fault} a`], [`after ${fault} b`]]);
    }
    proxy.refuse(true);
    proxy.cut();
    await write(0, ['while down']);
    expect(source.poll(0, 1, 1)).toBeUndefined();
    proxy.refuse(false);
    expect(await a(1)).toEqual(['while down']);
    expect(source.lag(0)).toBe(0);
  } finally {
    await source.stop();
  }
});

test('an offset that is not in the log is told, never reset', async () => {
  const source = createSource({
    link: createLink({ brokers: [...proxy.brokers], clientId: 'source' }),
    topic,
  });
  try {
    await new Promise<void>((resolve) => source.open(2, 12_345n, resolve));
    expect(() => source.poll(2, 1, 1)).toThrow(expect.objectContaining({ code: 'OFFSET_LOST' }));
  } finally {
    await source.stop();
  }
});

/** One batch of one record per value, compressed with gzip. */
const writeGzip = async (partition: number, values: readonly Buffer[]): Promise<void> => {
  const body = beginProduce(new ByteWriter(), { transactionalId: null, timeoutMs: 10_000 });
  body.topic(large);
  const packed = gzipSync(Buffer.concat(values.map((value, i) => recordBytes(i, value))));
  body.copy(partition, packedBatch(values.length, 1, packed));
  const [answer] = await link.send((await link.leader(large, partition)).node, body.end(), produceResponse);
  expect(answer).toMatchObject({ error: 0 });
};

test('reads what the broker takes, however large it is when it is inflated', async () => {
  await createTopic(link, large, 1);
  const values = [2_000_000, 10, 20_000_000, 11, 70_000_000, 12].map((size) => Buffer.alloc(size, 'x'));
  await writeGzip(0, values.slice(0, 2));
  await writeGzip(0, values.slice(2));
  const source = createSource({
    link: createLink({ brokers: [...proxy.brokers], clientId: 'source' }),
    topic: large,
  });
  try {
    let wake: (() => void) | undefined;
    const seen: [number | undefined, boolean][] = [];
    source.open(0, 0n, () => wake?.());
    while (seen.length < values.length) {
      const slice = source.poll(0, 10, 1e6);
      for (const r of slice?.records ?? []) seen.push([r.value?.length, r.truncated > 70_000_000]);
      if (slice === undefined) await new Promise<void>((resolve) => (wake = resolve));
    }
    const whole = values.map((v): [number, boolean] => [v.length, false]);
    expect(seen).toEqual([...whole.slice(0, 4), [undefined, true], whole[5]]);
    const visited: (number | undefined)[] = [];
    const reader = createLogReader({ link });
    await reader.scan(large, 0, 0, 6, (r) => visited.push(r.value?.length));
    expect(visited).toEqual(seen.map(([size]) => size));
    const [found] = await reader.fetch(large, 0, [2]);
    expect(found.value).toHaveLength(20_000_000);
  } finally {
    await source.stop();
  }
});

test('a topic that is deleted and created again is another one', async () => {
  const name = `source-again-${randomUUID()}`;
  await createTopic(link, name, 1);
  const source = createSource({
    link: createLink({ brokers: [...proxy.brokers], clientId: 'source' }),
    topic: name,
    maxWaitMs: 50,
  });
  try {
    await createTestWriter(link, name).write(0, ['old']);
    expect(await reader(source, 0, 0n)(1)).toEqual(['old']);
    await deleteTopic(link, name);
    await createTopic(link, name, 1);
    // An offset that the new topic has: by number alone nobody could tell.
    for (let i = 0; i < 3; i++) await createTestWriter(link, name).write(0, [`new${i}`]);
    await expect(
      (async () => {
        for (;;) {
          source.poll(0, 10, 1e9);
          await pause(20);
        }
      })(),
    ).rejects.toMatchObject({ code: 'TOPIC_CHANGED' });
    const versions = new Set(proxy.seen(FETCH).map((r) => r.apiVersion));
    expect(versions).toContain(13);
    expect(await reader(source, 0, 0n)(3)).toEqual(['new0', 'new1', 'new2']);
  } finally {
    await source.stop();
  }
});
