import { setTimeout as pause } from 'node:timers/promises';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { fromCode, kafkaCode } from '../../../kafka/client/classify.ts';
import type { Exchange, Link } from '../../../kafka/client/link.ts';
import {
  addPartitions,
  endTransaction,
  initProducerId,
  type Producer,
} from '../../../kafka/transaction/transaction-requests.ts';
import type { BatchMeta } from '../../../kafka/wire/batch-writer.ts';
import { ByteWriter } from '../../../kafka/wire/byte-writer.ts';
import { beginProduce, produceResponse } from '../../../kafka/wire/produce.ts';
import { out } from './batches.ts';

interface TestTransaction {
  /** Returns the offset of the first record. */
  write(partition: number, records: readonly (OutRecord | string)[]): Promise<number>;
  end(commit: boolean): Promise<void>;
}

export interface TestWriter {
  /** Without idempotence. Returns the offset of the first record. */
  write(partition: number, records: readonly (OutRecord | string)[]): Promise<number>;
  /** One open transaction per id at a time. */
  begin(transactionalId: string): Promise<TestTransaction>;
}

const PLAIN = { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false };
const RETRIES = 100;
const NOT_READY = new Set([3, 5, 6, 14, 15, 16, 51]);

/** Writes to one topic in tests, just as told: plainly, or in transactions that overlap and abort. */
export const createTestWriter = (link: Link, topic: string): TestWriter => {
  const produce = async (
    partition: number,
    records: readonly (OutRecord | string)[],
    meta: BatchMeta,
    id: string | null,
  ): Promise<number> => {
    const body = beginProduce(new ByteWriter(), { transactionalId: id, timeoutMs: 10_000 });
    body.topic(topic);
    const all = records.map((r) => (typeof r === 'string' ? out(r, { timestamp: Date.now() }) : r));
    body.partition(partition, all, 0, all.length, meta, Date.now());
    const request = body.end();
    return untilReady(async () => {
      const [answer] = await link.send((await link.leader(topic, partition)).node, request, produceResponse);
      if (answer.error !== 0) throw fromCode(answer.error, 'the test cannot write');
      return answer.baseOffset;
    });
  };
  /** A fresh topic has no leader yet, a coordinator completes the transaction before: neither has acted on the request. */
  const untilReady = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let i = 0; ; i++) {
      try {
        return await work();
      } catch (e) {
        if (i === RETRIES || !NOT_READY.has(kafkaCode(e) ?? 0)) throw e;
        await pause(20);
      }
    }
  };
  return {
    write: (partition, records) => produce(partition, records, PLAIN, null),
    begin: async (transactionalId) => {
      const ask = async <T>({ request, response }: Exchange<T>): Promise<T> =>
        link.send(await link.coordinator('transaction', transactionalId), request, response);
      const { producerId, producerEpoch } = await untilReady(() =>
        ask<{ producerId: string; producerEpoch: number }>(initProducerId(transactionalId, 60_000)),
      );
      const producer: Producer = { transactionalId, producerId: BigInt(producerId), producerEpoch };
      const sequences = new Map<number, number>();
      return {
        write: async (partition, records) => {
          const baseSequence = sequences.get(partition) ?? 0;
          if (baseSequence === 0)
            await untilReady(() => ask<void>(addPartitions(producer, [topic], partition)));
          sequences.set(partition, baseSequence + records.length);
          const meta = { producerId: producer.producerId, producerEpoch, baseSequence, transactional: true };
          return produce(partition, records, meta, transactionalId);
        },
        end: async (commit) => {
          await ask<unknown>(endTransaction(producer, commit));
        },
      };
    },
  };
};
