// kafkajs's own record codec, for comparison alone: tests check ours against it, the benchmark measures both.
import { createRequire } from 'node:module';
import type { OutRecord } from '@verdikt/core/record/record.ts';

const require = createRequire(import.meta.url);
const load = <T>(path: string): T => require(path) as T;

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers: Readonly<Record<string, Buffer | string | null>>;
  readonly timestamp?: number | undefined;
  readonly partition: number;
}
interface KafkajsRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
}
type Definition = {
  protocol(of: {
    version: number;
  }): (params: object) => { request: { encode(): Promise<{ buffer: Buffer }> } };
};

const produce = load<Definition>('kafkajs/src/protocol/requests/produce').protocol({ version: 7 });
const Decoder = load<new (b: Buffer) => object>('kafkajs/src/protocol/decoder');
const decodeMessages = load<(d: object) => Promise<KafkajsRecord[]>>(
  'kafkajs/src/protocol/requests/fetch/v4/decodeMessages',
);

export const kafkajsMessages = (records: readonly OutRecord[]): Message[] =>
  records.map((r) => ({
    key: r.key,
    value: r.value,
    headers: Object.fromEntries(r.headers),
    timestamp: r.timestamp,
    partition: 0,
  }));

/** The body of a Produce request with one batch, as kafkajs's producer makes it. */
export const kafkajsEncode = async (topic: string, messages: readonly Message[]): Promise<Buffer> => {
  const { request } = produce({
    acks: -1,
    timeout: 10_000,
    transactionalId: null,
    producerId: 7,
    producerEpoch: 1,
    topicData: [{ topic, partitions: [{ partition: 0, firstSequence: 5, messages }] }],
  });
  return (await request.encode()).buffer;
};

/** The records of a record set, as kafkajs's consumer decodes them. */
export const kafkajsDecode = (recordSet: Buffer): Promise<KafkajsRecord[]> => {
  const sized = Buffer.alloc(4 + recordSet.length);
  sized.writeInt32BE(recordSet.length, 0);
  recordSet.copy(sized, 4);
  return decodeMessages(new Decoder(sized));
};
