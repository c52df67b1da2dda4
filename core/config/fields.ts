import type { TObject, TSchema } from 'typebox';
import { envName } from './env-name.ts';

/** For schema modules of packages that need no more of TypeBox. */
export { default as Type } from 'typebox';
export type { Static } from 'typebox';

/**
 * What a field of a config schema may say beside JSON Schema:
 * - `alias`: names of environment variables that are read as they are, in this order, after `VERDIKT_<FIELD>`.
 * - `reason`: why the default is what it is.
 * - `secret`: never logged; `<field>File` may name a file that holds it.
 * - `list`: the environment variable may be a comma list instead of a JSON array.
 */
interface FieldNotes {
  readonly alias?: string | readonly string[];
  readonly reason?: string;
  readonly secret?: boolean;
  readonly list?: boolean;
}
export const NOTE_KEYWORDS = ['alias', 'reason', 'secret', 'list', 'forms'] as const;

export interface Field {
  readonly name: string;
  /** Its schema as plain JSON Schema with notes. */
  readonly schema: FieldNotes & Readonly<Record<string, unknown>>;
  readonly env: string;
  readonly aliases: readonly string[];
  /** The secret whose file this field names. */
  readonly fileOf?: string;
}

/** The fields of a schema in order, each secret followed by the field for its file. */
export const fieldsOf = (schema: TObject): Field[] => {
  const properties = schema.properties as Record<string, TSchema & FieldNotes & Record<string, unknown>>;
  return Object.entries(properties).flatMap(([name, s]) => {
    const field: Field = { name, schema: s, env: envName(name), aliases: [s.alias ?? []].flat() };
    if (s.secret !== true) return [field];
    const file = `${name}File`;
    const description = `File that contains \`${name}\`. A trailing newline is removed.`;
    return [
      field,
      {
        name: file,
        schema: { type: 'string', minLength: 1, description },
        env: envName(file),
        aliases: [],
        fileOf: name,
      },
    ];
  });
};
