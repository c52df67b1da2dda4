import { AvroSchemaParser } from '@asyncapi/avro-schema-parser';
import { Parser } from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { createVerdictCodec } from '../../processor/verdict.ts';
import { createVerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { stored } from '@verdikt/test/support/records.ts';
import { asyncApi, asyncApiText, verdictSchemaText } from './asyncapi.ts';

type Parsed = Awaited<ReturnType<Parser['parse']>>;
const parse = (text: string): Promise<Parsed> => {
  const parser = new Parser();
  parser.registerSchemaParser(AvroSchemaParser() as never);
  return parser.parse(text);
};

describe('the AsyncAPI document', () => {
  let parsed: Parsed;
  beforeAll(async () => {
    parsed = await parse(asyncApiText());
  });

  test('is valid, without any remark', () => {
    expect(parsed.diagnostics.filter((d) => d.code !== 'asyncapi-latest-version')).toEqual([]);
    expect(parsed.document?.version()).toBe('3.0.0');
  });

  test('names the topics, and who writes and reads them', () => {
    const operations = parsed.document?.operations().all() ?? [];
    const told = operations.map((o) => `${o.action()} ${o.channels().all()[0].address()}`);
    expect(told).toEqual([
      'receive words',
      'send results',
      'send words.retry.verdikt',
      'receive words.retry.verdikt',
      'send words.dlq',
      'receive words.control.verdikt',
      'send words.control.verdikt',
    ]);
  });

  test('would not be valid with a mistake in it', async () => {
    const wrong = {
      ...asyncApi(),
      operations: { x: { action: 'shout', channel: { $ref: '#/channels/none' } } },
    };
    const { document, diagnostics } = await parse(JSON.stringify(wrong));
    expect(document).toBeUndefined();
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  test('puts every header somewhere', () => {
    const { messages } = asyncApi().components;
    const named = Object.values(messages).flatMap((m) =>
      Object.keys((m as { headers: { properties: object } }).headers.properties),
    );
    expect(Object.values(H).filter((name) => !named.includes(name))).toEqual([]);
    const of = (m: object): string[] =>
      Object.keys((m as { headers: { properties: object } }).headers.properties);
    // Entries of records that are parked say why.
    expect(of(messages.RetryEntry)).toContain(H.error);
    expect(of(messages.WordJudged)).not.toContain(H.error);
  });
});

describe('a verdict', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const { headers } = asyncApi().components.messages.WordJudged as { headers: object };
  const [valid, validHeaders] = [
    ajv.compile(JSON.parse(verdictSchemaText()) as object),
    ajv.compile(headers),
  ];
  const verdict = {
    ...{ id: 'i', accepted: false, attempts: 2, judgedAt: 5, origin: 7, redrive: 1 },
    facts: { word: 'noon', submittedAt: 3 },
    checks: [
      { check: 'a', answer: true, detail: null },
      { check: 'b', answer: false, detail: 'no' },
    ],
  };
  const recordOf = (format: 'json' | 'json-full', key: Buffer | null = Buffer.from('k')) =>
    createVerdictCodec(createVerdictEncoder({ format }), { format, source: '/words' }).record(
      stored({ key, value: null, headers: [] }),
      verdict,
    );
  const record = recordOf('json');

  test('as it is written fits its schemas', () => {
    valid(JSON.parse(String(record.value)));
    validHeaders(Object.fromEntries(record.headers.map(([name, value]) => [name, String(value)])));
    expect([valid.errors, validHeaders.errors]).toEqual([null, null]);
  });

  test('as `json-full` fits them, and has its key and times', () => {
    const { payload } = asyncApi().components.messages.WordJudgedFull as { payload: object };
    const full = ajv.compile(payload);
    for (const key of [Buffer.from('k'), Buffer.from([0xff]), null]) {
      const made: unknown = JSON.parse(String(recordOf('json-full', key).value));
      expect([valid(made), full(made)]).toEqual([true, true]);
    }
    const made = JSON.parse(String(recordOf('json-full').value)) as object;
    for (const wrong of [{ key: 1 }, { submittedTime: 3 }, { judgedTime: undefined }])
      expect(full(JSON.parse(JSON.stringify({ ...made, ...wrong })))).toBe(false);
    expect(full(JSON.parse(String(record.value)))).toBe(false);
  });

  test.each([
    { id: 1 },
    { checks: [{ check: 'a', answer: 'yes', detail: null }] },
    { attempts: 1.5 },
    { origin: undefined },
  ])('with %j does not', (wrong) => {
    const given = { ...(JSON.parse(String(record.value)) as object), ...wrong };
    expect(valid(JSON.parse(JSON.stringify(given)))).toBe(false);
  });
});
