import { describe, expect, test } from '@jest/globals';
import { codeOf, pending } from './contracts/subject.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from './memory-broker.ts';
import { memoryTransactions } from './memory-transactions.ts';
import type { Writer } from './partition-log.ts';
import { outRecord } from '../support/records.ts';

const setup = (markers?: (write: () => void) => void) => {
  const clock = manualClock();
  const broker = new MemoryBroker({ clock, ...(markers === undefined ? {} : { markers }) });
  broker.createTopic('words', { partitions: 2 });
  broker.createTopic('results', { partitions: 2, logAppendTime: true, maxRecordBytes: 10 });
  return { clock, broker, t: broker.transactions, log: broker.log('results', 0) };
};
const init = (broker: MemoryBroker, id: string, timeoutMs = 1000): Writer => {
  const writer = broker.transactions.init(id, timeoutMs);
  if (writer === undefined) throw new Error('busy');
  return writer;
};
const record = outRecord({ key: 'k', value: 'v' });

describe('a log', () => {
  test('markers take offsets; an open transaction holds the last stable offset back', () => {
    const { broker, t, log } = setup();
    const [a, b] = [init(broker, 'a'), init(broker, 'b')];
    t.begin('a', a, [log]);
    t.begin('b', b, [log]);
    expect(broker.produce('a', a, 'results', 0, 0, [record])).toEqual([0]);
    expect(broker.produce('b', b, 'results', 0, 0, [record, record])).toEqual([1, 2]);
    expect([log.stable, log.end, log.visible().length]).toEqual([0, 3, 0]);
    t.end('a', a, false);
    expect([log.stable, log.end]).toEqual([1, 4]);
    t.end('b', b, true);
    expect([log.stable, log.end]).toEqual([5, 5]);
    expect(log.entries().map((e) => `${e.offset} ${e.kind} ${log.state(e)}`)).toEqual([
      '0 record aborted',
      '1 record committed',
      '2 record committed',
      '3 abort-marker aborted',
      '4 commit-marker committed',
    ]);
    expect(log.visible().map((r) => r.offset)).toEqual([1, 2]);
  });

  test('stamps records when appended where told so, else keeps their time', () => {
    const { clock, broker } = setup();
    const old = outRecord({ value: 'v', timestamp: 5 });
    broker.append('words', 0, old);
    broker.append('words', 0, record);
    broker.append('results', 0, old);
    const times = ['words', 'results'].flatMap((topic) =>
      broker
        .log(topic, 0)
        .visible()
        .map((r) => r.timestamp),
    );
    expect(times).toEqual([5, clock.now(), clock.now()]);
  });

  test('compaction leaves a hole; trimming moves the start and never back', () => {
    const { broker } = setup();
    for (let i = 0; i < 4; i++) broker.append('words', 0, record);
    const log = broker.log('words', 0);
    log.compact(1);
    expect([log.start, log.visible().map((r) => r.offset)]).toEqual([0, [0, 2, 3]]);
    log.trim(3);
    log.trim(2);
    expect([log.start, log.end, log.visible().map((r) => r.offset)]).toEqual([3, 4, [3]]);
  });

  test('refuses records that are too large and topics that are not there', () => {
    const { broker } = setup();
    expect(codeOf(() => broker.append('results', 0, outRecord({ value: 'x'.repeat(11) })))).toBe(
      'RECORD_TOO_LARGE',
    );
    expect(
      codeOf(() => broker.append('results', 0, outRecord({ value: 'x', headers: { abcde: '12345' } }))),
    ).toBe('RECORD_TOO_LARGE');
    expect(broker.append('results', 0, outRecord({ value: 'x'.repeat(10) }))).toBe(0);
    expect(codeOf(() => broker.log('nothing', 0))).toBe('TOPIC_INVALID');
    expect(codeOf(() => broker.log('words', 2))).toBe('TOPIC_INVALID');
  });
});

describe('transactions', () => {
  test('a newer epoch shuts out the older at every request', () => {
    const { broker, t, log } = setup();
    const old = init(broker, 'a');
    t.begin('a', old, [log]);
    init(broker, 'a');
    const move = { group: 'g', topic: 'words', partition: 0, nextOffset: 1n };
    expect(codeOf(() => t.begin('a', old, [log]))).toBe('PRODUCER_FENCED');
    expect(codeOf(() => broker.produce('a', old, 'results', 0, 0, [record]))).toBe('PRODUCER_FENCED');
    expect(codeOf(() => t.addOffset('a', old, move))).toBe('PRODUCER_FENCED');
    expect(codeOf(() => t.end('a', old, true))).toBe('PRODUCER_FENCED');
  });

  test('until the marker is there a log takes what a fenced writer sends, and the marker aborts it', () => {
    const late: (() => void)[] = [];
    const { broker, t, log } = setup((write) => late.push(write));
    const old = init(broker, 'a');
    t.begin('a', old, [log]);
    broker.produce('a', old, 'results', 0, 0, [record]);
    expect(t.init('a', 1000)).toBeUndefined();
    expect(broker.produce('a', old, 'results', 0, 1, [record])).toEqual([1]);
    late.shift()?.();
    expect([log.stable, log.visible().length]).toEqual([3, 0]);
    expect(codeOf(() => broker.produce('a', old, 'results', 0, 2, [record]))).toBe('PRODUCER_FENCED');
  });

  test('offsets are pending until the transaction commits, and gone when it aborts', () => {
    const { broker, t } = setup();
    const move = (nextOffset: bigint) => ({ group: 'g', topic: 'words', partition: 0, nextOffset });
    let w = init(broker, 'a');
    t.addOffset('a', w, move(3n));
    expect(broker.offset('g', 'words', 0)).toBeNull();
    t.end('a', w, true);
    expect(broker.offset('g', 'words', 0)).toBe(3n);
    t.addOffset('a', w, move(9n));
    w = init(broker, 'a');
    t.addOffset('a', w, move(4n));
    t.end('a', w, false);
    expect(broker.offset('g', 'words', 0)).toBe(3n);
  });

  test('one that is open too long is aborted and its writer shut out', () => {
    const { clock, broker, t, log } = setup();
    const w = init(broker, 'a', 500);
    t.begin('a', w, [log]);
    broker.produce('a', w, 'results', 0, 0, [record]);
    clock.advance(499);
    expect(log.stable).toBe(0);
    clock.advance(1);
    expect([log.stable, log.visible().length]).toEqual([2, 0]);
    expect(codeOf(() => t.end('a', w, true))).toBe('PRODUCER_FENCED');
    const next = init(broker, 'a', 500);
    t.begin('a', next, [log]);
    t.end('a', next, true);
    clock.advance(10_000);
    expect(t.epoch('a')).toBe(next.epoch);
  });

  test('until its markers are written nothing new begins, and a fence waits', async () => {
    const late: (() => void)[] = [];
    const { broker, t, log } = setup((write) => late.push(write));
    const ports = memoryTransactions(broker, { group: 'g', wordsTopic: 'words' });
    const owner = await ports.fence(0);
    await owner.commit({ outputs: [{ topic: 'results', records: [record] }], nextOffset: 1n });
    expect([t.state('g.0'), log.visible().length, broker.offset('g', 'words', 0)]).toEqual([
      'ending',
      0,
      null,
    ]);
    const fence = ports.fence(0);
    expect(await pending(fence)).toBe(true);
    late.shift()?.();
    expect(await (await fence).committed()).toBe(1n);
    expect([log.visible().length, late.length]).toEqual([1, 0]);
  });

  test('produce and end need an open transaction that knows the partition', () => {
    const { broker, t, log } = setup();
    const w = init(broker, 'a');
    expect(codeOf(() => broker.produce('a', w, 'results', 0, 0, [record]))).toBe('TRANSACTION_FAILED');
    expect(codeOf(() => t.end('a', w, true))).toBe('TRANSACTION_FAILED');
    t.begin('a', w, [log]);
    expect(codeOf(() => broker.produce('a', w, 'results', 1, 0, [record]))).toBe('TRANSACTION_FAILED');
  });
});
