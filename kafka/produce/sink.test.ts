import { afterEach, describe, expect, test } from '@jest/globals';
import type { AppendResult, RecordSink } from '@verdikt/core/ports/sink.ts';
import type { SinkOptions } from './sink.ts';
import { out } from '@verdikt/test/support/kafka/batches.ts';
import { initAnswer, produceAnswer, settle, type FakeLink } from '@verdikt/test/support/kafka/fake-link.ts';
import {
  createIdentifiedSink,
  createSinkHarness,
  INIT,
  type ProduceSeen,
  type SinkHarness,
} from '@verdikt/test/support/kafka/sink-harness.ts';
import type { ManualClock } from '@verdikt/test/support/manual-clock.ts';

let link: FakeLink;
let sink: RecordSink;
let clock: ManualClock;
let h: SinkHarness;

const use = (harness: SinkHarness): void => {
  h = harness;
  ({ link, sink, clock } = harness);
};
const start = async (leaders: number[]): Promise<void> => use(await createSinkHarness(leaders));
const identified = async (leaders: number[], more: Partial<SinkOptions> = {}): Promise<void> =>
  use(await createIdentifiedSink(leaders, more));
afterEach(() => h.end());

const add = (partition: number, ...values: string[]): Promise<AppendResult[]> => h.add(partition, ...values);
const produced = (): Promise<ProduceSeen> => h.produced();
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
    expect(requests.map((r) => [r.transactionalId, r.acks])).toEqual([
      [null, -1],
      [null, -1],
    ]);
    const byNode = (node: number): ProduceSeen => requests.find((r) => r.node === node) as ProduceSeen;
    expect(byNode(1).parts.map((p) => [p.partition, p.values])).toEqual(
      expect.arrayContaining([
        [0, ['a', 'b', 'd']],
        [1, ['e']],
      ]),
    );
    expect(byNode(2).parts.map((p) => [p.partition, p.values, p.producer, p.sequence])).toEqual([
      [2, ['c'], 70, 0],
    ]);
    byNode(1).answer(
      produceAnswer([
        [1, 0, 500],
        [0, 0, 100],
      ]),
    );
    expect(await a).toEqual(ok(100, 101));
    byNode(2).answer(produceAnswer([[2, 0, 7]]));
    expect(await b).toEqual(ok(7, 102, 500));
    expect(sink.pending()).toEqual({ records: 0, bytes: 0 });
    expect(sink.healthy()).toBe(true);
  });

  test('one request per broker at a time; the rest waits and goes out in order, sequences rising', async () => {
    await identified([1, 1]);
    const a = add(0, 'a');
    const first = await produced();
    const b = add(0, 'b', 'c');
    const other = add(1, 'x');
    await settle();
    expect(link.waiting).toEqual([]);
    first.answer(produceAnswer([[0, 0, 0]]));
    expect(await a).toEqual(ok(0));
    const second = await produced();
    expect([...second.parts].sort((x, y) => x.partition - y.partition)).toMatchObject([
      { sequence: 1, values: ['b', 'c'] },
      { sequence: 0, values: ['x'] },
    ]);
    second.answer(
      produceAnswer([
        [0, 0, 1],
        [1, 0, 9],
      ]),
    );
    expect([await b, await other]).toEqual([ok(1, 2), ok(9)]);
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
    expect(await small).toEqual([
      { ok: true, offset: 0 },
      { ok: false, code: 'RECORD_TOO_LARGE' },
    ]);
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

  test('a full buffer takes nothing of a call', async () => {
    await identified([1], { maxRecords: 3, maxBytes: 1_000 });
    const a = add(0, 'a', 'b');
    expect(
      sink.append([
        { partition: 0, record: out('c') },
        { partition: 0, record: out('d') },
      ]),
    ).toBeUndefined();
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
    expect(() =>
      sink.append([
        { partition: 0, record: out('a') },
        { partition: 1, record: out('a') },
      ]),
    ).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
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
