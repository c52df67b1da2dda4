import { describe, expect, test } from '@jest/globals';
import { typesText } from './generate-types.ts';
import { loadSchemas } from './load.ts';
import type { RecordSchema } from './schema.ts';
import { WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA } from './types.ts';

const record = (type: unknown, doc = 'F.'): RecordSchema =>
  ({
    type: 'record',
    name: 'SomeThing',
    doc: 'A thing.',
    fields: [{ name: 'f', type, doc }],
  }) as RecordSchema;

describe('types from Avro', () => {
  test.each([
    ['string', 'string'],
    ['long', 'number'],
    ['bytes', 'Buffer'],
    [['null', 'string'], 'null | string'],
    [{ type: 'array', items: 'int' }, 'readonly number[]'],
    [{ type: 'array', items: ['null', 'int'] }, 'readonly (null | number)[]'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 'number'],
  ])('%j becomes %s', (avroType, text) => {
    expect(typesText([record(avroType)])).toContain(
      `export interface SomeThing {\n  /** F. */\n  readonly f: ${text};\n}`,
    );
  });

  test('nested records get an interface of their own', () => {
    const text = typesText([record({ ...record('string'), name: 'Inner' })]);
    expect(text).toContain('export interface Inner {');
    expect(text).toContain('readonly f: Inner;');
  });

  test.each([['map'], [{ type: 'map', values: 'string' }], ['Unknown']])(
    'refuses what it does not know: %j',
    (type) => {
      expect(() => typesText([record(type)])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    },
  );

  test('refuses a field without doc', () => {
    expect(() => typesText([record('string', '')])).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });

  test('constants survive quotes', () => {
    expect(typesText([record('string', 'it\'s a \\ or "')])).toContain("it\\'s a \\\\\\\\ or");
  });

  test('the constants are the minified .avsc files', () => {
    expect([WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA]).toEqual(loadSchemas().map((s) => JSON.stringify(s)));
  });
});
