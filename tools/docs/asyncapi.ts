import { wantedTopics } from '@verdikt/cli/topics/wanted.ts';
import { HEADER_DOCS } from '@verdikt/core/record/header-docs.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { VERSION } from '@verdikt/core/service/version.ts';
import { EVENT_TYPE } from '@verdikt/processor/cloud-events.ts';
import { loadSchemas } from '@verdikt/schemas/load.ts';
import type { RecordSchema } from '@verdikt/schemas/schema.ts';
import { jsonSchemaOf, verdictSchemaOf, type JsonSchema } from './json-schema.ts';

/** Records of one kind share headers. */
type Kind = 'words' | 'results' | 'retry' | 'dead letters' | 'control';

/** What the tables call the records that carry a header. */
const CARRIERS: Readonly<Record<string, readonly Kind[]>> = {
  all: ['words', 'results', 'retry', 'dead letters'],
  'if traced': [],
  words: ['words'],
  results: ['results'],
  retry: ['retry'],
  'dead letters': ['dead letters'],
  'parked entries': ['retry'],
  control: ['control'],
  'last record of each output in a transaction': ['results', 'retry', 'dead letters'],
  'beside `verdikt-next`': ['results', 'retry', 'dead letters'],
};

const carriersOf = (on: string): ReadonlySet<Kind> => {
  const kinds = on.split(', ').map((part) => {
    const found = CARRIERS[part];
    if (found === undefined) throw new Error(`which records carry what is on "${part}"?`);
    return found;
  });
  return new Set(kinds.flat());
};

const CLOUD_EVENT: Readonly<Record<string, JsonSchema>> = {
  ce_specversion: {
    type: 'string',
    const: '1.0',
    description: 'With `cloudEventsSource`, as all `ce_` headers.',
  },
  ce_id: { type: 'string', description: 'ID of the submission, and `.<redrive>` after a redrive.' },
  ce_source: { type: 'string', format: 'uri-reference', description: '`cloudEventsSource`.' },
  ce_type: { type: 'string', const: EVENT_TYPE },
  ce_time: { type: 'string', format: 'date-time', description: 'When the chain was done.' },
  'content-type': { type: 'string', description: '`application/json`, or `application/avro`.' },
};

/** On each verdict, whatever its record carried. */
const ON_EACH_VERDICT = [H.id, H.submittedAt, H.origin];

const headersOf = (kind: Kind): JsonSchema => ({
  type: 'object',
  properties: {
    ...Object.fromEntries(
      (Object.keys(H) as (keyof typeof H)[])
        .filter((name) => carriersOf(HEADER_DOCS[name].on).has(kind))
        .map((name) => [H[name], { type: 'string', description: HEADER_DOCS[name].meaning }]),
    ),
    ...(kind === 'results' ? CLOUD_EVENT : {}),
  },
  ...(kind === 'results' ? { required: ON_EACH_VERDICT } : {}),
});

const AVRO = 'application/vnd.apache.avro;version=1.9.0';
const BINDING = { bindingVersion: '0.5.0' };
const KEY = { key: { type: 'string', description: 'Determines partition and order.' } };
const FRAMED = { schemaIdLocation: 'payload', schemaIdPayloadEncoding: 'confluent' };

const named = (name: string): RecordSchema => {
  const found = loadSchemas().find((s) => s.name === name);
  if (found === undefined) throw new Error(`there is no schema ${name}`);
  return found;
};
const bytes = (description: string): JsonSchema => ({ description });

const message = (
  title: string,
  kind: Kind,
  contentType: string,
  payload: object,
  binding: object = {},
): object => ({
  ...{ name: title, title, contentType },
  headers: headersOf(kind),
  payload,
  bindings: { kafka: { ...KEY, ...binding, ...BINDING } },
});

const messages = (): Readonly<Record<string, object>> => ({
  WordSubmitted: message(
    'WordSubmitted',
    'words',
    'application/avro',
    { schemaFormat: AVRO, schema: named('WordSubmitted') },
    FRAMED,
  ),
  WordJudged: message('WordJudged', 'results', 'application/json', jsonSchemaOf(named('WordJudged'))),
  WordJudgedFull: message(
    'WordJudgedFull',
    'results',
    'application/json',
    verdictSchemaOf(named('WordJudged'), true),
  ),
  WordJudgedAvro: message(
    'WordJudgedAvro',
    'results',
    'application/avro',
    { schemaFormat: AVRO, schema: named('WordJudged') },
    FRAMED,
  ),
  RetryEntry: message(
    'RetryEntry',
    'retry',
    'application/octet-stream',
    bytes('The original bytes, or none for a record that lists what is done.'),
  ),
  DeadLetter: message('DeadLetter', 'dead letters', 'application/octet-stream', bytes('The original bytes.')),
  Command: message(
    'Command',
    'control',
    'application/octet-stream',
    bytes('Of the record that a command carries.'),
  ),
});

interface Channel {
  readonly id: string;
  readonly description: string;
  readonly messages: readonly string[];
  /** Of a processor. */
  readonly operations: readonly (readonly [id: string, action: 'send' | 'receive', summary: string])[];
}

const CHANNELS = (): Readonly<Record<string, Channel>> => ({
  words: {
    id: 'words',
    description: 'What an edge has accepted. Others may write it too.',
    messages: ['WordSubmitted'],
    operations: [['receiveWord', 'receive', 'Reads each word, in order per key.']],
  },
  results: {
    id: 'results',
    description:
      'Verdicts. Read it at `read_committed`: each accepted submission then ends here or in the dead letters, once. `WordJudged` by default, `WordJudgedFull` with `resultsFormat=json-full`, `WordJudgedAvro` with `resultsFormat=avro`.',
    messages: ['WordJudged', 'WordJudgedFull', 'WordJudgedAvro'],
    operations: [['sendVerdict', 'send', 'Writes each verdict, in order per key.']],
  },
  'words.dlq': {
    id: 'deadLetters',
    description: 'Submissions that are no longer retried. Read it at `read_committed`.',
    messages: ['DeadLetter'],
    operations: [['sendDeadLetter', 'send', 'Writes what was rejected or has no attempts left.']],
  },
  'words.retry.verdikt': {
    id: 'retry',
    description: 'Internal: what waits. Only its task writes it.',
    messages: ['RetryEntry'],
    operations: [
      ['sendRetry', 'send', 'Writes what waits, and what is done.'],
      ['receiveRetry', 'receive', 'Reads all of it when a task is taken.'],
    ],
  },
  'words.control.verdikt': {
    id: 'control',
    description: 'Internal: commands of operators and their answers. Use `verdikt dlq`.',
    messages: ['Command'],
    operations: [
      ['receiveCommand', 'receive', 'Carries out commands of operators.'],
      ['sendAnswer', 'send', 'Answers them.'],
    ],
  },
  'words.quarantine': {
    id: 'quarantine',
    description: 'Copies of dead letters that were redriven too often, written by `verdikt dlq`.',
    messages: ['DeadLetter'],
    operations: [],
  },
});

const channelEntries = () => {
  const channels = CHANNELS();
  return wantedTopics(topicNames('', 'verdikt')).map((topic) => {
    const channel = channels[topic.name] as Channel | undefined;
    if (channel === undefined) throw new Error(`no channel describes the topic ${topic.name}`);
    return { topic, channel };
  });
};

/** The topics, their records and headers as AsyncAPI 3, from the side of a processor. */
export const asyncApi = () => {
  const entries = channelEntries();
  const channels = entries.map(({ topic: { name, partitions, configs }, channel }) => [
    channel.id,
    {
      address: name,
      description: channel.description,
      messages: Object.fromEntries(
        channel.messages.map((m) => [m, { $ref: `#/components/messages/${m}` }] as const),
      ),
      bindings: {
        kafka: {
          ...{ topic: name, partitions, ...BINDING },
          topicConfiguration: {
            'cleanup.policy': [configs['cleanup.policy']],
            'retention.ms': Number(configs['retention.ms']),
            'max.message.bytes': Number(configs['max.message.bytes']),
          },
        },
      },
    },
  ]);
  const operations = entries.flatMap(({ channel }) =>
    channel.operations.map(([id, action, summary]) => [
      id,
      { action, summary, channel: { $ref: `#/channels/${channel.id}` } },
    ]),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      ...{ title: 'verdikt', version: VERSION },
      description:
        'Topics of a system with the default group and no prefix. Times in headers are milliseconds since 1970 in UTC, as text.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      kafka: {
        ...{ host: '{broker}', protocol: 'kafka', description: 'Apache Kafka 4. With TLS, `kafka-secure`.' },
        variables: { broker: { default: 'localhost:9092', description: 'Bootstrap broker as host:port.' } },
      },
    },
    channels: Object.fromEntries(channels) as Record<string, unknown>,
    operations: Object.fromEntries(operations) as Record<string, unknown>,
    components: { messages: messages() },
  };
};

const text = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** `docs/reference/asyncapi.json`. */
export const asyncApiText = (): string => text(asyncApi());

/** `docs/reference/word-judged.schema.json`: a verdict as JSON. */
export const verdictSchemaText = (): string =>
  text({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...verdictSchemaOf(named('WordJudged'), false),
  });
