import { afterEach, describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { AppendResult, RecordSink } from '@verdikt/producer/ports.ts';
import { createSink, type SinkOptions } from './sink.ts';
import { out } from './testing/batches.ts';
import { createFakeLink, initAnswer, produceAnswer, settle, type FakeLink, type Sent } from './testing/fake-link.ts';
import { createManualClock, type ManualClock } from './testing/manual-clock.ts';
import { readRecordSet } from './wire/batch-reader.ts';
import { ByteReader } from './wire/byte-reader.ts';

const PRODUCE = 0;
const INIT = 22;
const down = new ServiceError('BROKER_UNAVAILABLE', 'down');
let link: FakeLink;
let sink: RecordSink;
let clock: ManualClock;

const start = async (leaders: number[], more: Partial<SinkOptions> = {}): Promise<void> => {
  link = createFakeLink(leaders);
  clock = createManualClock();
  sink = await createSink({ link, topic: 't', clock, ...more });
};
const identified = async (leaders: number[], more: Partial<SinkOptions> = {}): Promise<void> => {
  await start(leaders, more);
  (await link.next(INIT)).answer(initAnswer(70));
  await settle();
};
afterEach(async () => {
  void sink.stop();
  for (let i = 0; i < 200 && sink.pending().records > 0; i++) {
    clock.advance(100);
    for (const s of link.waiting.splice(0)) s.fail(down);
    await settle();
  }
  await sink.stop();
});

interface Part {
  readonly partition: number;
  readonly producer: number;
  readonly sequence: number;
  readonly values: string[];
  readonly bytes: string;
}
interface Request extends Sent {
  readonly parts: Part[];
}

/** The next Produce request, decoded. */
const produced = async (): Promise<Request> => {
  const sent = await link.next(PRODUCE);
  const r = new ByteReader(sent.body);
  expect([r.nullableString(), r.int16()]).toEqual([null, -1]);
  r.int32();
  const parts = r.array((t) => {
    expect(t.string()).toBe('t');
    return t.array((p) => {
      const partition = p.int32();
      const bytes = p.bytes();
      const { records, batches } = readRecordSet(bytes, 0);
      return {
        partition,
        producer: batches[0].producerId,
        sequence: bytes.readInt32BE(53),
        values: records.map((x) => String(x.value)),
        bytes: bytes.toString('hex'),
      };
    });
  });
  return { ...sent, parts: parts.flat() };
};
const add = (partition: number, ...values: string[]): Promise<AppendResult[]> => {
  const results = sink.append(values.map((v) => ({ partition, record: out(v) })));
  if (results === undefined) throw new Error('full');
  return results;
};
const ok = (...offsets: number[]): AppendResult[] => offsets.map((offset) => ({ ok: true, offset }));
const not = (code: string): unknown => [{ ok: false, code }];

describe('sink', () => {
  test('what arrives together goes out together; results come back to each call in its order', async () => {
    await identified([1, 1, 2]);
    const a = add(0, 'a', 'b');
    const b = sink.append([
      { partition: 2, record: out('c') },
      { partition: 0, record: out('d') },
      { partition: 1, record: out('e') },
    ]);
    expect(sink.pending().records).toBe(5);
    const requests = [await produced(), await produced()];
    const byNode = (node: number): Request => requests.find((r) => r.node === node) as Request;
    expect(byNode(1).parts.map((p) => [p.partition, p.values])).toEqual(
      expect.arrayContaining([
        [0, ['a', 'b', 'd']],
        [1, ['e']],
      ]),
    );
    expect(byNode(2).parts.map((p) => [p.partition, p.values, p.producer, p.sequence])).toEqual([[2, ['c'], 70, 0]]);
    byNode(1).answer(produceAnswer([[1, 0, 500], [0, 0, 100]]));
    expect(await a).toEqual(ok(100, 101));
    byNode(2).answer(produceAnswer([[2, 0, 7]]));
    expect(await b).toEqual(ok(7, 102, 500));
    expect(sink.pending()).toEqual({ records: 0, bytes: 0 });
    expect(sink.healthy()).toBe(true);
  });

  test('one request per broker at a time; the rest waits and goes out in order, sequences rising', async () => {
    await identified([1]);
    const a = add(0, 'a');
    const first = await produced();
    const b = add(0, 'b', 'c');
    await settle();
    expect(link.waiting).toEqual([]);
    first.answer(produceAnswer([[0, 0, 0]]));
    expect(await a).toEqual(ok(0));
    const second = await produced();
    expect(second.parts).toMatchObject([{ sequence: 1, values: ['b', 'c'] }]);
    second.answer(produceAnswer([[0, 0, 1]]));
    expect(await b).toEqual(ok(1, 2));
    const c = add(0, 'd');
    const third = await produced();
    expect(third.parts[0].sequence).toBe(3);
    third.answer(produceAnswer([[0, 0, 3]]));
    await c;
  });

  test('nothing is sent before there is a producer id', async () => {
    await start([1]);
    const a = add(0, 'a');
    await settle();
    expect(link.waiting.map((s) => s.apiKey)).toEqual([INIT]);
    (await link.next(INIT)).answer(initAnswer(9, 4));
    const r = await produced();
    expect(r.parts[0].producer).toBe(9);
    r.answer(produceAnswer([[0, 0, 0]]));
    await a;
  });

  test('after a lost answer the very same bytes are sent again, and nothing overtakes them', async () => {
    await identified([1]);
    const a = add(0, 'a');
    const first = await produced();
    const b = add(0, 'b');
    first.fail(down);
    await settle();
    expect(sink.healthy()).toBe(true); // The metadata that was asked for after it.
    expect(link.refreshed).toBe(1);
    clock.advance(20);
    const again = await produced();
    expect(again.parts.map((p) => p.bytes)).toEqual(first.parts.map((p) => p.bytes));
    again.answer(produceAnswer([[0, 0, 40]]));
    expect(await a).toEqual(ok(40));
    const next = await produced();
    expect(next.parts).toMatchObject([{ producer: 70, sequence: 1, values: ['b'] }]);
    next.answer(produceAnswer([[0, 0, 41]]));
    expect(await b).toEqual(ok(41));
  });

  test('what cannot be settled is unconfirmed, and its producer id writes nothing new', async () => {
    await identified([1], { deliveryMs: 1_000 });
    const a = add(0, 'a');
    (await produced()).fail(down);
    await settle();
    clock.advance(20);
    const second = await produced();
    link.broken = down;
    second.fail(down);
    await settle();
    clock.advance(1_000);
    expect(await a).toEqual(not('APPEND_UNCONFIRMED'));
    await settle();
    link.broken = undefined;
    const b = add(0, 'b');
    for (let i = 0; i < 6; i++) {
      clock.advance(100);
      await settle();
    }
    for (const s of link.waiting.filter((x) => x.apiKey === PRODUCE)) expect(s).toBeUndefined();
    (await link.next(INIT)).answer(initAnswer(71));
    const r = await produced();
    expect(r.parts).toMatchObject([{ producer: 71, sequence: 0, values: ['b'] }]);
    r.answer(produceAnswer([[0, 0, 8]]));
    expect(await b).toEqual(ok(8));
  });

  test('a batch in doubt keeps its old identity while others get a new one', async () => {
    await identified([1, 2], { deliveryMs: 1_000 });
    const a = add(0, 'a');
    const b = add(1, 'b');
    const [x, y] = [await produced(), await produced()];
    const [first, second] = x.node === 1 ? [x, y] : [y, x];
    first.answer(produceAnswer([[0, 46, -1]]));
    expect(await a).toEqual(not('APPEND_UNCONFIRMED'));
    second.fail(down);
    await settle();
    const c = add(0, 'c');
    (await link.next(INIT)).answer(initAnswer(71));
    const third = await produced();
    expect(third.parts).toMatchObject([{ partition: 0, producer: 71, sequence: 0 }]);
    third.answer(produceAnswer([[0, 0, 1]]));
    await c;
    clock.advance(20);
    const again = await produced();
    expect(again.parts.map((p) => p.bytes)).toEqual(second.parts.map((p) => p.bytes));
    again.answer(produceAnswer([[1, 0, 5]]));
    expect(await b).toEqual(ok(5));
  });

  test('a moved leader: the same batch goes to the new one', async () => {
    await identified([1]);
    const a = add(0, 'a');
    const first = await produced();
    link.leaders[0] = 2;
    first.answer(produceAnswer([[0, 6, -1]]));
    await settle();
    clock.advance(20);
    const again = await produced();
    expect([again.node, again.parts[0].bytes]).toEqual([2, first.parts[0].bytes]);
    again.answer(produceAnswer([[0, 0, 3]]));
    expect(await a).toEqual(ok(3));
  });

  test('never appended: refused as such once the time is over', async () => {
    await identified([1], { deliveryMs: 300 });
    const a = add(0, 'a');
    const b = add(0, 'b');
    (await produced()).answer(produceAnswer([[0, 19, -1]]));
    link.broken = down;
    await settle();
    for (let i = 0; i < 4; i++) {
      clock.advance(100);
      for (const s of link.waiting.splice(0)) s.answer(s.apiKey === PRODUCE ? produceAnswer([[0, 19, -1]]) : initAnswer(72));
      await settle();
    }
    expect(await Promise.all([a, b])).toEqual([not('BROKER_UNAVAILABLE'), not('BROKER_UNAVAILABLE')]);
    expect(sink.healthy()).toBe(false);
  });

  test('a lost sequence on the first try: the records go out anew under a fresh producer id, in order', async () => {
    await identified([1]);
    const a = add(0, 'a');
    const first = await produced();
    const b = add(0, 'b');
    first.answer(produceAnswer([[0, 59, -1]]));
    await settle();
    clock.advance(20);
    (await link.next(INIT)).answer(initAnswer(71));
    const r = await produced();
    expect(r.parts).toMatchObject([{ producer: 71, sequence: 0, values: ['a', 'b'] }]);
    r.answer(produceAnswer([[0, 0, 0]]));
    expect([await a, await b]).toEqual([ok(0), ok(1)]);
  });

  test('a batch over the limit of the topic is split, a single record refused', async () => {
    await identified([1]);
    const small = add(0, 'a'.repeat(400), 'b'.repeat(400));
    (await produced()).answer(produceAnswer([[0, 10, -1]]));
    (await link.next(INIT)).answer(initAnswer(71));
    const one = await produced();
    expect(one.parts.map((p) => p.values)).toEqual([['a'.repeat(400)]]);
    one.answer(produceAnswer([[0, 0, 0]]));
    const two = await produced();
    expect(two.parts).toMatchObject([{ sequence: 1, values: ['b'.repeat(400)] }]);
    two.answer(produceAnswer([[0, 10, -1]]));
    expect(await small).toEqual([{ ok: true, offset: 0 }, { ok: false, code: 'RECORD_TOO_LARGE' }]);
  });

  test('batches stay within maxBatchBytes; a record that cannot fit is refused alone', async () => {
    await identified([1], { maxBatchBytes: 500 });
    const a = add(0, 'a'.repeat(200), 'b'.repeat(600), 'c'.repeat(200), 'd'.repeat(200));
    const first = await produced();
    expect(first.parts[0].values).toEqual(['a'.repeat(200)]);
    first.answer(produceAnswer([[0, 0, 0]]));
    const second = await produced();
    expect(second.parts[0].values).toEqual(['c'.repeat(200), 'd'.repeat(200)]);
    expect(second.parts[0].bytes.length / 2).toBeLessThanOrEqual(500);
    second.answer(produceAnswer([[0, 0, 1]]));
    expect(await a).toEqual([...ok(0), { ok: false, code: 'RECORD_TOO_LARGE' }, ...ok(1, 2)]);
  });

  test('access denied is told at once, by the broker or for the producer id', async () => {
    await start([1]);
    const a = add(0, 'a');
    (await link.next(INIT)).answer(initAnswer(-1, 0, 31));
    expect(await a).toEqual(not('ACCESS_DENIED'));
    clock.advance(20);
    (await link.next(INIT)).answer(initAnswer(70));
    const b = add(0, 'b');
    (await produced()).answer(produceAnswer([[0, 29, -1]]));
    expect(await b).toEqual(not('ACCESS_DENIED'));
  });

  test('a partition that the answer leaves out is in doubt', async () => {
    await identified([1, 1]);
    const a = add(0, 'a');
    const b = add(1, 'b');
    const first = await produced();
    first.answer(produceAnswer([[0, 0, 0]]));
    expect(await a).toEqual(ok(0));
    await settle();
    clock.advance(20);
    const again = await produced();
    expect(again.parts.map((p) => p.bytes)).toEqual([first.parts.find((p) => p.partition === 1)?.bytes]);
    again.answer(produceAnswer([[1, 45, -1]]));
    expect(await b).toEqual(not('APPEND_UNCONFIRMED'));
  });

  test('a full buffer takes nothing of a call', async () => {
    await identified([1], { maxRecords: 3, maxBytes: 1_000 });
    const a = add(0, 'a', 'b');
    expect(sink.append([{ partition: 0, record: out('c') }, { partition: 0, record: out('d') }])).toBeUndefined();
    expect(sink.append([{ partition: 0, record: out('x'.repeat(900)) }])).toBeUndefined();
    expect(sink.pending().records).toBe(2);
    (await produced()).answer(produceAnswer([[0, 0, 0]]));
    await a;
    const c = add(0, 'c');
    (await produced()).answer(produceAnswer([[0, 0, 2]]));
    expect(await c).toEqual(ok(2));
  });

  test('a partition that does not exist is refused before anything is queued', async () => {
    await identified([1]);
    expect(() => sink.append([{ partition: 0, record: out('a') }, { partition: 1, record: out('a') }])).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
    expect(sink.pending().records).toBe(0);
  });

  test('the request ends no later than its records, and before it the broker', async () => {
    const asked: (number | undefined)[] = [];
    await identified([1], { deliveryMs: 3_000, requestTimeoutMs: 5_000 });
    const send = link.send;
    link.send = (n, q, r, o) => (asked.push(o?.timeoutMs), send(n, q, r, o));
    const a = add(0, 'a');
    (await produced()).answer(produceAnswer([[0, 0, 0]]));
    await a;
    expect(asked).toEqual([3_000]);
  });

  test('stop answers what is queued, takes nothing more, then closes', async () => {
    await identified([1]);
    const a = add(0, 'a');
    const stopped = sink.stop();
    expect(await sink.append([{ partition: 0, record: out('b') }])).toEqual(not('STOPPING'));
    await settle();
    expect(link.closed).toBe(false);
    (await produced()).answer(produceAnswer([[0, 0, 0]]));
    expect(await a).toEqual(ok(0));
    await stopped;
    expect(link.closed).toBe(true);
  });
});
