import { describe, expect, test } from '@jest/globals';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { Link } from '../client/link.ts';
import { produceAll, type ProduceDeps } from './transaction-produce.ts';
import { createWriterPool } from '../wire/byte-writer.ts';
import type { Produced } from '../wire/produce.ts';

const records = (n: number): OutRecord[] =>
  Array.from({ length: n }, () => ({ key: null, value: 'v', headers: [] }));

/** A cluster whose answers are given; every topic is led by the broker of its name. */
const setUp = (answers: (nodeId: number) => Produced[], options: Partial<ProduceDeps> = {}) => {
  const sent: number[] = [];
  const link = {
    leader: (topic: string) =>
      Promise.resolve({ node: Number(topic.slice(1)), epoch: -1, topicId: undefined }),
    send: (nodeId: number) => {
      sent.push(nodeId);
      return Promise.resolve(answers(nodeId));
    },
  } as unknown as Link;
  const deps: ProduceDeps = {
    link,
    writers: createWriterPool(),
    producer: { transactionalId: 'x', producerId: 1n, producerEpoch: 0 },
    partition: 3,
    sequences: new Map(),
    limits: new Map(),
    maxBatchBytes: 1_000,
    compressions: new Map(),
    timeoutMs: 1_000,
    now: () => 0,
    ...options,
  };
  return { deps, sent };
};
const good = (topic: string, baseOffset = 5): Produced => ({
  ...{ topic, partition: 3, error: 0, baseOffset },
  appendTime: baseOffset * 100,
});
const outputs = [
  { topic: 't1', records: records(2) },
  { topic: 't2', records: records(1) },
];

describe('the answers of the leaders', () => {
  test('each topic once: the offset of every record', async () => {
    const { deps, sent } = setUp((node) => [good(`t${node}`, node * 10)]);
    expect(await produceAll(deps, outputs)).toEqual({ offsets: [[10, 11], [20]], appendTime: 2_000 });
    expect(sent.sort()).toEqual([1, 2]);
    expect([...deps.sequences]).toEqual(
      expect.arrayContaining([
        ['t1', 2],
        ['t2', 1],
      ]),
    );
  });

  const wrong: [string, (node: number) => Produced[]][] = [
    ['none', () => []],
    ['twice', (node) => [good(`t${node}`), good(`t${node}`)]],
    ['another topic', () => [good('t9')]],
    ['another partition', (node) => [{ ...good(`t${node}`), partition: 4 }]],
    ['no offset', (node) => [good(`t${node}`, -1)]],
  ];
  test.each(wrong)('%s: rejected', async (_, answers) => {
    await expect(produceAll(setUp(answers).deps, outputs)).rejects.toMatchObject({
      code: 'TRANSACTION_FAILED',
    });
  });

  test.each([
    [47, 'PRODUCER_FENCED'],
    [6, 'BROKER_UNAVAILABLE'],
    [29, 'ACCESS_DENIED'],
    [120, 'TRANSACTION_FAILED'],
  ])('code %i rejects with %s', async (error, code) => {
    const { deps } = setUp((node) => [{ ...good(`t${node}`), error, baseOffset: -1 }]);
    await expect(produceAll(deps, outputs)).rejects.toMatchObject({ code, details: { kafka: error } });
  });

  test('a batch too large halves the limit of its topic, a single record is named', async () => {
    const { deps } = setUp((node) => [{ ...good(`t${node}`), error: 10, baseOffset: -1 }]);
    await expect(produceAll(deps, [outputs[0]])).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
    expect([...deps.limits]).toEqual([['t1', 500]]);
    await expect(produceAll(deps, [outputs[1]])).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      details: { topic: 't2', output: 0, record: 0 },
    });
  });

  test('sequence numbers wrap after 2^31', async () => {
    const { deps } = setUp((node) => [good(`t${node}`)], { sequences: new Map([['t1', 2 ** 31 - 1]]) });
    await produceAll(deps, [outputs[0]]);
    expect(deps.sequences.get('t1')).toBe(1);
  });
});
