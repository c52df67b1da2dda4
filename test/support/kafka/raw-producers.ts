import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import type { ProducersSubject, RawEntry, RawProducer } from '../../engine/contracts/producers-subject.ts';
import { answerOf, type KafkaAnswer } from '../../engine/kafka-answer.ts';
import { COORDINATOR_MOVED } from '../../../kafka/client/at-coordinator.ts';
import { fromCode, kafkaCode } from '../../../kafka/client/classify.ts';
import type { Link } from '../../../kafka/client/link.ts';
import type { Exchange } from '../../../kafka/wire/protocol.ts';
import { retrying } from '../../../kafka/client/retry.ts';
import {
  addPartitions,
  endTransaction,
  initProducerId,
  type Producer,
} from '../../../kafka/transaction/transaction-requests.ts';
import { scanBatches } from '../../../kafka/wire/batch.ts';
import { readRecords } from '../../../kafka/wire/batch-reader.ts';
import { ByteWriter } from '../../../kafka/wire/byte-writer.ts';
import { fetchRequest, fetchResponse } from '../../../kafka/wire/fetch.ts';
import { initProducerId as initIdempotent } from '../../../kafka/wire/init-producer-id.ts';
import { LATEST, listOffsetsRequest, listOffsetsResponse } from '../../../kafka/wire/list-offsets.ts';
import { beginProduce, produceResponse } from '../../../kafka/wire/produce.ts';
import { out } from './batches.ts';
import { readAll } from './read-all.ts';

const WAIT_MS = 20;
/** The coordinator is not there yet, or an older transaction is not wholly over: it has not acted on the request. */
const NOT_NOW = new Set([...COORDINATOR_MOVED, 51]);
const WAITS = { fromMs: WAIT_MS, toMs: WAIT_MS, forMs: 60_000 };
/** The same of a partition: no leader yet, or the leader has not heard from the coordinator. */
const NOT_YET = new Set([3, 5, 6, 19, ...NOT_NOW]);

/** Requests to a real broker, one by one, on a topic with leaders. `prefix` stands before transactional ids. */
export const rawProducers = (link: Link, topic: string, prefix: string): Omit<ProducersSubject, 'close'> => {
  const patiently = <T>(work: () => Promise<T>): Promise<T> =>
    retrying(systemClock, WAITS, (e) => NOT_NOW.has(kafkaCode(e) ?? 0), work);
  const ask = <T>(id: string, { request, response }: Exchange<T>): Promise<T> =>
    patiently(async () => link.send(await link.coordinator('transaction', id), request, response));
  const answer = (id: string, exchange: Exchange<unknown>): Promise<KafkaAnswer> =>
    ask(id, exchange).then(
      () => 'ok' as const,
      (e: unknown) => {
        const code = kafkaCode(e);
        if (code === undefined) throw e;
        return answerOf(code);
      },
    );
  const producer = (p: RawProducer): Producer => ({
    transactionalId: prefix + p.id,
    producerId: p.producerId,
    producerEpoch: p.epoch,
  });
  const leader = async (partition: number): Promise<number> => (await link.leader(topic, partition)).node;

  return {
    init: async (id, timeoutMs = 60_000) => {
      if (id === null) {
        const { request, response } = initIdempotent();
        return patiently(async () => {
          const answered = await link.send(await leader(0), request, response);
          if (answered.error !== 0) throw fromCode(answered.error, 'no producer id');
          return { id, producerId: answered.producerId, epoch: answered.producerEpoch };
        });
      }
      const { producerId, producerEpoch } = await ask(prefix + id, initProducerId(prefix + id, timeoutMs));
      return { id, producerId: BigInt(producerId), epoch: producerEpoch };
    },
    join: (p, partition) => answer(prefix + p.id, addPartitions(producer(p), [topic], partition)),
    end: (p, commit) => answer(prefix + p.id, endTransaction(producer(p), commit)),
    append: async (p, partition, sequence, values) => {
      const { producerId, producerEpoch } = producer(p);
      const transactional = p.id !== null;
      const body = beginProduce(new ByteWriter(), {
        transactionalId: transactional ? prefix + p.id : null,
        timeoutMs: 10_000,
      });
      body.topic(topic);
      const records = values.map((v) => out(v, { timestamp: Date.now() }));
      const meta = { producerId, producerEpoch, baseSequence: sequence, transactional };
      body.partition(partition, records, 0, records.length, meta, Date.now());
      const request = body.end();
      for (;;) {
        const [{ error, baseOffset }] = await link.send(await leader(partition), request, produceResponse);
        if (!NOT_YET.has(error)) return { answer: answerOf(error), offset: baseOffset };
        await wait(WAIT_MS);
      }
    },
    fetch: async (partition, from, committed) => {
      const isolation = committed ? 'read_committed' : 'read_uncommitted';
      const node = await leader(partition);
      const asked = listOffsetsRequest(topic, [{ partition, time: LATEST }], isolation);
      const [{ offset: end }] = await link.send(node, asked, listOffsetsResponse);
      const positions = [{ partition, offset: from, maxBytes: 1_000_000 }];
      const limits = { isolation, maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000 } as const;
      const { partitions } = await link.send(node, fetchRequest(topic, positions, limits), fetchResponse);
      const entries = scanBatches(partitions[0].records).flatMap((b): RawEntry[] => {
        const { producerId, marker } = b;
        if (marker !== undefined) return [{ offset: b.baseOffset, producerId, kind: marker, value: null }];
        const records: Parameters<typeof readRecords>[2] = [];
        readRecords(b, from, records);
        return records.map((r) => ({
          ...{ offset: r.offset, producerId, kind: 'record' },
          value: r.value?.toString('utf8') ?? null,
        }));
      });
      return { entries, aborted: partitions[0].aborted, end };
    },
    read: async (partition) =>
      (await readAll(link, topic, partition)).map((r) => r.value?.toString('utf8') ?? null),
    pass: (ms) => wait(ms),
  };
};
