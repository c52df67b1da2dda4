import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { H } from '@verdikt/core/record/headers.ts';
import type { Header, InRecord } from '@verdikt/core/record/record.ts';
import { PLAIN_FRAME_BYTES, type PlainVerdicts } from '@verdikt/engine/policy/plain-verdicts.ts';
import { createVerdictEncoder, type VerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { createSubmissionEncoder } from '../schemas/encode.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { OURS, setup } from '@verdikt/test/support/schemas/codec.ts';
import { createPalindromeCheck } from './checks/palindrome.ts';
import { chainOf, type CheckChain } from './checks/run-chain.ts';
import type { PalindromeOptions } from './checks/schema.ts';
import { createPlainVerdicts } from './plain-verdicts.ts';
import { verdictByObjects, verdictFromBytes } from '@verdikt/test/support/verdict-paths.ts';

const OPTIONS = {
  ...{ ignoreSpaces: false, ignorePunctuation: false, ignoreMarks: false, ignoreInvisible: false },
  ...{ caseSensitive: false, maxCodePoints: 50 },
};
const palindrome = (name: string, over: Partial<PalindromeOptions> = {}) =>
  createPalindromeCheck({ ...OPTIONS, name, ...over });
const chain = chainOf([
  palindrome('palindrome'),
  palindrome('loosely', { ignoreSpaces: true, ignorePunctuation: true, caseSensitive: true }),
]);
const json: VerdictEncoder = createVerdictEncoder({ format: 'json' });
const encode = createSubmissionEncoder(OURS);
const NOW = 1_700_000_000_123;

const codecOf = async () => {
  const { codec } = setup();
  await codec.prepare([inRecord({ value: encode('a', 1) })]);
  return codec;
};
const codec = await codecOf();

const plainOf = (of: CheckChain = chain, encodeVerdict: VerdictEncoder = json): PlainVerdicts => {
  if (of.plain === undefined) throw new Error('no plain chain');
  return createPlainVerdicts({ reader: codec, chain: of.plain, encode: encodeVerdict });
};
const judges = (plain: PlainVerdicts, record: InRecord): boolean =>
  verdictFromBytes(plain, record, NOW) !== undefined;
const general = (record: InRecord, now: number) => verdictByObjects(codec, chain, json, record, now);

const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
const half = fc.string({ unit: fc.constantFrom('a', 'B', 'b', ' ', '.', '~', '\\', '"'), maxLength: 9 });
const word = fc.oneof(
  ascii,
  half.map((h) => h + [...h].reverse().join('')),
  half.map((h) => `${h}x${[...h].reverse().join('')}`),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('a\nb', '\u007f', '\u0000', 'é', '\ud83d\ude00'),
);
const id = fc.oneof(fc.uuid(), ascii, fc.constantFrom('i"d', 'i\\d', 'é'));
const header = fc.tuple(
  fc.constantFrom(H.edge, H.owner, H.traceparent, H.tracestate, H.submittedAt, H.origin, 'x', 'id2'),
  fc.oneof(fc.constant(null), fc.string({ maxLength: 70 }), fc.constant('t'.repeat(300))),
);
const time = fc.oneof(fc.maxSafeNat(), fc.integer(), fc.constant(NOW));
const records = fc
  .record({
    key: fc.oneof(fc.constant(null), fc.string({ maxLength: 80 })),
    ...{ id, word, time, offset: fc.maxSafeNat() },
    before: fc.array(header, { maxLength: 2 }),
    after: fc.array(header, { maxLength: 3 }),
  })
  .filter((r) => r.word.isWellFormed())
  .map((r) => {
    const headers: Header[] = [...r.before, [H.id, r.id], ...r.after];
    return inRecord({ ...{ key: r.key, offset: r.offset, headers }, value: encode(r.word, r.time) });
  });

describe('a verdict written from bytes', () => {
  test('is the one of the general path, byte for byte', () => {
    const plain = plainOf();
    let judged = 0;
    fc.assert(
      fc.property(records, fc.constantFrom(NOW, 7, Number.MAX_SAFE_INTEGER), (record, now) => {
        const made = verdictFromBytes(plain, record, now);
        if (made === undefined) return;
        judged++;
        expect(made.bytes.length).toBeLessThanOrEqual(2 * record.size + PLAIN_FRAME_BYTES);
        expect(made).toEqual(general(record, now));
      }),
      { numRuns: 4_000 },
    );
    // About a fifth of them.
    expect(judged).toBeGreaterThan(300);
  });

  const of = (over: { word?: string; id?: string | null; at?: number; value?: Buffer | null }): InRecord =>
    inRecord({
      key: 'k',
      value: over.value === undefined ? encode(over.word ?? 'noon', over.at ?? 5) : over.value,
      headers: over.id === undefined ? [[H.id, 'id-1']] : [[H.id, over.id]],
    });

  test('is one of printable ASCII without what JSON escapes, in word and id', () => {
    const plain = plainOf();
    const taken = (...args: Parameters<typeof of>): boolean => judges(plain, of(...args));
    expect([taken({}), taken({ word: '' }), taken({ word: 'a b~!' })]).toEqual([true, true, true]);
    for (const c of ['"', '\\', '\n', '\u0000', '\u007f', 'é', '\ud83d\ude00'])
      expect([c, taken({ word: `a${c}` }), taken({ id: `i${c}` })]).toEqual([c, false, false]);
  });

  test('is none of another schema, of no value, of a broken one, or of a time before 1970', () => {
    const whole = encode('noon', 5);
    const other = Buffer.from(whole);
    other.writeInt32BE(OURS + 1, 1);
    const values = [null, other, whole.subarray(0, 4), whole.subarray(0, -1), Buffer.concat([whole, whole])];
    for (const value of values) expect(judges(plainOf(), of({ value }))).toBe(false);
    expect(judges(plainOf(), of({ at: -1 }))).toBe(false);
  });

  test('is none of a word that a check must be run for', () => {
    expect(judges(plainOf(), of({ word: 'a'.repeat(50) }))).toBe(true);
    expect(judges(plainOf(), of({ word: 'a'.repeat(51) }))).toBe(false);
  });

  test('is none where the encoder writes no text, or not each part once and in order, or too much, or the key', () => {
    const encoders: VerdictEncoder[] = [
      (j) => Buffer.from(json(j)),
      (j) => `${String(json(j))}${j.word}`,
      (j) => `{"word":"${j.word}","id":"${j.id}",${j.submittedAt},${j.judgedAt},${j.origin}}`,
      ({ word: _, ...j }) => JSON.stringify(j),
      (j) => `${String(json(j))}${' '.repeat(2_000)}`,
      (j, key) => `${String(json(j))}${String(key)}`,
      createVerdictEncoder({ format: 'json-full' }),
    ];
    for (const encodeVerdict of encoders) {
      const plain = plainOf(chain, encodeVerdict);
      expect([judges(plain, of({})), judges(plain, of({}))]).toEqual([false, false]);
    }
  });
});
