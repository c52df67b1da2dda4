import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wordJudgedType } from './avro.ts';
import { WORD_JUDGED_SCHEMA, type WordJudged } from './types.ts';
import { createVerdictEncoder } from './verdict.ts';

// Lone surrogates included: JSON.stringify escapes them, so the JSON stays well-formed.
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\u2028', '\ud800', '\u0000', 'a\nb'),
);
const verdicts = (string: fc.Arbitrary<string>): fc.Arbitrary<WordJudged> =>
  fc.record({
    id: fc.uuid(),
    word: string,
    accepted: fc.boolean(),
    checks: fc.array(
      fc.record({ check: string, answer: fc.boolean(), detail: fc.oneof(fc.constant(null), string) }),
      { maxLength: 4 },
    ),
    attempts: fc.nat(1_000),
    submittedAt: fc.nat(2 ** 43),
    judgedAt: fc.nat(2 ** 43),
    origin: fc.nat(2 ** 52),
  });

const verdict: WordJudged = {
  id: '0197a5b0-0000-7000-8000-000000000000',
  word: 'kayak',
  accepted: true,
  checks: [{ check: 'palindrome', answer: true, detail: null }],
  attempts: 1,
  submittedAt: 1,
  judgedAt: 2,
  origin: 3,
};

describe('JSON verdicts', () => {
  const encode = createVerdictEncoder({ format: 'json' });

  test('parse to the verdict and are valid WordJudged', () => {
    fc.assert(
      fc.property(verdicts(text), (v) => {
        const parsed: unknown = JSON.parse(String(encode(v)));
        expect(parsed).toEqual(v);
        expect(wordJudgedType.isValid(parsed, { noUndeclaredFields: true })).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('have their fields in the order of the schema', () => {
    const fields = (JSON.parse(WORD_JUDGED_SCHEMA) as { fields: { name: string }[] }).fields.map(
      (f) => f.name,
    );
    expect(Object.keys(JSON.parse(String(encode(verdict))) as object)).toEqual(fields);
    expect(encode(verdict)).toBe(JSON.stringify(verdict));
    const { origin, ...rest } = verdict;
    const [check] = verdict.checks;
    const untidy = {
      origin,
      ...rest,
      extra: 1,
      checks: [{ extra: 1, answer: check.answer, detail: check.detail, check: check.check }],
    };
    expect(encode(untidy)).toBe(JSON.stringify(verdict));
  });

  test.each(['attempts', 'submittedAt', 'judgedAt', 'origin'] as const)(
    'are never written with a broken %s',
    (field) => {
      for (const value of [NaN, Infinity, 1.5, undefined as unknown as number]) {
        expect(() => encode({ ...verdict, [field]: value })).toThrow(
          expect.objectContaining({ code: 'RECORD_REJECTED' }),
        );
      }
    },
  );
});

describe('JSON verdicts with key and times', () => {
  const encode = createVerdictEncoder({ format: 'json-full' });
  const full = (key: Buffer | null, more: Partial<WordJudged> = {}): Record<string, unknown> =>
    JSON.parse(String(encode({ ...verdict, ...more }, key))) as Record<string, unknown>;

  test('have the fields of WordJudged first, as without them', () => {
    const plain = createVerdictEncoder({ format: 'json' });
    fc.assert(
      fc.property(verdicts(text), fc.option(fc.string({ unit: 'binary' })), (v, key) => {
        const written = String(encode(v, key === null ? null : Buffer.from(key)));
        expect(written.startsWith(`${String(plain(v)).slice(0, -1)},"key":`)).toBe(true);
        const { submittedTime, judgedTime, ...rest } = JSON.parse(written) as Record<string, unknown>;
        expect(rest).toEqual({ ...v, key: key?.toWellFormed() ?? null });
        expect([submittedTime, judgedTime].map((t) => Date.parse(String(t)))).toEqual([
          v.submittedAt,
          v.judgedAt,
        ]);
      }),
    );
  });

  test.each([
    [1_795_892_587_431, '2026-11-28T19:03:07.431Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [-1, '1969-12-31T23:59:59.999Z'],
    [253_402_300_799_999, '9999-12-31T23:59:59.999Z'],
    [253_402_300_800_000, null],
    [-62_167_219_200_000, '0000-01-01T00:00:00.000Z'],
    [-62_167_219_200_001, null],
    [Number.MAX_SAFE_INTEGER, null],
  ])('tell %d as RFC 3339', (ms, time) => {
    expect(full(null, { submittedAt: ms, judgedAt: ms })).toMatchObject({
      ...{ submittedAt: ms, judgedAt: ms, submittedTime: time, judgedTime: time },
    });
  });

  test('have no key that is not UTF-8', () => {
    expect([full(Buffer.from('é')).key, full(Buffer.from([0xff])).key, full(Buffer.alloc(0)).key]).toEqual([
      'é',
      null,
      '',
    ]);
  });
});

describe('Avro verdicts', () => {
  test('round-trip in wire format, small and large in any order', () => {
    const encode = createVerdictEncoder({ format: 'avro', schemaId: 4_711 });
    const sized = fc.tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom(1, 1, 1, 500, 9_000));
    fc.assert(
      fc.property(fc.array(verdicts(sized.map(([s, n]) => s.repeat(n))), { maxLength: 5 }), (list) => {
        const values = list.map((v) => encode(v) as Buffer);
        values.forEach((value, i) => {
          expect([value[0], value.readInt32BE(1)]).toEqual([0, 4_711]);
          expect({ ...(wordJudgedType.fromBuffer(value.subarray(5)) as object) }).toEqual(list[i]);
        });
      }),
    );
  });

  test('of more than a megabyte are written, and small ones after them', () => {
    const encode = createVerdictEncoder({ format: 'avro', schemaId: 1 });
    for (const word of ['a', 'b'.repeat(3_000_000), 'c']) {
      expect(wordJudgedType.fromBuffer((encode({ ...verdict, word }) as Buffer).subarray(5))).toMatchObject({
        word,
      });
    }
  });

  test('that do not fit the schema are refused', () => {
    const encode = createVerdictEncoder({ format: 'avro', schemaId: 1 });
    expect(() => encode({ ...verdict, attempts: NaN })).toThrow(
      expect.objectContaining({ code: 'RECORD_REJECTED' }),
    );
    expect(() => encode({ ...verdict, origin: 1.5 })).toThrow(
      expect.objectContaining({ code: 'RECORD_REJECTED' }),
    );
  });

  test('need a schema id', () => {
    expect(() => createVerdictEncoder({ format: 'avro' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
