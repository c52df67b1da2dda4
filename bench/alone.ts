// The processor without Kafka: from the bytes of fetched batches to the bytes of produce requests, in this process and on one thread.
import { silentLog } from '@verdikt/core/ports/log.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import { BytePool } from '@verdikt/core/record/byte-pool.ts';
import type { OutRecords } from '@verdikt/core/record/record.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { createChain } from '@verdikt/processor/checks/chain.ts';
import { loadProcessorConfig } from '@verdikt/processor/config.ts';
import { DEFAULT_MEMORY_LIMIT_MIB, idleAnswerBytes, memoryPlan } from '@verdikt/processor/memory.ts';
import { createProcessor } from '@verdikt/processor/service.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import { createVerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { soleMember } from '@verdikt/test/support/sole-member.ts';
import { AnswerBytes } from '../kafka/consume/answer-bytes.ts';
import { createReadAhead, type ReadAhead } from '../kafka/consume/read-ahead.ts';
import { writeBatch } from '../kafka/wire/batch-writer.ts';
import { ByteWriter, createWriterPool, type WriterPool } from '../kafka/wire/byte-writer.ts';
import { beginProduce } from '../kafka/wire/produce.ts';
import { wordSubmittedType } from '../schemas/avro.ts';
import { SCHEMA_ID, Words, type Shape } from './words.ts';

/** As an edge under load writes them, and as much as one fetch brings of a task. */
const BATCH_RECORDS = 450;
const BATCHES = 8;
/** Of all topics. */
const TOPIC_ID = 'oOJLwVbqSBKGbCTi1bcjKA';
const PLAIN_WRITER = { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false };

/** What a fetch brings of one partition; its offsets are put in where they are handed out. */
const fetchOf = (words: Words, partition: number): Buffer => {
  const records = [];
  for (let i = 0; records.length < BATCHES * BATCH_RECORDS; i++)
    if (words.partitionOf(i) === partition) records.push(words.recordOf(i, Date.now()));
  const w = new ByteWriter(1 << 20);
  for (let at = 0; at < records.length; at += BATCH_RECORDS)
    writeBatch(w, records, at, at + BATCH_RECORDS, PLAIN_WRITER, Date.now());
  return Buffer.from(w.written());
};

/** The same batches again and again, in answers that the pool lends. Offsets are not part of their checksum. */
const endlessSource = (words: Words, pool: BytePool): RecordSource => {
  const fetches = Array.from({ length: words.shape.partitions }, (_, p) => fetchOf(words, p));
  const open = new Map<number, ReadAhead>();
  const held = { bytes: 0 };
  const refill = (task: number, ahead: ReadAhead): void => {
    const answer = pool.take(fetches[task].length).subarray(0, fetches[task].length);
    answer.set(fetches[task]);
    let offset = BigInt(ahead.position());
    for (let at = 0; at < answer.length; at += 12 + answer.readInt32BE(at + 8)) {
      answer.writeBigInt64BE(offset, at);
      offset += BigInt(BATCH_RECORDS);
    }
    const bytes = new AnswerBytes(answer, pool, held);
    ahead.add(answer, [], bytes);
    bytes.release();
  };
  return {
    open: (task, nextOffset, onReady) => {
      open.set(task, createReadAhead(Number(nextOffset), onReady));
      onReady();
    },
    poll: (task, maxRecords, maxBytes) => {
      const ahead = open.get(task);
      // Nothing may come of what is left of a batch, and nobody asks again before there is more.
      const slice = ahead?.poll(maxRecords, maxBytes);
      if (slice !== undefined || ahead === undefined) return slice;
      refill(task, ahead);
      return ahead.poll(maxRecords, maxBytes);
    },
    lag: () => BATCH_RECORDS,
    readable: () => true,
    close: (task) => void open.delete(task),
    stop: () => Promise.resolve(),
  };
};

const EMPTY_SOURCE: RecordSource = {
  ...{ open: () => undefined, poll: () => undefined, lag: () => 0, readable: () => false },
  ...{ close: () => undefined, stop: () => Promise.resolve() },
};

/** Where outputs end, by topic and partition. */
class Ends {
  readonly #ends = new Map<string, number>();
  of(topic: string, partition: number): number {
    return this.#ends.get(`${topic}-${partition}`) ?? 0;
  }
  move(topic: string, partition: number, end: number): void {
    this.#ends.set(`${topic}-${partition}`, end);
  }
}

/** Logs whose records nobody has to read: the processor starts with none. */
const logsOf = (ends: Ends, partitions: number): LogReader => ({
  describe: (topics) => Promise.resolve(topics.map(() => ({ id: TOPIC_ID, partitions }))),
  bounds: (topic, partition) => Promise.resolve({ start: 0, end: ends.of(topic, partition) }),
  offsetAt: () => Promise.resolve(0),
  scan: () => Promise.resolve(),
  fetch: () => Promise.resolve([]),
});

const MAX_BATCH_BYTES = 1_000_000;

/** Makes the requests of an output as they would be sent. */
const encode = (writers: WriterPool, topic: string, task: number, records: OutRecords): void => {
  const meta = { producerId: 1n, producerEpoch: 0, baseSequence: 0, transactional: true };
  for (let at = 0; at < records.length;) {
    const writer = writers.take();
    const body = beginProduce(writer, { transactionalId: `task-${task}`, timeoutMs: 10_000 });
    body.topic(topic);
    at += body.partition(task, records, at, records.length, meta, systemClock.now(), MAX_BATCH_BYTES);
    body.end();
    writers.give(writer);
  }
};

/** All that is to be written is taken at once, with an end behind each transaction. */
const takenAtOnce = (ends: Ends, committed: (records: number) => void): TaskTransactions => ({
  fence: (task) => {
    const writers = createWriterPool();
    return Promise.resolve({
      committed: () => Promise.resolve(null),
      metadata: () => Promise.resolve({ kind: 'foreign' as const }),
      commit: async ({ outputs, touched = [] }, inspect) => {
        const offsets = outputs.map(({ topic, records }) => {
          encode(writers, topic, task, records);
          const end = ends.of(topic, task);
          ends.move(topic, task, end + records.length + 1);
          return Array.from({ length: records.length }, (_, i) => end + i);
        });
        for (const topic of touched) ends.move(topic, task, ends.of(topic, task) + 1);
        const written = { offsets, appendTime: systemClock.now() };
        await inspect?.(written);
        committed(outputs[0]?.records.length ?? 0);
        return written;
      },
      ...{ verify: () => Promise.resolve(), close: () => Promise.resolve() },
    });
  },
});

/** Records per second that a processor with its defaults gets through, after as long a time that does not count. They come once. */
export const processorAlone = async (
  shape: Shape,
  seconds: number,
  more: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const { partitions } = shape;
  const words = new Words(shape, TOPIC_ID);
  const env = {
    ...{ KAFKA_BROKERS: '127.0.0.1:1', SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1' },
    VERDIKT_PARTITIONS: String(partitions),
    ...more,
  };
  const config = loadProcessorConfig(env, () => '');
  const topics = systemTopics(config);
  const found = Promise.resolve({ kind: 'found' as const, type: wordSubmittedType });
  const reader = createSubmissionCodec(
    { byId: () => found, idOf: () => Promise.resolve(SCHEMA_ID) },
    { clock: systemClock, wordsTopic: topics.words },
  );
  let done = 0;
  const ends = new Ends();
  const processor = createProcessor({
    ...{ config, topics, memory: memoryPlan(DEFAULT_MEMORY_LIMIT_MIB, partitions), log: silentLog, reader },
    ports: {
      membership: soleMember([...Array(partitions).keys()]),
      transactions: takenAtOnce(ends, (records) => (done += records)),
      source: endlessSource(words, new BytePool(idleAnswerBytes(config.fetchMaxBytes))),
      ...{
        control: EMPTY_SOURCE,
        logs: logsOf(ends, partitions),
        trimmer: { trim: () => Promise.resolve() },
      },
    },
    partitionsOf: (names) => Promise.resolve(names.map(() => partitions)),
    assertSupported: () => Promise.resolve(),
    encoder: async () => {
      await reader.warm();
      return createVerdictEncoder({ format: 'json' });
    },
    chain: await createChain(config.chain, {
      readFile: () => '',
      clock: systemClock,
      log: silentLog,
      proxies: config,
    }),
    events: {
      ...{ committed: () => undefined, restored: () => undefined, rebalanced: () => undefined },
      failed: (task, error) => {
        throw new Error(`task ${task} failed`, { cause: error });
      },
    },
  });
  await processor.start();
  const pass = async (): Promise<number> => {
    const [begun, before] = [performance.now(), done];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    return (done - before) / ((performance.now() - begun) / 1_000);
  };
  await pass();
  const rate = await pass();
  await processor.stop();
  return rate;
};
