import { openKafkaTools } from '@verdikt/local/kafka-tools.ts';

/** One record as Kafka's own console consumer shows it. */
export interface SeenRecord {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly value: string;
}

/** What has brought nothing new for so long brings no more, a process that begins and a group that deals out tasks included, ms. */
export const QUIET_MS = 120_000;
/** So long after the last one that is awaited, whatever came twice has been seen too, and slow readers have read it, ms. */
export const AFTER_ALL_MS = 8_000;

const FIELD = '\u0002';
const HEADER = '\u0001';
/** Values may hold line ends; only the first line of a record is looked at. */
const FIRST_LINE = new RegExp(`^(?:CreateTime|LogAppendTime|NoTimestampType):.*${FIELD}`);
const after = (text: string): string => text.slice(text.indexOf(':') + 1);

const parse = (line: string): SeenRecord => {
  const [timestamp, partition, offset, headers, key, ...value] = line.split(FIELD);
  const pairs = headers.split(HEADER).map((h): [string, string] => [h.slice(0, h.indexOf(':')), after(h)]);
  return {
    timestamp: Number(after(timestamp)),
    partition: Number(after(partition)),
    offset: Number(after(offset)),
    key,
    headers: new Map(pairs),
    value: value.join(FIELD),
  };
};

/** What to tell the console consumer: the whole topic at read_committed, until nothing new has come for `quietMs`. */
export const consumerArguments = (brokers: string, topic: string, quietMs: number): string[] => {
  const show = ['timestamp', 'partition', 'offset', 'headers', 'key'].map((p) => `print.${p}=true`);
  const properties = [...show, `key.separator=${FIELD}`, `headers.separator=${HEADER}`];
  return [
    ...['--bootstrap-server', brokers, '--topic', topic, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', String(quietMs)],
    ...properties.flatMap((p) => ['--formatter-property', p]),
  ];
};

/** The records in what it prints. */
export async function* recordsIn(lines: AsyncIterable<string>): AsyncGenerator<SeenRecord> {
  for await (const line of lines) if (FIRST_LINE.test(line)) yield parse(line);
}

/**
 * Reads a topic from its start with Kafka's own console consumer at read_committed: a client that shares no code with ours.
 * Ends when nothing new has come for `quietMs`, or when `signal` is aborted.
 */
export async function* readTopic(
  brokers: string,
  topic: string,
  quietMs: number,
  signal?: AbortSignal,
): AsyncGenerator<SeenRecord> {
  const tools = await openKafkaTools();
  yield* recordsIn(tools.lines('console-consumer', consumerArguments(brokers, topic, quietMs), signal));
}

/** All of a topic, as `readTopic` reads it: what is there some time after the first `n` have come. */
export const readMany = async (brokers: string, topic: string, n: number): Promise<SeenRecord[]> => {
  const out: SeenRecord[] = [];
  const enough = new AbortController();
  let end: NodeJS.Timeout | undefined;
  for await (const record of readTopic(brokers, topic, QUIET_MS, enough.signal)) {
    out.push(record);
    if (out.length < n) continue;
    clearTimeout(end);
    end = setTimeout(() => enough.abort(), AFTER_ALL_MS);
  }
  clearTimeout(end);
  return out;
};

/** All of a topic, as `readTopic` reads it. */
export const readWhole = async (brokers: string, topic: string, quietMs: number): Promise<SeenRecord[]> => {
  const out: SeenRecord[] = [];
  for await (const record of readTopic(brokers, topic, quietMs)) out.push(record);
  return out;
};
