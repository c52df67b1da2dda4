import { ServiceError } from '@verdikt/core/errors.ts';
import type { AvroType, RecordSchema } from './schema.ts';

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
};

/**
 * Text of a TypeScript file with one interface per record (nested ones included) and one constant per schema: its minified
 * JSON, as it is registered. `long` becomes number. Throws CONFIG_INVALID on Avro that our schemas may not use.
 */
export function typesText(schemas: readonly RecordSchema[]): string {
  const interfaces: string[] = [];
  for (const schema of schemas) addInterface(schema, interfaces);
  const constants = schemas.map(
    (s) =>
      `/** ${s.name} as it is registered. */\nexport const ${constantName(s.name)} =\n  ${quoted(JSON.stringify(s))};\n`,
  );
  const head = '// Generated from schemas/verdikt/*.avsc by `npm run generate`. Do not edit.\n';
  return [head, ...interfaces, ...constants].join('\n');
}

function addInterface(schema: RecordSchema, out: string[]): void {
  const nested: string[] = [];
  const lines = schema.fields.map((f) => {
    if (typeof f.doc !== 'string' || f.doc === '') {
      throw new ServiceError('CONFIG_INVALID', `${schema.name}.${f.name} has no doc; every field needs one.`);
    }
    return `  /** ${f.doc} */\n  readonly ${f.name}: ${typeText(f.type, nested)};\n`;
  });
  out.push(...nested, `/** ${schema.doc} */\nexport interface ${schema.name} {\n${lines.join('')}}\n`);
}

function typeText(type: AvroType, nested: string[]): string {
  if (typeof type === 'string') {
    const known = PRIMITIVES[type];
    if (known === undefined) throw unsupported(type);
    return known;
  }
  if (isUnion(type)) return type.map((t) => typeText(t, nested)).join(' | ');
  switch (type.type) {
    case 'array': {
      const items = typeText(type.items, nested);
      return `readonly ${items.includes('|') ? `(${items})` : items}[]`;
    }
    case 'long':
      return 'number';
    case 'record':
      addInterface(type, nested);
      return type.name;
    default:
      throw unsupported(type);
  }
}

const isUnion = (type: AvroType): type is readonly AvroType[] => Array.isArray(type);

const unsupported = (type: unknown): ServiceError =>
  new ServiceError('CONFIG_INVALID', `Cannot generate a type for ${JSON.stringify(type)}.`);

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** `WordSubmitted` → `WORD_SUBMITTED_SCHEMA`. */
const constantName = (name: string): string =>
  `${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase()}_SCHEMA`;
