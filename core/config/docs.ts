import { table } from '../service/markdown.ts';
import type { TObject } from 'typebox';
import { fieldsOf, type Field } from './fields.ts';

interface ServiceDocs {
  readonly title: string;
  readonly schema: TObject;
  readonly rules: readonly { readonly says: string }[];
}

/** `docs/reference/configuration.md`. `more`: the lines of further chapters. */
export const configurationText = (services: readonly ServiceDocs[], more: readonly string[] = []): string =>
  [
    '# Configuration',
    '',
    'Generated from the schemas in `core/config/kafka.ts`, `producer/config.ts`, `processor/config.ts` and',
    '`processor/checks/schema.ts` by `npm run generate`. Do not edit.',
    '',
    'Each field can be set in three places. Later ones win:',
    '',
    '1. the default;',
    '2. a JSON file named by `VERDIKT_CONFIG`, with the field names below;',
    '3. an environment variable.',
    '',
    'In a variable, write text, numbers and `true`/`false` as they are, and lists and objects as JSON. An empty variable counts as',
    'not set. Unknown fields and unknown `VERDIKT_*` variables are refused. All problems are reported at once. Settings are read at',
    'startup, so a change needs a restart.',
    '',
    'Pass secrets as files, with `<field>File`. Secrets are never logged.',
    '',
    ...services.flatMap(serviceLines),
    ...more,
  ].join('\n');

const serviceLines = ({ title, schema, rules }: ServiceDocs): string[] => [
  `## ${title}`,
  '',
  ...table(
    ['field', 'variable', 'default', 'range', 'meaning', 'why this default'],
    fieldsOf(schema).map((f) => cells(f, new Set(schema.required))),
  ),
  'Rules between fields:',
  '',
  ...rules.map((r) => `- ${r.says}`),
  '',
];

const cells = ({ name, env, aliases, schema }: Field, required: ReadonlySet<string>): string[] => [
  `\`${name}\``,
  [env, ...aliases].map((n) => `\`${n}\``).join(', '),
  defaultText(name, schema, required),
  rangeText(schema),
  schema.description as string,
  schema.reason ?? '',
];

/** The default of a field or option; `required`: those without which nothing starts. */
export const defaultText = (
  name: string,
  schema: Readonly<Record<string, unknown>>,
  required: ReadonlySet<string>,
): string => {
  if ('default' in schema) return `\`${JSON.stringify(schema.default)}\``;
  return required.has(name) ? '**required**' : 'not set';
};

/** The numbers or values that it may have; empty where they are not limited. */
export const rangeText = ({ minimum, maximum, ...schema }: Readonly<Record<string, unknown>>): string => {
  if (typeof minimum === 'number' && typeof maximum === 'number')
    return `${count(minimum)} to ${count(maximum)}`;
  const values = schema.enum;
  if (Array.isArray(values)) return values.map((v) => `\`${v}\``).join(', ');
  return '';
};

const count = (n: number): string => n.toLocaleString('en-US');
