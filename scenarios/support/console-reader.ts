import { openKafkaTools } from '@verdikt/local/kafka-tools.ts';

/** One record as Kafka's own console consumer shows it. */
export interface SeenRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly value: string;
}

const FIELD = '\u0002';
const HEADER = '\u0001';

const parse = (line: string): SeenRecord => {
  const [partition, offset, headers, key, ...value] = line.split(FIELD);
  const pairs = headers.split(HEADER).map((h): [string, string] => {
    const colon = h.indexOf(':');
    return [h.slice(0, colon), h.slice(colon + 1)];
  });
  return {
    partition: Number(partition.slice('Partition:'.length)),
    offset: Number(offset.slice('Offset:'.length)),
    key,
    headers: new Map(pairs),
    value: value.join(FIELD),
  };
};

/**
 * Reads a topic from its start with Kafka's own console consumer at read_committed: a client that shares no code with ours.
 * Ends when nothing new has come for `quietMs`.
 */
export async function* readTopic(brokers: string, topic: string, quietMs: number): AsyncGenerator<SeenRecord> {
  const tools = await openKafkaTools();
  const show = ['print.partition', 'print.offset', 'print.headers', 'print.key'].map((p) => `${p}=true`);
  const properties = [...show, `key.separator=${FIELD}`, `headers.separator=${HEADER}`];
  const lines = tools.lines('console-consumer', [
    ...['--bootstrap-server', brokers, '--topic', topic, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', String(quietMs)],
    ...properties.flatMap((p) => ['--formatter-property', p]),
  ]);
  for await (const line of lines) if (line.includes(FIELD)) yield parse(line);
}

/** Number of records from start to end of a topic, control records included, as Kafka's get-offsets tool counts them. */
export const endOffsets = async (brokers: string, topic: string): Promise<number> => {
  const tools = await openKafkaTools();
  const text = await tools.run('get-offsets', ['--bootstrap-server', brokers, '--topic', topic, '--time', 'latest']);
  return text
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.split(':')[2] ?? 0), 0);
};
