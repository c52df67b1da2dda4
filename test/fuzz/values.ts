import { isUtf8 } from 'node:buffer';
import avro from 'avsc';
import type { Type } from 'avsc';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { wordJudgedType, wordSubmittedType } from '../../schemas/avro.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import { inRecord } from '../support/records.ts';
import { wire } from '../support/schemas/codec.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import type { Random } from '../engine/history/random.ts';
import { bytes as anyBytes, lyingVarint, mutate, safeInteger, text } from './mutate.ts';
import { answered, must, mustEqual, type Target } from './target.ts';

const fields = (...more: readonly unknown[]): Type =>
  avro.Type.forSchema({
    type: 'record',
    name: 'WordSubmitted',
    namespace: 'verdikt.v1',
    fields: [...more, { name: 'word', type: 'string' }, { name: 'submittedAt', type: 'long' }] as never,
  });

interface Writer {
  readonly id: number;
  readonly type: Type;
  value(r: Random): object;
}

const submission = (r: Random) => ({
  word: text(r, 12),
  submittedAt: safeInteger(r) * (r.chance(0.1) ? -1 : 1),
});

/** Our schema, and others that can be read as ours: every type of Avro that a payload may hold before the word. */
const WRITERS: readonly Writer[] = [
  { id: 1, type: wordSubmittedType, value: submission },
  {
    id: 2,
    type: fields(
      { name: 'tags', type: { type: 'array', items: 'string' } },
      { name: 'scores', type: { type: 'map', values: 'double' } },
    ),
    value: (r) => ({
      ...submission(r),
      tags: Array.from({ length: r.below(4) }, () => text(r, 3)),
      scores: Object.fromEntries(Array.from({ length: r.below(3) }, () => [text(r, 2), r.next()])),
    }),
  },
  {
    id: 3,
    type: fields(
      { name: 'maybe', type: ['null', 'long', { type: 'fixed', name: 'F', size: 5 }] },
      { name: 'colour', type: { type: 'enum', name: 'E', symbols: ['RED', 'BLUE'] } },
      { name: 'flag', type: 'boolean' },
      { name: 'raw', type: 'bytes' },
      { name: 'number', type: 'float' },
    ),
    value: (r) => ({
      ...submission(r),
      maybe: r.pick([null, 5, Buffer.from('fixed')]),
      ...{ colour: r.pick(['RED', 'BLUE']), flag: r.chance(0.5), raw: anyBytes(r, 9), number: 0.5 },
    }),
  },
  {
    id: 4,
    type: fields({
      name: 'tree',
      type: {
        type: 'record',
        name: 'Tree',
        fields: [
          { name: 'left', type: ['null', 'Tree'], default: null },
          { name: 'leaves', type: { type: 'array', items: ['long', 'Tree'] } },
        ],
      },
    }),
    value: (r) => ({ ...submission(r), tree: { left: { left: null, leaves: [] }, leaves: [1, r.below(9)] } }),
  },
];
const UNKNOWN = 9;
const NEVER_ASKED = 10;

const REPLACED = '\ufffd';
const REPLACEMENT = Buffer.from(REPLACED);

/** From here on avsc loses the lowest bit, which is the sign. */
const EXACT = 2 ** 52;

/** The value of a record of `words` becomes one outcome, whatever it holds. */
export const wordValues = async (): Promise<Target> => {
  const codec = createSubmissionCodec(
    {
      byId: (id) => {
        const found = WRITERS.find((w) => w.id === id);
        return Promise.resolve(
          found === undefined ? { kind: 'missing' } : { kind: 'found', type: found.type },
        );
      },
      idOf: () => Promise.reject(new Error('nobody asks')),
    },
    { clock: systemClock, negativeCacheMs: 86_400_000 },
  );
  await codec.prepare(
    [...WRITERS.map((w) => w.id), UNKNOWN].map((id) => inRecord({ value: wire(id, Buffer.alloc(0)) })),
  );
  return {
    name: 'values of words',
    weight: 18,
    make: (r) => {
      const writer = r.chance(0.4) ? WRITERS[0] : r.pick(WRITERS);
      const value = writer.value(r);
      const payload = writer.type.toBuffer(value);
      const valid = r.chance(0.15);
      let bytes = wire(valid || r.chance(0.97) ? writer.id : r.pick([UNKNOWN, NEVER_ASKED, -1]), payload);
      if (!valid) {
        // Most are changed behind the prefix; the first number is often a length.
        const body = r.chance(0.4)
          ? Buffer.concat([lyingVarint(r, payload[0] >> 1), payload.subarray(1)])
          : mutate(r, payload);
        bytes = r.chance(0.9) ? Buffer.concat([bytes.subarray(0, 5), body]) : mutate(r, bytes);
      }
      const record = inRecord({ value: r.chance(0.005) && !valid ? null : bytes });
      return {
        bytes,
        run: () => {
          const read = codec.decode(record);
          answered('values of words', read.kind === 'ok');
          if (read.kind === 'ok') {
            must(Number.isSafeInteger(read.submittedAt), () => `submittedAt ${read.submittedAt}`);
            must(
              !read.word.includes(REPLACED) || bytes.includes(REPLACEMENT),
              () => 'a word that is not UTF-8 is taken for another',
            );
            must(read.word.isWellFormed(), () => 'the word is not well-formed');
          } else must(read.detail.length <= 500, () => `a detail of ${read.detail.length} characters`);
          if (read.kind === 'ok' && bytes.readInt32BE(1) === 1 && Math.abs(read.submittedAt) < EXACT)
            mustEqual(
              { word: read.word, submittedAt: read.submittedAt },
              slowly(bytes.subarray(5)),
              'avsc reads another value',
            );
          if (!valid) return;
          const { word, submittedAt } = value as ReturnType<typeof submission>;
          mustEqual(read, { kind: 'ok', word, submittedAt }, 'another value than was written');
        },
      };
    },
  };
};

/** What the library reads: the second opinion on what was taken. */
const slowly = (payload: Buffer): unknown => {
  const { word, submittedAt } = wordSubmittedType.fromBuffer(payload) as {
    word: string;
    submittedAt: number;
  };
  return { word, submittedAt };
};

const verdict = (r: Random) => ({
  ...{ id: text(r, 5), word: text(r, 9), accepted: r.chance(0.5) },
  checks: Array.from({ length: r.below(3) }, () => ({
    check: 'c',
    answer: true,
    detail: r.pick([null, 'why']),
  })),
  ...{
    attempts: 1 + r.below(5),
    submittedAt: safeInteger(r),
    judgedAt: safeInteger(r),
    origin: safeInteger(r),
  },
});

/** Verdicts are read by tools: Avro and JSON. */
export const verdictValues = async (): Promise<Target> => {
  const reader = createVerdictReader({
    byId: () => Promise.resolve({ kind: 'found', type: wordJudgedType }),
  });
  await reader.learn(1);
  return {
    name: 'verdicts',
    weight: 4,
    make: (r) => {
      const value = verdict(r);
      const asJson = r.chance(0.4);
      const encoded = asJson ? Buffer.from(JSON.stringify(value)) : wire(1, wordJudgedType.toBuffer(value));
      const valid = r.chance(0.15);
      const bytes = valid ? encoded : mutate(r, encoded);
      return {
        bytes,
        run: () => {
          const read = reader.read(bytes);
          answered('verdicts', read.kind === 'ok');
          if (valid) mustEqual(read, { kind: 'ok', verdict: value }, 'another verdict than was written');
          if (read.kind === 'ok' && isUtf8(bytes))
            must(typeof read.verdict.word === 'string', () => 'no word');
        },
      };
    },
  };
};
