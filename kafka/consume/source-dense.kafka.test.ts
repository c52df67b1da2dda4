import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLink, type Link } from '../client/link.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { beginProduce, produceResponse } from '../wire/produce.ts';
import { createLogReader } from './log-reader.ts';
import { createSource } from './source.ts';
import { packedBatch, recordBytes } from '@verdikt/test/support/kafka/batches.ts';
import { createTopic, kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MIB = 1024 * 1024;
const ZSTD = 4;
const COUNT = 1_000_000;

const topic = `dense-${randomUUID()}`;
const brokers = kafkaBrokers(process.env).split(',');
let link: Link;

/** A million records in one batch of some hundred KiB. */
const dense = (): Buffer => {
  const bytes = Buffer.alloc(COUNT * 12);
  const value = Buffer.from('x');
  let end = 0;
  for (let i = 0; i < COUNT; i++) end += recordBytes(i, value).copy(bytes, end);
  return packedBatch(COUNT, ZSTD, zstdCompressSync(bytes.subarray(0, end)));
};

beforeAll(async () => {
  link = createLink({ brokers, clientId: 'dense' });
  await createTopic(link, topic, 1);
  const batch = dense();
  expect(batch.length).toBeLessThan(MIB);
  const body = beginProduce(new ByteWriter(), { transactionalId: null, timeoutMs: 30_000 });
  body.topic(topic);
  body.copy(0, batch);
  const [answer] = await link.send((await link.leader(topic, 0)).node, body.end(), produceResponse);
  expect(answer).toMatchObject({ error: 0 });
});
afterAll(() => link?.close());

/** The most that the heap grew by, looked at after every 100,000 records. */
const watch = (): { readonly saw: (offset: number) => void; readonly most: () => number; seen: number } => {
  collect();
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  const watched = {
    seen: 0,
    most: () => most,
    saw: (offset: number) => {
      if (offset !== watched.seen++) throw new Error(`offset ${offset} as record ${watched.seen}`);
      if (watched.seen % 100_000 !== 500) return;
      collect();
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    },
  };
  return watched;
};

test('a million records that the broker took in one batch are decoded as they are polled', async () => {
  const source = createSource({ link: createLink({ brokers, clientId: 'dense-source' }), topic });
  try {
    const watched = watch();
    let wake: (() => void) | undefined;
    source.open(0, 0n, () => wake?.());
    while (watched.seen < COUNT) {
      const slice = source.poll(0, 500, MIB);
      expect(slice?.records.length ?? 0).toBeLessThanOrEqual(500);
      for (const record of slice?.records ?? []) watched.saw(record.offset);
      if (slice === undefined) await new Promise<void>((resolve) => (wake = resolve));
    }
    expect(watched.most()).toBeLessThan(8 * MIB);
  } finally {
    await source.stop();
  }
});

test('so they are where a log is read to restore from it', async () => {
  const watched = watch();
  await createLogReader({ link }).scan(topic, 0, 0, COUNT, (record) => watched.saw(record.offset));
  expect(watched.seen).toBe(COUNT);
  expect(watched.most()).toBeLessThan(8 * MIB);
});
