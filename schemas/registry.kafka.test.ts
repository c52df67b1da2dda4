// Against a real schema registry at SCHEMA_REGISTRY_URL.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createSubmissionCodec } from './codec.ts';
import { createSubmissionEncoder } from './encode.ts';
import { ask, registryAddress } from './http.ts';
import { registerSchemas, subjectOf, wantedSubjects } from './register.ts';
import { createSchemaRegistry } from './registry.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { wire } from '@verdikt/test/support/schemas/codec.ts';
import { WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA } from './types.ts';

const url = process.env.SCHEMA_REGISTRY_URL ?? '';
const names = topicNames(`${randomUUID()}.`, 'g');

beforeAll(() => {
  if (url === '')
    throw new Error('Set SCHEMA_REGISTRY_URL to a running schema registry, with its base path.');
});

test('registers, finds by text, reads back, and knows what it does not have', async () => {
  const first = await registerSchemas({ url }, names);
  expect(await registerSchemas({ url }, names)).toEqual(first);

  const registry = createSchemaRegistry({ url });
  const id = await registry.idOf(subjectOf(names.words), WORD_SUBMITTED_SCHEMA);
  expect(id).toBe(first[0].id);
  await expect(registry.idOf('nobody-has-this', WORD_SUBMITTED_SCHEMA)).rejects.toMatchObject({
    code: 'SCHEMA_UNAVAILABLE',
  });

  const codec = createSubmissionCodec(registry, { clock: systemClock });
  const records = [
    inRecord({ value: createSubmissionEncoder(id)('Straße', 1_795_000_000_000) }),
    inRecord({ value: wire(1_999_999_999, Buffer.from([0, 0])) }),
    inRecord({ value: wire(-1, Buffer.from([0, 0])) }),
    inRecord({ value: wire(first[1].id, Buffer.from([0, 0])) }),
  ];
  await codec.prepare(records);
  expect(records.map((r) => codec.decode(r))).toMatchObject([
    { kind: 'ok', word: 'Straße', submittedAt: 1_795_000_000_000 },
    { kind: 'poison', reason: 'schema-unknown' },
    { kind: 'poison', reason: 'schema-unknown' },
    { kind: 'poison', reason: 'not-a-submission' },
  ]);
});

test('holds each subject to its own compatibility', async () => {
  await registerSchemas({ url }, names);
  const to = registryAddress({ url });
  for (const { subject, compatibility } of wantedSubjects(names)) {
    expect((await ask(to, 'GET', `/config/${subject}`)).body).toMatchObject({
      compatibilityLevel: compatibility,
    });
  }
  // One field more, without default: old data cannot be read (words), and neither way holds (results).
  for (const [topic, schema] of [
    [names.words, WORD_SUBMITTED_SCHEMA],
    [names.results, WORD_JUDGED_SCHEMA],
  ]) {
    const changed = JSON.parse(schema) as { fields: object[] };
    changed.fields.push({ name: 'more', type: 'string', doc: 'More.' });
    const body = { schema: JSON.stringify(changed) };
    expect((await ask(to, 'POST', `/subjects/${subjectOf(topic)}/versions`, body)).status).toBe(409);
  }
});

test('a URL without its base path is an outage, not a missing schema', async () => {
  const answer = await createSchemaRegistry({ url: new URL('/no/such/path', url).href }).byId(1_999_999_999);
  expect(answer.kind).toBe('unavailable');
});
