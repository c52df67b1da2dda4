import { expect, test } from '@jest/globals';
import { wordJudgedType } from './avro.ts';
import { submissionEncoderFor, verdictEncoderFor } from './connect.ts';
import type { SchemaRegistry } from './registry-port.ts';
import { WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA } from './types.ts';

const registry: SchemaRegistry = {
  byId: () => Promise.resolve({ kind: 'missing' }),
  idOf: (subject, schema) => {
    if (subject === 'words-value' && schema === WORD_SUBMITTED_SCHEMA) return Promise.resolve(3);
    if (subject === 'results-value' && schema === WORD_JUDGED_SCHEMA) return Promise.resolve(4);
    return Promise.reject(new Error(`${subject} was not expected`));
  },
};
const verdict = {
  id: 'i',
  word: 'w',
  accepted: true,
  checks: [],
  attempts: 1,
  submittedAt: 1,
  judgedAt: 2,
  origin: 3,
};

test('encoders take their schema id from the subject of their topic', async () => {
  expect((await submissionEncoderFor(registry, 'words'))('kayak', 1).readInt32BE(1)).toBe(3);
  const avro = (await verdictEncoderFor('avro', registry, 'results'))(verdict) as Buffer;
  expect(avro.readInt32BE(1)).toBe(4);
  expect(wordJudgedType.fromBuffer(avro.subarray(5))).toMatchObject(verdict);
});

test('JSON verdicts ask no registry', async () => {
  expect((await verdictEncoderFor('json', registry, 'unknown'))(verdict)).toBe(JSON.stringify(verdict));
});
