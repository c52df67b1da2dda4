import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { typeOf, wordJudgedType } from './avro.ts';
import type { SchemaAnswer } from './registry-port.ts';
import { WORD_JUDGED_SCHEMA, type WordJudged } from './types.ts';
import { createVerdictEncoder } from './verdict.ts';
import { createVerdictReader } from './verdict-reader.ts';

const verdict: WordJudged = {
  id: 'a',
  word: 'äbä',
  accepted: true,
  checks: [{ check: 'palindrome', answer: true, detail: 'why' }],
  attempts: 2,
  submittedAt: 1_700_000_000_000,
  judgedAt: 1_700_000_000_100,
  origin: 5,
};
const json = Buffer.from(createVerdictEncoder({ format: 'json' })(verdict));
const wire = Buffer.from(createVerdictEncoder({ format: 'avro', schemaId: 7 })(verdict));
const registry = (answer: SchemaAnswer, asked: number[] = []) => ({
  byId: (id: number) => {
    asked.push(id);
    return Promise.resolve(answer);
  },
});

describe('createVerdictReader', () => {
  test('reads JSON without a registry', () => {
    expect(createVerdictReader().read(json)).toEqual({ kind: 'ok', verdict });
  });

  test('reads JSON with more fields, and leaves those out', () => {
    const full = createVerdictEncoder({ format: 'json-full' })(verdict, Buffer.from('secret'));
    expect(createVerdictReader().read(Buffer.from(full))).toEqual({ kind: 'ok', verdict });
  });

  test('reads Avro once its schema is learned', async () => {
    const asked: number[] = [];
    const reader = createVerdictReader(registry({ kind: 'found', type: wordJudgedType }, asked));
    expect(reader.read(wire)).toEqual({ kind: 'schema-needed', id: 7 });
    await reader.learn(7);
    expect(reader.read(wire)).toMatchObject({
      kind: 'ok',
      verdict: { ...verdict, checks: [{ detail: 'why' }] },
    });
    expect(asked).toEqual([7]);
  });

  test.each([
    ['null', null],
    ['nothing', Buffer.alloc(0)],
    ['no JSON', Buffer.from('level')],
    ['another document', Buffer.from('{"id":"a"}')],
    ['JSON null', Buffer.from('null')],
    ['half a prefix', Buffer.from([0, 0, 0])],
  ])('%s is unreadable', (_, value) => {
    expect(createVerdictReader().read(value)).toMatchObject({ kind: 'unreadable' });
  });

  test('bytes that do not fit their schema are unreadable', async () => {
    const reader = createVerdictReader(registry({ kind: 'found', type: wordJudgedType }));
    await reader.learn(7);
    for (const bytes of [wire.subarray(0, -1), Buffer.concat([wire, Buffer.from([0])])])
      expect(reader.read(bytes)).toMatchObject({ kind: 'unreadable' });
  });

  test('reads what another version wrote, as its own schema has it', async () => {
    const schema = JSON.parse(WORD_JUDGED_SCHEMA) as { fields: { name: string }[] };
    const fields = schema.fields.flatMap((f) => {
      if (f.name === 'judgedAt')
        return [
          { ...f, type: { type: 'long', logicalType: 'timestamp-micros' } },
          { name: 'by', type: 'int' },
        ];
      return [f.name === 'word' ? { ...f, type: ['null', 'string'] } : f];
    });
    const type = typeOf(JSON.stringify({ ...schema, fields }));
    const reader = createVerdictReader(registry({ kind: 'found', type }));
    await reader.learn(7);
    const judgedAt = verdict.judgedAt * 1_000 + 999;
    const read = (word: string | null) =>
      reader.read(Buffer.concat([wire.subarray(0, 5), type.toBuffer({ ...verdict, word, judgedAt, by: 1 })]));
    expect(read(verdict.word)).toEqual({ kind: 'ok', verdict });
    expect(read(null)).toEqual({
      ...{
        kind: 'unreadable',
        detail: 'its bytes do not fit its schema: field word: a null where none fits',
      },
    });
  });

  test.each<[string, SchemaAnswer]>([
    ['missing', { kind: 'missing' }],
    ['unusable', { kind: 'unusable', detail: 'JSON schema' }],
    ['of something else', { kind: 'found', type: avro.Type.forSchema({ type: 'string' }) }],
  ])('a schema that is %s makes unreadable', async (_, answer) => {
    const reader = createVerdictReader(registry(answer));
    await reader.learn(7);
    expect(reader.read(wire)).toMatchObject({ kind: 'unreadable' });
  });

  test('says when there is no registry, or none that answers', async () => {
    await expect(createVerdictReader().learn(7)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const away = createVerdictReader(registry({ kind: 'unavailable', detail: 'away' }));
    await expect(away.learn(7)).rejects.toMatchObject({ code: 'SCHEMA_UNAVAILABLE' });
  });
});
