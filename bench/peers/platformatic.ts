// The loop that people write with @platformatic/kafka: `platformatic.ts TASK`. One transaction for what the stream holds.
import { readFileSync } from 'node:fs';
import {
  Consumer,
  FetchIsolationLevels,
  MessagesStreamModes,
  Producer,
  type Message,
} from '@platformatic/kafka';
import type { WorkerTask } from '../kafka-cell.ts';
import { judge } from './judge.ts';

type Read = Message<Buffer, Buffer, Buffer, Buffer>;

const MOST_RECORDS = 10_000;
const task = JSON.parse(process.argv[2]) as WorkerTask;
const common = {
  ...{ clientId: task.group, bootstrapBrokers: [...task.brokers] },
  ...(task.tlsCaFile === undefined ? {} : { tls: { ca: readFileSync(task.tlsCaFile) } }),
};
const bytes = (data?: Buffer): Buffer | undefined => data;
const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
  ...common,
  groupId: task.group,
  autocommit: false,
  highWaterMark: MOST_RECORDS,
  isolationLevel: FetchIsolationLevels.READ_COMMITTED,
});
const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
  ...common,
  idempotent: true,
  transactionalId: task.group,
  // None yet. Its default, 0, is the id of some other producer, which the broker fences.
  producerId: -1n,
  producerEpoch: -1,
  serializers: { key: bytes, value: bytes, headerKey: bytes, headerValue: bytes },
});
const ID = Buffer.from('id').toString('latin1');

const idOf = ({ headers }: Read): string => {
  for (const [key, value] of headers) if (key.toString('latin1') === ID) return value.toString('latin1');
  return 'undefined';
};

const write = async (records: readonly Read[]): Promise<void> => {
  const transaction = await producer.beginTransaction();
  await transaction.addConsumer(consumer);
  const messages = records.map((r) => ({
    topic: task.results,
    partition: r.partition,
    key: r.key,
    headers: r.headers,
    value: Buffer.from(judge(r.value, idOf(r), Number(r.offset))),
  }));
  await transaction.send({ messages, acks: -1 });
  const last = new Map(records.map((r) => [r.partition, r]));
  for (const record of last.values()) await transaction.addOffset(record);
  await transaction.commit();
};

const stream = await consumer.consume({
  topics: [task.words],
  mode: MessagesStreamModes.COMMITTED,
  fallbackMode: 'earliest',
  maxBytes: 10_485_760,
});
let ending = false;
process.once('SIGTERM', () => (ending = true));
let records: Read[] = [];
for await (const record of stream) {
  records.push(record as Read);
  if (records.length < MOST_RECORDS && stream.readableLength > 0) continue;
  await write(records);
  records = [];
  if (ending) break;
}
await consumer.close(true);
await producer.close();
process.exit(0);
