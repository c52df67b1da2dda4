import { table } from '@verdikt/core/service/markdown.ts';
import { wantedTopics } from '@verdikt/cli/topics/wanted.ts';
import { HEADER_DOCS } from '@verdikt/core/record/header-docs.ts';
import { H, MAX_HEADER_BYTES } from '@verdikt/core/record/headers.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { KEY_AND_TIMES } from './json-schema.ts';
import { loadSchemas } from '@verdikt/schemas/load.ts';
import type { AvroType, RecordSchema } from '@verdikt/schemas/schema.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';

const typeText = (t: AvroType): string => {
  if (typeof t === 'string') return t;
  if (isUnion(t)) return t.map(typeText).join(' or ');
  if (t.type === 'array') return `array of ${typeText(t.items)}`;
  return t.type === 'record' ? t.name : `${t.type} (${t.logicalType})`;
};
const isUnion = (t: AvroType): t is readonly AvroType[] => Array.isArray(t);

const nested = (t: AvroType): RecordSchema[] => {
  if (typeof t === 'string' || isUnion(t)) return [];
  if (t.type === 'array') return nested(t.items);
  return t.type === 'record' ? [t] : [];
};

export const schemaLines = (schema: RecordSchema): string[] => [
  `### ${schema.name}`,
  '',
  schema.doc,
  '',
  ...table(
    ['field', 'type', 'meaning'],
    schema.fields.map(({ name, type, doc }) => [`\`${name}\``, typeText(type), doc]),
  ),
  ...schema.fields.flatMap((f) => nested(f.type).flatMap(schemaLines)),
];

const EXAMPLE: WordJudged = {
  id: '01a2238a-2ba7-74ad-ac57-75f335bc650e',
  word: 'level',
  accepted: true,
  checks: [
    { check: 'palindrome', answer: true, detail: null },
    { check: 'http', answer: true, detail: 'rule 7' },
  ],
  attempts: 1,
  submittedAt: 1795892587431,
  judgedAt: 1795892587512,
  origin: 42,
};

const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  words: ['the key of the submission', '`WordSubmitted` in Avro, with the frame of the registry'],
  results: ['the same', '`WordJudged` as JSON, or as Avro with `VERDIKT_RESULTS_FORMAT=avro`'],
  'words.retry.verdikt': ['the same', 'the original bytes; the state is in the headers'],
  'words.dlq': ['the same', 'the original bytes; the reason is in the headers'],
  'words.control.verdikt': [
    'the key of the record in question',
    'commands, answers and audit records of operators',
  ],
  'words.quarantine': ['the same', 'copies of dead letters that were redriven too often'],
};

const DAY_MS = 86_400_000;

const topicRows = (): string[][] =>
  wantedTopics(topicNames('', 'verdikt')).map(({ name, configs }) => {
    const [key, value] = KINDS[name] ?? ['', ''];
    const ms = Number(configs['retention.ms']);
    const time = configs['message.timestamp.type'] ?? 'CreateTime';
    const kept = ms < 0 ? 'without limit; tasks delete what is done' : `${ms / DAY_MS} days`;
    const most = Number(configs['max.message.bytes']).toLocaleString('en-US');
    return [`\`${name}\``, key, value, kept, time, most];
  });

const schemaParts = (): string[] => [
  ...loadSchemas().flatMap(schemaLines),
  '### Schemas of other producers',
  '',
  'Words and verdicts that were written with another schema are read by "Schema resolution" of the Avro specification: names without their',
  'namespace, field aliases, defaults, promotions, and unions by the branch that was written. A time is converted to milliseconds from',
  '`timestamp-micros` and `timestamp-nanos`; a local timestamp is taken as UTC. A `date`, a time of day, or a `decimal` as the word, makes a dead',
  'letter, as does a schema that cannot be resolved. Namespaces `verdikt.v<n>` are the exception: another number is another schema.',
  '',
  'A verdict as it is in `results` by default:',
  '',
  '```json',
  JSON.stringify(EXAMPLE, null, 2),
  '```',
  '',
  'With `VERDIKT_RESULTS_FORMAT=json-full`, for readers that see only the value, or want times as text, it also has:',
  '',
  ...table(
    ['field', 'meaning'],
    Object.entries(KEY_AND_TIMES).map(([name, { description }]) => [`\`${name}\``, description]),
  ),
  'They are not part of the schema `WordJudged`: Avro has logical types for times, and the key of the record. Verdicts of both kinds may be in one',
  'topic. Records take the general path of the processor, which needs more CPU time than the short one.',
  '',
];

/** `docs/reference/records.md`. */
export const recordsText = (): string =>
  [
    '# Topics, schemas and headers',
    '',
    'Generated from `cli/topics/wanted.ts`, `schemas/verdikt/` and `core/record/header-docs.ts` by `npm run generate`. Do not edit.',
    '',
    'For programs: [AsyncAPI 3](asyncapi.json) describes all topics, records and headers; [JSON Schema](word-judged.schema.json) a verdict.',
    '',
    '## Topics',
    '',
    'Named here with the default group and no prefix. All have the same number of partitions, and the outputs of partition i go to',
    'partition i. The partition is that of the Java clients: murmur2 of the key, modulo the number of partitions.',
    '',
    ...table(['topic', 'key', 'value', 'kept', 'timestamps', '`max.message.bytes`'], topicRows()),
    '## Schemas',
    '',
    'Subjects are `<topic>-value`. Compatibility is `BACKWARD_TRANSITIVE` for words and `FULL_TRANSITIVE` for results.',
    '',
    ...schemaParts(),
    '## Headers',
    '',
    'Values are UTF-8 text. Numbers are decimal, times are milliseconds since 1970 in UTC. All headers of a record together have at most',
    `${MAX_HEADER_BYTES / 1024} KiB. Of the headers of an HTTP request, the edge copies only the trace context. Names that start with \`verdikt-\` are reserved.`,
    '',
    ...table(
      ['header', 'on', 'meaning'],
      [
        ...(Object.keys(H) as (keyof typeof H)[]).map((k) => [
          `\`${H[k]}\``,
          HEADER_DOCS[k].on,
          HEADER_DOCS[k].meaning,
        ]),
        [
          '`ce_…`, `content-type`',
          'results, with `cloudEventsSource`',
          'A CloudEvent 1.0 in binary mode: `ce_specversion`, `ce_id` (the ID of the submission, and `.<redrive>` after a redrive), `ce_source`, `ce_type` (`verdikt.v1.WordJudged`), `ce_time`.',
        ],
        [
          '`verdikt-redriven-from`',
          'redriven letters of other software, quarantine',
          'Where the dead letter was, as `topic/partition/offset`.',
        ],
        ['`verdikt-operation`', 'the same', 'ID of the operation that sent it.'],
        [
          '`verdikt-copied-from`',
          'words of a new prefix',
          'Where `verdikt copy` took the record from, as `topic@id/partition/origin`.',
        ],
      ],
    ),
  ].join('\n');
