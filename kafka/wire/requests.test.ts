import { describe, expect, test } from '@jest/globals';
import { codec, Encoder, type EncoderLike } from '../client/compat.ts';
import { SENT, type ProtocolRequest, type ProtocolResponse } from './protocol.ts';
import {
  fetchAnswer,
  fetchByIdAnswer,
  initAnswer,
  listAnswer,
  produceAnswer,
} from '@verdikt/test/support/kafka/fake-link.ts';
import { fetchFrom, fetchRequest, fetchResponse } from './fetch.ts';
import { initProducerId } from './init-producer-id.ts';
import { listOffsetsRequest, listOffsetsResponse } from './list-offsets.ts';
import { produceResponse } from './produce.ts';

const bytes = async (request: ProtocolRequest): Promise<string> =>
  (await request.encode()).buffer.toString('hex');
const parse = async <T>(response: ProtocolResponse<T>, raw: Buffer): Promise<T> =>
  response.parse(await response.decode(raw));

describe('requests are those of kafkajs, byte for byte', () => {
  test('Fetch', async () => {
    const theirs = codec<object, unknown>(
      'fetch',
      SENT.Fetch.version,
    )({
      replicaId: -1,
      isolationLevel: 1,
      maxWaitTime: 250,
      minBytes: 1,
      maxBytes: 4_000_000,
      topics: [
        {
          topic: 'wörter',
          partitions: [
            { partition: 3, currentLeaderEpoch: 7, fetchOffset: '9007199254740991', maxBytes: 1_000 },
            { partition: 0, fetchOffset: 0, maxBytes: 2_000 },
          ],
        },
      ],
    });
    const positions = [
      { partition: 3, epoch: 7, offset: 9_007_199_254_740_991, maxBytes: 1_000 },
      { partition: 0, offset: 0, maxBytes: 2_000 },
    ];
    const options = {
      isolation: 'read_committed',
      maxWaitMs: 250,
      minBytes: 1,
      maxBytes: 4_000_000,
    } as const;
    const ours = fetchRequest('wörter', positions, options);
    expect(await bytes(ours)).toBe(await bytes(theirs.request));
    expect([ours.apiKey, ours.apiVersion]).toEqual([1, 11]);
  });

  test('ListOffsets, of a version later than theirs', async () => {
    const partition = (id: number, epoch: number): EncoderLike =>
      new Encoder().writeInt32(id).writeInt32(epoch);
    const theirs = new Encoder()
      .writeInt32(-1)
      .writeBoolean(false)
      .writeArray([
        new Encoder()
          .writeString('t')
          .writeArray([
            partition(5, -1).writeInt32(-1).writeInt32(-2),
            partition(6, 3).writeInt32(0).writeInt32(1_700_000_000),
          ]),
      ]);
    const questions = [
      { partition: 5, time: -2 },
      { partition: 6, epoch: 3, time: 1_700_000_000 },
    ];
    expect(await bytes(listOffsetsRequest('t', questions, 'read_uncommitted'))).toBe(
      theirs.buffer.toString('hex'),
    );
  });

  test('InitProducerId', async () => {
    const theirs = codec<object, unknown>(
      'initProducerId',
      SENT.InitProducerId.version,
    )({ transactionTimeout: 0 });
    expect(await bytes(initProducerId().request)).toBe(await bytes(theirs.request));
  });
});

describe('answers', () => {
  const fetchedParts = [
    { partition: 2, error: 6, highWatermark: 9, logStart: 1 },
    {
      partition: 0,
      highWatermark: 8_000_000_000,
      aborted: [{ producerId: 7n, firstOffset: 5_000_000_000 }],
      records: Buffer.from('abc'),
    },
  ];
  const fetched = fetchAnswer(fetchedParts);
  const produced = produceAnswer([
    [0, 0, 5_000_000_000],
    [1, 6, -1],
  ]);

  test('errors are values, per partition', async () => {
    expect((await parse(fetchResponse, fetched)).partitions).toMatchObject([
      { topic: 't', partition: 2, error: 6, highWatermark: 9, logStartOffset: 1, aborted: [] },
      {
        partition: 0,
        error: 0,
        highWatermark: 8_000_000_000,
        aborted: [{ producerId: 7n, firstOffset: 5_000_000_000 }],
      },
    ]);
    expect((await parse(fetchResponse, fetched)).partitions.map((p) => String(p.records))).toEqual([
      '',
      'abc',
    ]);
    expect(await parse(produceResponse, produced)).toEqual([
      { topic: 't', partition: 0, error: 0, baseOffset: 5_000_000_000, appendTime: -1 },
      { topic: 't', partition: 1, error: 6, baseOffset: -1, appendTime: -1 },
    ]);
    expect(await parse(listOffsetsResponse, listAnswer(3, -1, 3))).toEqual([
      { partition: 3, error: 3, offset: -1 },
    ]);
    expect(await parse(initProducerId().response, initAnswer(5_000_000_000, 2))).toEqual({
      error: 0,
      producerId: 5_000_000_000n,
      producerEpoch: 2,
    });
  });

  const { response: byId } = fetchFrom({ name: 't', id: Buffer.alloc(16, 1).toString('base64url') }, [], {
    isolation: 'read_committed',
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 0,
  })({ 1: { minVersion: 13, maxVersion: 13 } });
  const fetchedById = fetchByIdAnswer(fetchedParts);

  test('fetched by id or by name is the same', async () => {
    const { bytes: _, ...answer } = await parse(fetchResponse, fetched);
    expect(await parse(byId, fetchedById)).toMatchObject(answer);
  });

  test.each<[string, ProtocolResponse<unknown>, Buffer]>([
    ['Fetch', fetchResponse, fetched],
    ['Fetch by id', byId, fetchedById],
    ['Produce', produceResponse, produced],
    ['ListOffsets', listOffsetsResponse, listAnswer(0, 1)],
    ['InitProducerId', initProducerId().response, initAnswer(1)],
  ])('%s cut anywhere is BROKER_UNAVAILABLE', async (_name, response, raw) => {
    for (let n = 0; n < raw.length; n++)
      await expect((async () => parse(response, raw.subarray(0, n)))()).rejects.toMatchObject({
        code: 'BROKER_UNAVAILABLE',
      });
  });

  test('a count beyond the answer is refused before anything is made of it', async () => {
    const lie = Buffer.from(produced);
    lie.writeInt32BE(2_000_000_000, 0);
    await expect((async () => parse(produceResponse, lie))()).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
  });
});
