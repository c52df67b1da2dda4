// The loops that people write with kafkajs by hand: `kafkajs.ts record|batch TASK`. One transaction per record, or per batch.
import { readFileSync } from 'node:fs';
import { Kafka, logLevel, type KafkaMessage, type Message, type Producer } from 'kafkajs';
import type { WorkerTask } from '../kafka-cell.ts';
import { judge } from './judge.ts';

const [mode, json] = process.argv.slice(2);
const task = JSON.parse(json) as WorkerTask;
// A transaction that follows another at once is told to wait some milliseconds; by default kafkajs would wait 300.
const retry = { initialRetryTime: 5, factor: 0.2, multiplier: 1.5, retries: 30 };
const kafka = new Kafka({
  ...{ clientId: task.group, brokers: [...task.brokers], logLevel: logLevel.NOTHING },
  ...(task.tlsCaFile === undefined ? {} : { ssl: { ca: readFileSync(task.tlsCaFile) } }),
});
const consumer = kafka.consumer({ groupId: task.group, readUncommitted: false });
const producer = kafka.producer({
  transactionalId: task.group,
  idempotent: true,
  maxInFlightRequests: 1,
  retry,
});

const verdict = (partition: number, { key, value, headers, offset }: KafkaMessage): Message => ({
  key,
  partition,
  headers: headers ?? {},
  value: judge(value ?? Buffer.alloc(0), String(headers?.id), Number(offset)),
});

const write = async (p: Producer, partition: number, records: readonly KafkaMessage[]): Promise<void> => {
  const transaction = await p.transaction();
  try {
    await transaction.sendBatch({
      topicMessages: [{ topic: task.results, messages: records.map((r) => verdict(partition, r)) }],
    });
    const offset = String(BigInt(records[records.length - 1].offset) + 1n);
    await transaction.sendOffsets({
      consumerGroupId: task.group,
      topics: [{ topic: task.words, partitions: [{ partition, offset }] }],
    });
    await transaction.commit();
  } catch (e) {
    await transaction.abort();
    throw e;
  }
};

consumer.on('consumer.crash', ({ payload }) => {
  console.error(payload.error);
  process.exit(1);
});
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [task.words], fromBeginning: true });
if (mode === 'record')
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => write(producer, partition, [message]),
  });
else
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
      if (!isRunning() || isStale() || batch.messages.length === 0) return;
      await write(producer, batch.partition, batch.messages);
      resolveOffset(batch.lastOffset());
      await heartbeat();
    },
  });

process.once('SIGTERM', () => {
  void consumer
    .disconnect()
    .then(() => producer.disconnect())
    .then(() => process.exit(0));
});
