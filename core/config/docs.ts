import type { TObject } from 'typebox';
import { fieldsOf, type Field } from './fields.ts';

export interface ServiceDocs {
  readonly title: string;
  readonly schema: TObject;
  readonly rules: readonly { readonly says: string }[];
}

/** `docs/configuration.md`. */
export const configurationText = (services: readonly ServiceDocs[]): string =>
  [
    '# Configuration',
    '',
    'Generated from the schemas in `core/config/kafka.ts`, `producer/config.ts` and `processor/config.ts` by `npm run generate`.',
    'Do not edit.',
    '',
    'Sources, later ones win: defaults; a JSON file that `VERDIKT_CONFIG` names, with the field names below; environment',
    'variables. Text, numbers and `true`/`false` are written as they are, lists and objects as JSON. An empty variable counts as',
    'not set. Unknown fields and unknown `VERDIKT_*` variables are refused, and all problems are reported at once. Everything is',
    'read at the start: a change needs a restart.',
    '',
    'Secrets are better given as files: `<field>File`. They are never logged.',
    '',
    ...services.flatMap(serviceLines),
  ].join('\n');

const serviceLines = ({ title, schema, rules }: ServiceDocs): string[] => [
  `## ${title}`,
  '',
  '| field | variable | default | range | what it is | why this default |',
  '| --- | --- | --- | --- | --- | --- |',
  ...fieldsOf(schema).map((f) => `| ${cells(f, new Set(schema.required)).map(escape).join(' | ')} |`),
  '',
  'Rules between fields:',
  '',
  ...rules.map((r) => `- ${r.says}`),
  '',
];

const cells = ({ name, env, aliases, schema }: Field, required: ReadonlySet<string>): string[] => [
  `\`${name}\``,
  [env, ...aliases].map((n) => `\`${n}\``).join(', '),
  'default' in schema
    ? `\`${JSON.stringify(schema.default)}\``
    : required.has(name)
      ? '**required**'
      : 'not set',
  range(schema),
  schema.description as string,
  schema.reason ?? '',
];

const range = ({ minimum, maximum, ...schema }: Readonly<Record<string, unknown>>): string => {
  if (typeof minimum === 'number' && typeof maximum === 'number')
    return `${count(minimum)} to ${count(maximum)}`;
  const values = schema.enum;
  if (Array.isArray(values)) return values.map((v) => `\`${v}\``).join(', ');
  return '';
};

const count = (n: number): string => n.toLocaleString('en-US');
const escape = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
