import { isServiceError } from '@verdikt/core/errors.ts';
import type { ProducersSubject, RawProducer } from './contracts/producers-subject.ts';
import { answerOf, type KafkaAnswer } from './kafka-answer.ts';
import type { ManualClock } from '@verdikt/testing/manual-clock.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { Writer } from './partition-log.ts';
import { outRecord } from '../support/records.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Requests to a broker in memory, one by one. */
export const memoryProducers = (
  broker: MemoryBroker,
  clock: ManualClock,
  topic: string,
): Omit<ProducersSubject, 'close'> => {
  const { transactions } = broker;
  const answer = async (id: string, request: () => boolean): Promise<KafkaAnswer> => {
    try {
      await transactions.taken(id, request);
      return 'ok';
    } catch (e) {
      return kafkaAnswer(e);
    }
  };
  const kafkaAnswer = (e: unknown): KafkaAnswer => {
    if (!isServiceError(e) || typeof e.details.kafka !== 'number') throw e;
    return answerOf(e.details.kafka);
  };
  const named = (p: RawProducer): string => p.id ?? '';
  const writer = ({ producerId, epoch }: RawProducer): Writer => ({ producerId: Number(producerId), epoch });
  const raw = (id: string | null, { producerId, epoch }: Writer): RawProducer => ({
    ...{ id, epoch },
    producerId: BigInt(producerId),
  });

  return {
    init: async (id, timeoutMs = 60_000) => {
      if (id === null) return raw(id, transactions.initIdempotent());
      return raw(id, await transactions.taken(id, () => transactions.init(id, timeoutMs)));
    },
    join: (p, partition) =>
      answer(named(p), () => transactions.begin(named(p), writer(p), [broker.log(topic, partition)])),
    end: (p, commit) => answer(named(p), () => transactions.end(named(p), writer(p), commit)),
    append: (p, partition, sequence, values) => {
      const records = values.map((value) => outRecord({ value }));
      try {
        const offset =
          p.id === null
            ? broker.appendAs(writer(p), topic, partition, sequence, records)
            : broker.produce(p.id, writer(p), topic, partition, sequence, records)[0];
        return Promise.resolve({ answer: 'ok', offset });
      } catch (e) {
        return Promise.resolve({ answer: kafkaAnswer(e), offset: -1 });
      }
    },
    fetch: (partition, from, committed) => {
      const log = broker.log(topic, partition);
      const end = committed ? log.stable : log.end;
      const entries = log
        .entries()
        .filter((e) => e.offset >= from && e.offset < end)
        .map(({ offset, producerId, kind, record }) => ({
          ...{ offset, producerId: BigInt(producerId) },
          kind:
            kind === 'record' ? kind : kind === 'commit-marker' ? ('commit' as const) : ('abort' as const),
          value: record?.value?.toString('utf8') ?? null,
        }));
      const aborted = committed ? log.abortedIn(from, end) : [];
      return Promise.resolve({
        entries,
        aborted: aborted.map(({ producerId, firstOffset }) => ({
          producerId: BigInt(producerId),
          firstOffset,
        })),
        end,
      });
    },
    read: (partition) =>
      Promise.resolve(
        broker
          .log(topic, partition)
          .visible()
          .map((r) => r.value?.toString('utf8') ?? null),
      ),
    pass: async (ms) => {
      clock.advance(ms);
      await settled();
    },
  };
};
