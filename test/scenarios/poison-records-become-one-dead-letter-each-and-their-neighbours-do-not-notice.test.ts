import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { createSubmissionEncoder } from '../../schemas/encode.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import { subjectOf } from '@verdikt/schemas/register.ts';
import { WORD_SUBMITTED_SCHEMA } from '@verdikt/schemas/types.ts';
import { readMany } from '../support/system/console-reader.ts';
import { openSystem, type System } from '../support/system/system.ts';

let system: System;
beforeAll(async () => {
  system = await openSystem({ partitions: 3, processor: { recordMaxBytes: '10000' } });
});
afterAll(() => system.stop());

test('each is named by its reason and keeps its bytes', async () => {
  const registry = createSchemaRegistry({ url: process.env.SCHEMA_REGISTRY_URL as string });
  const id = await registry.idOf(subjectOf(system.topics.words), WORD_SUBMITTED_SCHEMA);
  const encode = createSubmissionEncoder(id);
  const good = encode('level', 1);
  const unknown = Buffer.from(good);
  unknown.writeInt32BE(987_654_321, 1);
  const poison: [reason: string, value: Buffer | null][] = [
    ['tombstone', null],
    ['wire-format', Buffer.from('{"word":"level"}')],
    ['wire-format', Buffer.alloc(0)],
    ['schema-unknown', unknown],
    ['avro', good.subarray(0, good.length - 1)],
    ['avro', Buffer.concat([good, Buffer.from([0])])],
    ['oversize', encode('x'.repeat(20_000), 1)],
  ];

  const kafka = createKafka({ brokers: system.brokers.split(','), clientId: 'poison' });
  const sink = await kafka.sink({ topic: system.topics.words });
  const submissions = poison.flatMap(([, value], i) =>
    [good, value, good].map((v, place) => ({
      partition: 1,
      record: {
        key: Buffer.from('one-key'),
        value: v,
        headers: [['id', `${i}-${place}`]] as [string, string][],
      },
    })),
  );
  const appended = await sink.append(submissions);
  expect(appended?.every((a) => a.ok)).toBe(true);
  await sink.stop();
  await kafka.close();
  await system.processor();

  const { brokers, topics } = system;
  const [results, letters] = await Promise.all([
    readMany(brokers, topics.results, 2 * poison.length),
    readMany(brokers, topics.deadLetters, poison.length),
  ]);
  expect(results.map((r) => r.headers.get('id'))).toEqual(poison.flatMap((_, i) => [`${i}-0`, `${i}-2`]));
  expect(letters.map((r) => [r.headers.get('id'), r.headers.get('verdikt-reason'), r.partition])).toEqual(
    poison.map(([reason], i) => [`${i}-1`, reason, 1]),
  );
  const origins = letters.map((r) => r.headers.get('x-original-offset'));
  expect(origins).toEqual(poison.map((_, i) => String(i * 3 + 1)));
  expect(letters[1].value).toBe('{"word":"level"}');
});
