import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppendResult, RecordSink } from '@verdikt/core/ports/sink.ts';
import { createLink, type Link } from '../client/link.ts';
import { createSink, type SinkOptions } from './sink.ts';
import { out } from '@verdikt/test/support/kafka/batches.ts';
import { endableClock, type EndableClock } from '@verdikt/test/support/endable-clock.ts';
import { createProxy, portsOf, type Proxy } from '@verdikt/test/support/kafka/proxy.ts';
import { createTopic, kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { until } from '@verdikt/test/support/wait.ts';
import { readRecordSet } from '../wire/batch-reader.ts';
import { fetchRequest, fetchResponse } from '../wire/fetch.ts';

const PRODUCE = 0;
const INIT = 22;
let brokers: string;
let link: Link;
let proxy: Proxy;
let topic: string;
let sink: RecordSink | undefined;
let clock: EndableClock;

/** More than any machine takes; where it is to be over, the test skips it. */
const DELIVERY_MS = 200_000;

beforeAll(() => {
  brokers = kafkaBrokers(process.env);
  link = createLink({ brokers: brokers.split(','), clientId: 'test' });
});
afterAll(() => link?.close());
beforeEach(async () => {
  proxy = await createProxy(portsOf(brokers));
  clock = endableClock();
  topic = `sink-${randomUUID()}`;
  await createTopic(link, topic, 2, { 'max.message.bytes': '20000' });
});
afterEach(async () => {
  await sink?.stop();
  await proxy.close();
});

const open = async (more: Partial<SinkOptions> = {}): Promise<RecordSink> =>
  (sink = await createSink({
    link: createLink({ brokers: [...proxy.brokers], clientId: 'sink', clock }),
    ...{ topic, clock, maxBatchBytes: 20_000, deliveryMs: DELIVERY_MS, requestTimeoutMs: 60_000 },
    ...more,
  }));
const add = (to: RecordSink, partition: number, ...values: string[]): Promise<AppendResult[]> => {
  const results = to.append(values.map((v) => ({ partition, record: out(v, { timestamp: Date.now() }) })));
  if (results === undefined) throw new Error('full');
  return results;
};
const log = async (partition: number): Promise<string[]> => {
  const values: string[] = [];
  const { node } = await link.leader(topic, partition);
  for (let at = 0; ;) {
    const position = { partition, offset: at, maxBytes: 1_000_000 };
    const request = fetchRequest(topic, [position], {
      isolation: 'read_uncommitted',
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1e6,
    });
    const { partitions } = await link.send(node, request, fetchResponse);
    const set = readRecordSet(partitions[0].records, at);
    if (set.batches.length === 0) return values;
    values.push(...set.records.map((r) => String(r.value)));
    at = set.nextOffset;
  }
};
const ok = (...offsets: number[]): AppendResult[] => offsets.map((offset) => ({ ok: true, offset }));

test.each(['gzip', 'zstd'] as const)('takes batches that are compressed by %s', async (compression) => {
  const to = await open({ compression });
  const values = Array.from({ length: 400 }, (_, i) => `a word that is like others, ${i}`);
  expect((await add(to, 0, ...values)).every((r) => r.ok)).toBe(true);
  expect(await log(0)).toEqual(values);
});

describe('sink', () => {
  test('appends in order, with the offsets of the log, larger than one batch', async () => {
    const s = await open();
    const values = Array.from({ length: 500 }, (_, i) => `${i}`.padEnd(100, '.'));
    const results = await Promise.all(values.map((v) => add(s, 1, v)));
    expect(results.flat()).toEqual(ok(...values.keys()));
    expect(await log(1)).toEqual(values);
    expect(proxy.seen(PRODUCE).length).toBeLessThan(50);
    expect(await log(0)).toEqual([]);
  });

  test.each(['drop-response', 'cut-after', 'cut-before', 'drop-request'] as const)(
    '%s of a produce request: everything once, in order',
    async (fault) => {
      const s = await open();
      expect(await add(s, 0, 'a')).toEqual(ok(0));
      const armed = proxy.arm({ apiKey: PRODUCE, fault });
      const b = add(s, 0, 'b');
      await armed.hit;
      // No answer will come.
      if (fault.startsWith('drop')) clock.endWaits();
      // Of the same size as the lost batch: with a sequence number used twice it would be acknowledged and not written.
      const c = add(s, 0, 'c');
      const d = add(s, 0, 'd');
      expect(await Promise.all([b, c, d])).toEqual([ok(1), ok(2), ok(3)]);
      expect(await log(0)).toEqual(['a', 'b', 'c', 'd']);
      expect(proxy.seen(INIT)).toHaveLength(1);
    },
  );

  test('an outcome that stays unknown is unconfirmed; the next record has a fresh producer id and is not lost', async () => {
    const s = await open();
    expect(await add(s, 0, 'a')).toEqual(ok(0));
    const armed = proxy.arm({ apiKey: PRODUCE, fault: 'drop-response', times: 100 });
    const b = add(s, 0, 'b');
    await armed.hit;
    clock.skip(DELIVERY_MS);
    clock.endWaits();
    expect(await b).toEqual([{ ok: false, code: 'APPEND_UNCONFIRMED' }]);
    armed.disarm();
    const [c] = await add(s, 0, 'c');
    expect(c.ok).toBe(true);
    expect(await log(0)).toEqual(['a', 'b', 'c']);
    expect(proxy.seen(INIT).length).toBeGreaterThan(1);
  });

  test('never sent is a definite answer', async () => {
    const s = await open();
    expect(await add(s, 0, 'a')).toEqual(ok(0));
    proxy.refuse(true);
    proxy.cut();
    const late = (value: string): Promise<AppendResult[]> => {
      const result = add(s, 0, value);
      clock.skip(DELIVERY_MS);
      return result;
    };
    // This one may go into the connection that is just breaking; the next one cannot.
    expect(await late('b')).toMatchObject([{ ok: false }]);
    expect(await late('c')).toEqual([{ ok: false, code: 'BROKER_UNAVAILABLE' }]);
    await until('the sink to know it', () => !s.healthy());
    proxy.refuse(false);
    let d: AppendResult[] = [];
    while (d[0]?.ok !== true) d = await add(s, 0, 'd');
    expect(s.healthy()).toBe(true);
    expect([...new Set(await log(0))]).toEqual(['a', 'd']);
  });

  test('a limit of the topic below ours: batches are split, only the record that is too large is refused', async () => {
    const s = await open({ maxBatchBytes: 1_000_000 });
    const values = Array.from({ length: 40 }, (_, i) => `${i}`.padEnd(1_000, '.'));
    values[20] = 'x'.repeat(30_000);
    const results = await add(s, 0, ...values);
    const refused = results.flatMap((r, i) => (r.ok ? [] : [[i, r.code]]));
    expect(refused).toEqual([[20, 'RECORD_TOO_LARGE']]);
    expect(await log(0)).toEqual(values.filter((_, i) => i !== 20));
  });

  test('a topic that is not there', async () => {
    const gone = createSink({
      link: createLink({ brokers: [...proxy.brokers], clientId: 'sink' }),
      topic: `${topic}-x`,
    });
    await expect(gone).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
  });
});
