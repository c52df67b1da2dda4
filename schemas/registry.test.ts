import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { isAvroType, wordSubmittedType } from './avro.ts';
import { createSubmissionCodec } from './codec.ts';
import { createSubmissionEncoder } from './encode.ts';
import { registerSchemas } from './register.ts';
import { createSchemaRegistry } from './registry.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { wire } from '@verdikt/test/support/schemas/codec.ts';
import {
  startStubRegistry,
  type StubMode,
  type StubRegistry,
} from '@verdikt/test/support/schemas/stub-registry.ts';
import { WORD_SUBMITTED_SCHEMA } from './types.ts';

const names = topicNames('t.', 'g');
const SHORT = { timeLimitMs: 300 };

let stub: StubRegistry;
beforeEach(async () => {
  stub = await startStubRegistry();
});
afterEach(() => stub.close());

const troubles: readonly [string, StubMode][] = [
  ['no answer', 'hang'],
  ['half an answer', 'half'],
  ['a closed connection', 'reset'],
  ['a page of a proxy', 'page'],
  ['a redirect', 'redirect'],
  ['a 404 that is not the registry speaking', 'no-such-path'],
  ...[400, 401, 403, 429, 500, 503].map((status): [string, StubMode] => [`status ${status}`, { status }]),
];

describe('byId', () => {
  test('finds a schema below a base path', async () => {
    stub.schemas.set(5, { schema: WORD_SUBMITTED_SCHEMA });
    const answer = await createSchemaRegistry({ url: `${stub.url}/` }).byId(5);
    expect(answer.kind === 'found' && isAvroType(answer.type) && wordSubmittedType.equals(answer.type)).toBe(
      true,
    );
  });

  test('knows in which unit a schema writes times', async () => {
    const schema = WORD_SUBMITTED_SCHEMA.replace('timestamp-millis', 'timestamp-micros');
    stub.schemas.set(5, { schema });
    const codec = createSubmissionCodec(createSchemaRegistry({ url: stub.url }), { clock: systemClock });
    const record = inRecord({ value: createSubmissionEncoder(5)('abba', 1_795_000_000_000_000) });
    await codec.prepare([record]);
    expect(codec.decode(record)).toEqual({ kind: 'ok', word: 'abba', submittedAt: 1_795_000_000_000 });
  });

  test('says missing only when the registry says so itself', async () => {
    expect(await createSchemaRegistry({ url: stub.url }).byId(99)).toEqual({ kind: 'missing' });
  });

  test.each(troubles)('is unavailable on %s', async (_, mode) => {
    stub.schemas.set(5, { schema: WORD_SUBMITTED_SCHEMA });
    stub.mode = mode;
    // Longer, as it answers in the end.
    const registry = createSchemaRegistry({ url: stub.url, timeLimitMs: 2_000 });
    expect(await registry.byId(5)).toMatchObject({ kind: 'unavailable' });
    // What failed is not remembered.
    stub.mode = 'ok';
    expect(await registry.byId(5)).toMatchObject({ kind: 'found' });
  });

  test('is unavailable on a refused connection, and says so', async () => {
    await stub.close();
    const answer = await createSchemaRegistry({ url: stub.url }).byId(5);
    expect(answer).toMatchObject({ kind: 'unavailable', detail: expect.stringContaining('ECONNREFUSED') });
  });

  test('does not condemn a schema because the first answers failed', async () => {
    stub.schemas.set(5, { schema: WORD_SUBMITTED_SCHEMA });
    stub.mode = () => (stub.requests.length <= 2 ? { status: 500 } : 'ok');
    expect(await createSchemaRegistry({ url: stub.url }).byId(5)).toMatchObject({ kind: 'unavailable' });
    expect(stub.requests.length).toBe(3);
  });

  test('follows no redirect to what another server has', async () => {
    stub.mode = (line) => (line.endsWith('/5') ? 'redirect' : 'ok');
    expect(await createSchemaRegistry({ url: stub.url }).byId(5)).toMatchObject({ kind: 'unavailable' });
  });

  test.each([
    ['broken JSON', { schema: '{"type":' }],
    ['an unknown Avro type', { schema: '{"type":"nonsense"}' }],
    ['JSON Schema', { schema: '{"type":"object"}', schemaType: 'JSON' }],
  ])('calls a schema unusable that is no Avro: %s', async (_, answer) => {
    stub.schemas.set(5, answer);
    expect(await createSchemaRegistry({ url: stub.url }).byId(5)).toMatchObject({ kind: 'unusable' });
  });

  test('sends basic auth, also from the URL, to both kinds of request', async () => {
    const authorization = `Basic ${Buffer.from('us er:p@ss').toString('base64')}`;
    await createSchemaRegistry({ url: stub.url, auth: { username: 'us er', password: 'p@ss' } }).byId(99);
    await createSchemaRegistry({ url: stub.url.replace('//', '//us%20er:p%40ss@') }).byId(99);
    expect(stub.requests.length).toBe(4);
    for (const request of stub.requests) expect(request.authorization).toBe(authorization);
  });

  test.each(['nonsense', 'ftp://host/x', ''])('refuses a URL like "%s" at once', (url) => {
    expect(() => createSchemaRegistry({ url })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('idOf', () => {
  test('looks up, never registers', async () => {
    const registry = createSchemaRegistry({ url: stub.url });
    await expect(registry.idOf('t.words-value', WORD_SUBMITTED_SCHEMA)).rejects.toMatchObject({
      code: 'SCHEMA_UNAVAILABLE',
    });
    const [words] = await registerSchemas({ url: stub.url }, names);
    stub.requests.length = 0;
    expect(await registry.idOf('t.words-value', WORD_SUBMITTED_SCHEMA)).toBe(words.id);
    expect(stub.requests.map((r) => r.line)).toEqual(['POST /subjects/t.words-value']);
  });

  test('takes an equal latest version where the lookup by text fails', async () => {
    await registerSchemas({ url: stub.url }, names);
    stub.blindLookup = true;
    const registry = createSchemaRegistry({ url: stub.url });
    expect(await registry.idOf('t.words-value', WORD_SUBMITTED_SCHEMA)).toBe(1);
    const error = { code: 'SCHEMA_UNAVAILABLE', details: { subject: 't.results-value' } };
    await expect(registry.idOf('t.results-value', WORD_SUBMITTED_SCHEMA)).rejects.toMatchObject(error);
  });

  test.each(troubles)('rejects SCHEMA_UNAVAILABLE on %s', async (_, mode) => {
    stub.mode = mode;
    const looked = createSchemaRegistry({ url: stub.url, ...SHORT }).idOf(
      't.words-value',
      WORD_SUBMITTED_SCHEMA,
    );
    await expect(looked).rejects.toMatchObject({ code: 'SCHEMA_UNAVAILABLE' });
  });

  test('takes no latest version that has times in another unit', async () => {
    await registerSchemas({ url: stub.url }, names);
    stub.blindLookup = true;
    const registry = createSchemaRegistry({ url: stub.url });
    const subject = `${names.words}-value`;
    const id = await registry.idOf(subject, WORD_SUBMITTED_SCHEMA);
    const schema = WORD_SUBMITTED_SCHEMA.replace('timestamp-millis', 'timestamp-micros');
    stub.schemas.set(id, { schema });
    await expect(registry.idOf(subject, WORD_SUBMITTED_SCHEMA)).rejects.toMatchObject({
      code: 'SCHEMA_UNAVAILABLE',
    });
  });

  test('tells an outage from a schema that is not registered', async () => {
    stub.mode = (line) => (line.endsWith('/latest') ? { status: 503 } : 'ok');
    const looked = createSchemaRegistry({ url: stub.url }).idOf('t.words-value', WORD_SUBMITTED_SCHEMA);
    await expect(looked).rejects.toMatchObject({ details: { url: stub.url } });
  });

  test('never shows credentials', async () => {
    stub.mode = { status: 500 };
    const registry = createSchemaRegistry({ url: stub.url.replace('//', '//user:secret@') });
    const error: unknown = await registry.idOf('s', WORD_SUBMITTED_SCHEMA).catch((e: unknown) => e);
    expect(String(error) + JSON.stringify(error)).not.toContain('secret');
  });
});

describe('registerSchemas', () => {
  test('sets compatibility before the first version, registers under the topic names, and is idempotent', async () => {
    const first = await registerSchemas({ url: stub.url }, names);
    expect(first).toEqual([
      { subject: 't.words-value', id: 1, compatibility: 'BACKWARD_TRANSITIVE' },
      { subject: 't.results-value', id: 2, compatibility: 'FULL_TRANSITIVE' },
    ]);
    const lines = stub.requests.map((r) => r.line);
    const set = lines.indexOf('PUT /config/t.words-value');
    expect(set).toBeGreaterThanOrEqual(0);
    expect(lines.indexOf('POST /subjects/t.words-value/versions')).toBeGreaterThan(set);
    expect(await registerSchemas({ url: stub.url }, names)).toEqual(first);
    expect(stub.requests.filter((r) => r.line.startsWith('PUT')).length).toBe(2);
  });

  test('corrects a compatibility that somebody changed', async () => {
    stub.compatibility.set('t.words-value', 'NONE');
    await registerSchemas({ url: stub.url }, names);
    expect(Object.fromEntries(stub.compatibility)).toEqual({
      't.words-value': 'BACKWARD_TRANSITIVE',
      't.results-value': 'FULL_TRANSITIVE',
    });
  });

  test.each([409, 422])('rejects SCHEMA_INCOMPATIBLE when the registry answers %i', async (status) => {
    stub.refuse = status;
    await expect(registerSchemas({ url: stub.url }, names)).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      details: { subject: 't.words-value' },
    });
  });

  test.each(troubles)('rejects SCHEMA_UNAVAILABLE on %s', async (_, mode) => {
    stub.mode = mode;
    await expect(registerSchemas({ url: stub.url, ...SHORT }, names)).rejects.toMatchObject({
      code: 'SCHEMA_UNAVAILABLE',
    });
  });
});

test('a registry that goes down leaves known ids readable, and new ones wait', async () => {
  const [words] = await registerSchemas({ url: stub.url }, names);
  const registry = createSchemaRegistry({ url: stub.url });
  const codec = createSubmissionCodec(registry, { clock: systemClock });
  const known = inRecord({ value: createSubmissionEncoder(words.id)('kayak', 1) });
  const unknown = inRecord({ value: wire(77, Buffer.from([0, 0])) });
  await codec.prepare([known]);
  await stub.close();
  await codec.prepare([known, unknown]);
  expect(codec.decode(known)).toEqual({ kind: 'ok', word: 'kayak', submittedAt: 1 });
  expect(codec.decode(unknown)).toMatchObject({ kind: 'unavailable' });
});
