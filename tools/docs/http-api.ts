import { table } from '@verdikt/core/service/markdown.ts';
import { forecastSchema, questionSchema } from '@verdikt/core/service/forecast.ts';
import { statusSchema, taskStatusSchema } from '@verdikt/core/service/processor-status.ts';
import { openApiText } from '@verdikt/producer/http/openapi.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}
interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
}
type Content = Readonly<Record<string, Media>>;
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
}
interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string }>>;
  readonly content?: Content;
}
interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const nameOf = ($ref: string): string => $ref.split('/').at(-1) ?? $ref;
const typeOf = (s: Schema): string => {
  if (s.$ref !== undefined) return `[${nameOf(s.$ref)}](#${nameOf(s.$ref).toLowerCase()})`;
  if (s.const !== undefined) return `\`${JSON.stringify(s.const)}\``;
  if (s.enum !== undefined) return s.enum.map((v) => `\`${v}\``).join(', ');
  if (s.type === 'array' && s.items !== undefined) return `array of ${typeOf(s.items)}`;
  if (s.type === 'object' && s.properties !== undefined) return `object: ${propertiesOf(s)}`;
  const [least, most] = [s.minLength ?? s.minimum, s.maxLength ?? s.maximum];
  const bounds = [
    least === undefined ? '' : `at least ${least}`,
    most === undefined ? '' : `at most ${most}`,
  ];
  const unit = s.type === 'string' ? ' characters' : '';
  const range = bounds.filter((b) => b !== '').join(', ');
  return `${s.format ?? s.type ?? ''}${range === '' ? '' : `, ${range}${unit}`}`;
};

const propertiesOf = (s: Schema): string =>
  Object.entries(s.properties ?? {})
    .map(
      ([name, p]) => `\`${name}\` (${typeOf(p)}${p.description === undefined ? '' : `; ${p.description}`})`,
    )
    .join(', ');

const propertyRows = (s: Schema): string[][] =>
  Object.entries(s.properties ?? {}).map(([name, p]) => [
    `\`${name}\``,
    typeOf(p),
    s.required?.includes(name) === true ? 'yes' : '',
    p.description ?? '',
  ]);

const schemaLines = ([name, s]: [string, Schema]): string[] => {
  const head = ['property', 'type', 'required', 'meaning'];
  const forms = s.anyOf ?? [s];
  return [
    `### ${name}`,
    '',
    ...forms.flatMap((form, i) => [
      ...(forms.length > 1 ? [i === 0 ? 'Accepted:' : 'Not accepted:', ''] : []),
      ...table(head, propertyRows(form)),
    ]),
  ];
};

const contentText = (content: Content | undefined): string =>
  Object.entries(content ?? {})
    .map(([type, { schema }]) => `\`${type}\`${schema.$ref === undefined ? '' : `: ${typeOf(schema)}`}`)
    .join('; ');

type Schemas = Document['components']['schemas'];
/** The first of a schema, or of what it refers to. */
const exampleOf = (schema: Schema | undefined, schemas: Schemas): unknown => {
  const { $ref, anyOf, examples } = schema ?? {};
  if (examples !== undefined) return examples[0];
  if ($ref !== undefined) return exampleOf(schemas[nameOf($ref)], schemas);
  return anyOf?.map((s) => exampleOf(s, schemas)).find((e) => e !== undefined);
};
/** Rows of numbers stay on one line. */
const shown = (value: unknown): string =>
  typeof value === 'string'
    ? value.trim()
    : JSON.stringify(value, null, 2).replace(/\[[\s\d,]+\]/g, (list) => list.replace(/\s+/g, ' '));
const exampleLines = (what: string, content: Content | undefined, schemas: Schemas): string[] =>
  Object.entries(content ?? {}).flatMap(([type, media]) => {
    const example = media.example ?? exampleOf(media.schema, schemas);
    const fence = type === 'application/json' ? '```json' : '```text';
    return example === undefined ? [] : [`${what}, \`${type}\`:`, '', fence, shown(example), '```', ''];
  });

const parameterLines = (o: Operation, place: string, title: string): string[] => {
  const found = (o.parameters ?? []).filter((p) => p.in === place);
  if (found.length === 0) return [];
  const rows = found.map((p) => [`\`${p.name}\``, p.description ?? '']);
  return [title, '', ...table(['name', 'meaning'], rows)];
};

const operationLines = (method: string, path: string, o: Operation, schemas: Schemas): string[] => [
  `## ${method.toUpperCase()} ${path}`,
  '',
  `${o.summary}.${o.description === undefined ? '' : ` ${o.description}`}`,
  '',
  ...(o.requestBody === undefined
    ? []
    : [
        'Request body:',
        '',
        ...table(
          ['media type', 'content'],
          Object.entries(o.requestBody.content).map(([type, { schema }]) => [
            `\`${type}\``,
            schema.description ?? typeOf(schema),
          ]),
        ),
      ]),
  ...parameterLines(o, 'path', 'Path:'),
  ...parameterLines(o, 'query', 'Query:'),
  ...parameterLines(o, 'header', 'Request headers:'),
  'Responses:',
  '',
  ...table(
    ['status', 'meaning', 'body'],
    Object.entries(o.responses).map(([status, r]) => {
      const headers = Object.entries(r.headers ?? {}).map(
        ([name, h]) => ` Header \`${name}\`: ${h.description}`,
      );
      return [status, `${r.description}${headers.join('')}`, contentText(r.content)];
    }),
  ),
  ...exampleLines('Example of a request', o.requestBody?.content, schemas),
  ...Object.entries(o.responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, r]) => exampleLines(`Example of ${status}`, r.content, schemas)),
];

/** With the schema of its tasks by name. */
const named = {
  ...statusSchema,
  properties: { ...statusSchema.properties, tasks: { type: 'array', items: { $ref: 'TaskStatus' } } },
};

const MANAGEMENT = [
  '## Management port',
  '',
  'Edge and processor serve these on `managementPort` (9464). Only forecasts can be protected, by `forecastToken`: keep the port private.',
  '',
  ...table(
    ['path', 'answer'],
    [
      [
        '`GET /livez`',
        '200 `ok`, or 503 with the reason: a restart helps. A processor whose tasks wait, for Kafka, a dependency or an operator, is alive.',
      ],
      [
        '`GET /readyz`',
        '200 `ok`, or 503 with the reason. A processor that stands by, or holds dead letters back, is ready and says so.',
      ],
      ['`GET /metrics`', '[Metrics](metrics.md) for Prometheus.'],
      [
        '`GET /status`',
        'Of a processor: [ProcessorStatus](#processorstatus), what its tasks do and wait for. `verdikt status` reads it.',
      ],
      [
        '`POST /forecast`',
        'Of a processor: [ForecastAnswer](#forecastanswer), what its chain would make of the letters of a [ForecastQuestion](#forecastquestion), which an edge asks for its operators. One at a time (503), at most 4 MiB. With `forecastToken` it needs `Authorization: Bearer`. An error is `{"problem":"…"}`.',
      ],
    ],
  ),
  ...Object.entries({
    ...{ ProcessorStatus: named, TaskStatus: taskStatusSchema },
    ...{ ForecastQuestion: questionSchema, ForecastAnswer: forecastSchema },
  }).flatMap(([name, s]) => schemaLines([name, s as Schema])),
];

export const httpApi = ({ paths, components }: Document): string =>
  [
    '# HTTP API',
    '',
    'Generated from the OpenAPI document `producer/openapi.json` by `npm run generate`. Do not edit.',
    '',
    'The edge listens on `port` (8080). If `tokens` are configured, every request needs `Authorization: Bearer <token>`. Errors are',
    '`application/problem+json` with a stable `code`; see [Errors](errors.md).',
    '',
    '```sh',
    "curl -i localhost:8080/v1/words -H 'content-type: application/json' -H 'idempotency-key: order-17' -d '{\"word\":\"level\"}'",
    'curl -i localhost:8080/v1/words:batch -H \'content-type: application/json\' -d \'[{"word":"level"},{"word":"word","key":"k1"}]\'',
    'curl -i "localhost:8080/v1/words/$id?wait=5s"',
    'curl -N "localhost:8080/v1/results/stream?verdict=refused"',
    "curl -iN localhost:8080/v1/words -H 'content-type: application/x-ndjson' --data-binary @words.ndjson",
    '```',
    '',
    ...Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, o]) =>
        operationLines(method, path, o, components.schemas),
      ),
    ),
    '## Schemas',
    '',
    ...Object.entries(components.schemas).flatMap(schemaLines),
    ...MANAGEMENT,
  ].join('\n');

/** `docs/reference/http-api.md`. */
export const httpApiText = async (): Promise<string> => httpApi(JSON.parse(await openApiText()) as Document);
