import { expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import avro from 'avsc';
import { ServiceError } from '@verdikt/core/errors.ts';
import { wordSubmittedType } from './avro.ts';
import { createSubmissionEncoder } from './encode.ts';
import { OURS, setup } from '@verdikt/test/support/schemas/codec.ts';
import { inRecord } from '@verdikt/test/support/records.ts';

const at = 1_795_000_000_000;
const encode = createSubmissionEncoder(OURS);

test('warmed, it reads our schema without a question; rejects while the registry does not tell', async () => {
  const { registry, asked, codec, answers } = setup();
  registry.down = true;
  await expect(codec.warm()).rejects.toMatchObject({ code: 'SCHEMA_UNAVAILABLE' });
  registry.down = false;
  answers.set(OURS, { kind: 'missing' });
  await expect(codec.warm()).rejects.toMatchObject({ code: 'SCHEMA_UNAVAILABLE' });
  answers.set(OURS, { kind: 'found', type: wordSubmittedType });
  await codec.warm();
  const before = asked.length;
  expect(codec.prepare([inRecord({ value: encode('abba', at) })])).toBeUndefined();
  expect(asked).toHaveLength(before);
});

test('warmed where our schema is not registered, it starts all the same', async () => {
  const { registry, codec } = setup();
  registry.idOf = () => Promise.reject(new ServiceError('SCHEMA_UNAVAILABLE', '', { registered: false }));
  await codec.warm();
  registry.idOf = () => Promise.reject(new ServiceError('SCHEMA_UNAVAILABLE', 'away'));
  await expect(codec.warm()).rejects.toMatchObject({ code: 'SCHEMA_UNAVAILABLE' });
});

test.each([
  ['another schema', { kind: 'found', type: avro.Type.forSchema('int') }],
  ['one that is not Avro', { kind: 'unusable', detail: 'Protobuf' }],
  ['nothing', { kind: 'missing' }],
] as const)('a registry that gives %s for our own id is not believed', async (_, answer) => {
  const { answers, read, clock } = setup({ [OURS]: answer });
  expect((await read(encode('abba', at))).kind).toBe('unavailable');
  answers.set(OURS, { kind: 'found', type: wordSubmittedType });
  clock.advance(30_000);
  await read(encode('abba', at));
  await turn();
  expect((await read(encode('abba', at))).kind).toBe('ok');
});
