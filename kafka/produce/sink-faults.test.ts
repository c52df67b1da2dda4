import { afterEach, describe, expect, test } from '@jest/globals';
import type { AppendResult, RecordSink } from '@verdikt/core/ports/sink.ts';
import type { SinkOptions } from './sink.ts';
import { initAnswer, produceAnswer, settle, type FakeLink } from '@verdikt/test/support/kafka/fake-link.ts';
import {
  createIdentifiedSink,
  down,
  INIT,
  PRODUCE,
  type ProduceSeen,
  type SinkHarness,
} from '@verdikt/test/support/kafka/sink-harness.ts';
import type { ManualClock } from '@verdikt/testing/manual-clock.ts';

let link: FakeLink;
let sink: RecordSink;
let clock: ManualClock;
let h: SinkHarness;

const use = (harness: SinkHarness): void => {
  h = harness;
  ({ link, sink, clock } = harness);
};
const identified = async (leaders: number[], more: Partial<SinkOptions> = {}): Promise<void> =>
  use(await createIdentifiedSink(leaders, more));
afterEach(() => h.end());

const add = (partition: number, ...values: string[]): Promise<AppendResult[]> => h.add(partition, ...values);
const produced = (): Promise<ProduceSeen> => h.produced();
const ok = (...offsets: number[]): AppendResult[] => offsets.map((offset) => ({ ok: true, offset }));
const not = (code: string): unknown => [{ ok: false, code }];

describe('sink, when brokers fail', () => {
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

  test('a request without an answer is left as it is: the socket may still read it', async () => {
    await identified([1]);
    const a = add(0, 'a');
    const lost = await produced();
    lost.fail(down);
    await settle();
    clock.advance(20);
    (await produced()).answer(produceAnswer([[0, 0, 40]]));
    expect(await a).toEqual(ok(40));
    const b = add(0, 'b');
    (await produced()).answer(produceAnswer([[0, 0, 41]]));
    expect(await b).toEqual(ok(41));
    expect(lost.written.equals(lost.body)).toBe(true);
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

  test.each([3, 6])(
    'leadership that moves after the append (%i) leaves it in doubt: another sequence number then settles nothing',
    async (code) => {
      await identified([1]);
      const a = add(0, 'a');
      const first = await produced();
      first.answer(produceAnswer([[0, code, -1]]));
      await settle();
      clock.advance(20);
      const again = await produced();
      expect(again.parts[0].bytes).toEqual(first.parts[0].bytes);
      again.answer(produceAnswer([[0, 45, -1]]));
      expect(await a).toEqual(not('APPEND_UNCONFIRMED'));
      clock.advance(20);
      await settle();
      for (const s of link.waiting) expect(s.apiKey).not.toBe(PRODUCE);
    },
  );

  test('never appended: refused as such once the time is over', async () => {
    await identified([1], { deliveryMs: 300 });
    const a = add(0, 'a');
    const b = add(0, 'b');
    (await produced()).answer(produceAnswer([[0, 19, -1]]));
    link.broken = down;
    await settle();
    for (let i = 0; i < 4; i++) {
      clock.advance(100);
      for (const s of link.waiting.splice(0))
        s.answer(s.apiKey === PRODUCE ? produceAnswer([[0, 19, -1]]) : initAnswer(72));
      await settle();
    }
    expect(await Promise.all([a, b])).toEqual([not('BROKER_UNAVAILABLE'), not('BROKER_UNAVAILABLE')]);
    expect(sink.healthy()).toBe(false);
  });

  test('a lost sequence on the first try: the records go out again under a fresh producer id, in order', async () => {
    await identified([1]);
    const a = add(0, 'a');
    const first = await produced();
    const b = add(0, 'b');
    first.answer(produceAnswer([[0, 59, -1]]));
    await settle();
    expect(link.waiting).toEqual([]);
    clock.advance(20);
    (await link.next(INIT)).answer(initAnswer(71));
    const r = await produced();
    expect(r.parts).toMatchObject([{ producer: 71, sequence: 0, values: ['a', 'b'] }]);
    r.answer(produceAnswer([[0, 0, 0]]));
    expect([await a, await b]).toEqual([ok(0), ok(1)]);
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
});
