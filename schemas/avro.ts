import avro from 'avsc';
import type { Type } from 'avsc';
import { WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA } from './types.ts';

/** The Avro types that this version of the code reads and writes. */
export const wordSubmittedType: Type = avro.Type.forSchema(JSON.parse(WORD_SUBMITTED_SCHEMA));
export const wordJudgedType: Type = avro.Type.forSchema(JSON.parse(WORD_JUDGED_SCHEMA));

export const isAvroType = (value: unknown): value is Type => avro.Type.isType(value);
