import avro from 'avsc';
import type { Type } from 'avsc';
import { noteLogicalTypes } from './logical.ts';
import { WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA } from './types.ts';

/** The type of a schema, with its logical types. Throws where it is none. */
export const typeOf = (schema: string): Type =>
  avro.Type.forSchema(JSON.parse(schema), { typeHook: noteLogicalTypes });

/** The Avro types that this version of the code reads and writes. */
export const wordSubmittedType: Type = typeOf(WORD_SUBMITTED_SCHEMA);
export const wordJudgedType: Type = typeOf(WORD_JUDGED_SCHEMA);

export const isAvroType = (value: unknown): value is Type => avro.Type.isType(value);
