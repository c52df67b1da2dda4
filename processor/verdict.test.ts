import { describe, expect, test } from '@jest/globals';
import type { Header, InRecord } from '@verdikt/core/record/record.ts';
import { createVerdictEncoder, type VerdictEncoder } from '@verdikt/schemas/verdict.ts';
import fc from 'fast-check';
import { asText, stored } from '@verdikt/test/support/records.ts';
import { writtenBytes } from '../engine/policy/sizes.ts';
import type { Verdict } from '@verdikt/engine/policy/verdict-codec.ts';
import { createVerdictCodec } from './verdict.ts';

const facts = { word: 'noon', submittedAt: 1000 };
const judged: Verdict = {
  id: 'id-1',
  facts,
  accepted: true,
  checks: [{ check: 'palindrome', answer: true, detail: null }],
  attempts: 1,
  judgedAt: 2000,
  origin: 42,
  redrive: 0,
};
const asJson: VerdictEncoder = (j) => JSON.stringify(j);
const verdictRecord = (record: InRecord, verdict: Verdict, redrive: number, encode: VerdictEncoder) =>
  createVerdictCodec(encode).record(record, { ...verdict, redrive });
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const of = (headers: Header[], redrive = 0): unknown =>
  asText(
    verdictRecord(stored({ key: Buffer.from('k'), value: null, headers }), judged, redrive, asJson).headers,
  );

describe('a verdict as it goes to results', () => {
  test('has the key of the record and the value of the encoder', () => {
    const out = verdictRecord(
      stored({ key: Buffer.from('k'), value: null, headers: [] }),
      judged,
      0,
      (j) => `<${j.word}>`,
    );
    expect([out.key, out.value]).toEqual([Buffer.from('k'), '<noon>']);
    expect(verdictRecord(stored({ key: null, value: null, headers: [] }), judged, 0, asJson).key).toBeNull();
  });

  const always = [
    ['id', 'id-1'],
    ['submitted-at', '1000'],
    ['verdikt-origin', '42'],
  ];
  test.each([
    ['no others', [], 0, []],
    [
      'the trace',
      [
        ['x', '1'],
        ['traceparent', TRACE],
      ],
      0,
      [['traceparent', TRACE]],
    ],
    ['no absurd trace', [['traceparent', 'x'.repeat(257)]], 0, []],
    ['the owner', [['verdikt-owner', 'shop']], 0, [['verdikt-owner', 'shop']]],
    ['no absurd owner', [['verdikt-owner', 'x'.repeat(201)]], 0, []],
    ['no null trace', [['traceparent', null]], 0, []],
    ['the redrive count', [], 3, [['verdikt-redrive', '3']]],
    [
      'nothing that came in under our names',
      [
        ['verdikt-origin', '1'],
        ['verdikt-redrive', '9'],
        ['id', 'forged'],
      ],
      0,
      [],
    ],
  ] as [string, Header[], number, unknown[]][])(
    'carries id, time, origin and %s',
    (_, headers, redrive, more) => {
      expect(of(headers, redrive)).toEqual([...always, ...more]);
    },
  );
});

test('no verdict takes more than the look without encoding says', () => {
  const most = Number.MAX_SAFE_INTEGER - 1;
  const numbers = { accepted: false, attempts: 65_535, judgedAt: most, origin: most, redrive: 65_535 };
  // Escapes, lone surrogates, and what takes three bytes.
  const text = fc.string({
    unit: fc.constantFrom('a', '\u0001', '"', '\ud800', '\uac00', '😀'),
    maxLength: 2_000,
  });
  const check = fc.record({
    check: text,
    answer: fc.boolean(),
    detail: fc.option(text),
  });
  const formats = ['json', 'json-full', 'avro'] as const;
  const source = `/${'x'.repeat(500)}`;
  const codecs = formats.flatMap((format) => {
    const encode = createVerdictEncoder({ format, schemaId: 1 });
    return [createVerdictCodec(encode, { format }), createVerdictCodec(encode, { format, source })];
  });
  fc.assert(
    fc.property(text, text, fc.array(check, { maxLength: 20 }), fc.nat(500), (id, word, checks, key) => {
      const headers: Header[] = [
        ['traceparent', 't'.repeat(256)],
        ['tracestate', 's'.repeat(512)],
      ];
      // Six bytes each in JSON.
      const record = stored({ key: Buffer.alloc(key, 1), value: null, headers });
      const verdict = { ...numbers, id, checks, facts: { word, submittedAt: most } };
      for (const codec of codecs)
        expect(writtenBytes(codec.record(record, verdict))).toBeLessThanOrEqual(
          codec.mostBytes(record, verdict),
        );
    }),
  );
});

test('is given the key of its record', () => {
  const codec = createVerdictCodec((_, key) => String(key));
  const values = [Buffer.from('k'), null].map(
    (key) => codec.record(stored({ key, value: null, headers: [] }), judged).value,
  );
  expect(values).toEqual(['k', 'null']);
});

describe('as a CloudEvent', () => {
  const record = stored({ key: Buffer.from('k'), value: null, headers: [] });
  const events = (format: 'json' | 'avro', redrive = 0) =>
    Object.fromEntries(
      createVerdictCodec(asJson, { source: '/shop/words', format })
        .record(record, { ...judged, redrive })
        .headers.map(([name, value]) => [name, String(value)]),
    );

  test('a verdict has the headers of the binary mode beside its own', () => {
    expect(events('json')).toEqual({
      ...{ id: 'id-1', 'submitted-at': '1000', 'verdikt-origin': '42' },
      ...{ ce_specversion: '1.0', ce_id: 'id-1', ce_source: '/shop/words', ce_type: 'verdikt.v1.WordJudged' },
      ...{ ce_time: '1970-01-01T00:00:02.000Z', 'content-type': 'application/json' },
    });
  });

  test('the look without encoding counts what its headers add', () => {
    const long = { source: `/${'\uac00'.repeat(400)}`, format: 'avro' } as const;
    const verdict = { ...judged, id: '\uac00'.repeat(300), redrive: 65_535 };
    const [plain, event] = [createVerdictCodec(asJson), createVerdictCodec(asJson, long)];
    const written = [plain, event].map((c) => writtenBytes(c.record(record, verdict)));
    const most = [plain, event].map((c) => c.mostBytes(record, verdict));
    expect(most[1] - most[0]).toBeGreaterThanOrEqual(written[1] - written[0]);
  });

  test('that of a redriven record has an id of its own', () => {
    expect(events('avro', 2)).toMatchObject({ ce_id: 'id-1.2', 'content-type': 'application/avro' });
  });
});
