import { afterEach, expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { gzipBatch, writeGzip } from '../support/kafka/compressed.ts';
import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import type { RunResult } from '@verdikt/local/run.ts';
import { stubBytes } from '@verdikt/core/record/stub.ts';
import { createSubmissionEncoder } from '../../schemas/encode.ts';
import { subjectOf } from '@verdikt/schemas/register.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import { WORD_SUBMITTED_SCHEMA } from '@verdikt/schemas/types.ts';
import {
  commandFor,
  openOperator,
  untilMany,
  type Operator,
  type Placed,
} from '../support/system/operator.ts';
import { openSystem, type System } from '../support/system/system.ts';

/** 2.1 MB in 700,000 code points, all the same: some kilobytes once compressed. */
const LARGE_WORD = '\uac00'.repeat(700_000);
const P = 1;
const PARTITIONS = 3;
const keyOf = (name: string): string =>
  Array.from({ length: 100 }, (_, i) => `${name}-${i}`).find(
    (key) => partitionOf(Buffer.from(key), PARTITIONS) === P,
  ) as string;
const [KEY, OTHER_KEY] = [keyOf('one'), keyOf('other')];

let system: System;
let operator: Operator;
afterEach(async () => {
  await operator.stop();
  await system.stop();
});

/** Two words of one key with the large one between them, and a word of another key. */
const append = async (): Promise<{ readonly origin: number; readonly bytes: number }> => {
  const registry = createSchemaRegistry({ url: process.env.SCHEMA_REGISTRY_URL as string });
  const encode = createSubmissionEncoder(
    await registry.idOf(subjectOf(system.topics.words), WORD_SUBMITTED_SCHEMA),
  );
  const record = (id: string, key: string, word: string): OutRecord => ({
    ...{ key: Buffer.from(key), value: encode(word, 1), headers: [[H.id, id]] },
    timestamp: Date.now(),
  });
  const kafka = createKafka({
    ...{ brokers: system.brokers.split(','), clientId: 'large', clock: systemClock, log: silentLog },
  });
  const link = kafka.link();
  const write = (...records: OutRecord[]): Promise<number> =>
    writeGzip(link, system.topics.words, P, records);
  await write(record('a0', KEY, 'level'));
  const large = record('large', KEY, LARGE_WORD);
  expect(gzipBatch([large]).length).toBeLessThan(10_000);
  const origin = await write(large);
  await write(record('a1', KEY, 'level'), record('b0', OTHER_KEY, 'level'));
  await kafka.close();
  const bytes = KEY.length + (large.value as Buffer).length + 'id'.length + 'large'.length + 2;
  return { origin, bytes };
};

/** Ids in the order of each key: between keys there is none. */
const byKey = (all: readonly Placed[]): Record<string, (string | undefined)[]> => {
  const ids: Record<string, (string | undefined)[]> = {};
  for (const { record } of all) (ids[String(record.key)] ??= []).push(record.headerText(H.id));
  return ids;
};
const results = (n: number) => untilMany('results', () => operator.read(system.topics.results), n);
const letters = (n: number) => untilMany('dead letters', () => operator.read(system.topics.deadLetters), n);

const isStub = ({ partition, record }: Placed, at: { origin: number; bytes: number }): void => {
  expect([record.value, record.key?.toString(), partition]).toEqual([null, KEY, P]);
  const names = [H.id, H.stub, H.reason, H.originalTopic, H.originalPartition, H.originalOffset];
  expect(names.map((name) => record.headerText(name))).toEqual([
    ...['large', String(at.bytes), 'oversize', system.topics.words, String(P), String(at.origin)],
  ]);
};

const verdikt = (...args: string[]): Promise<RunResult> => system.tool(args);

test('its key goes on, and once its original fits it is redriven', async () => {
  system = await openSystem({ partitions: PARTITIONS });
  operator = await openOperator(system);
  const at = await append();
  const first = await system.processor();
  expect(byKey(await results(3))).toEqual({ [KEY]: ['a0', 'a1'], [OTHER_KEY]: ['b0'] });
  const all = await letters(1);
  expect(all).toHaveLength(1);
  isStub(all[0], at);
  expect(await first.log()).not.toContain('RECORD_TOO_LARGE');

  const shown = await verdikt('dlq', 'show', `${P}:${all[0].record.offset}`);
  expect(shown.stdout).toContain(
    `of a record of ${at.bytes} bytes, which is at ${system.topics.words} 1:${at.origin}`,
  );
  expect(shown.stdout).toContain('\uac00\uac00');
  const small = await verdikt('dlq', 'redrive', '--all', '--json');
  expect([small.code, JSON.parse(small.stdout)]).toMatchObject([1, { counts: { 'original-too-large': 1 } }]);

  const { results: verdicts, retry, control } = system.topics;
  const raise = ['--alter', '--entity-type', 'topics', '--add-config', 'max.message.bytes=8000000'];
  for (const topic of [verdicts, retry, control])
    await kafkaTool('configs', ['--bootstrap-server', system.brokers, ...raise, '--entity-name', topic]);
  await first.child.stop();
  await system.processor({
    recordMaxBytes: '4000000',
    chain: JSON.stringify([{ palindrome: { maxCodePoints: 1_000_000 } }]),
  });
  const redriven = await verdikt('dlq', 'redrive', '--all', '--json', '--record-max-bytes', '4000000');
  expect([redriven.stderr, JSON.parse(redriven.stdout)]).toMatchObject([
    expect.stringContaining('Operation'),
    { counts: { applied: 1 } },
  ]);
  const judged = (await results(4))[3].record;
  expect([judged.headerText(H.id), judged.headerText(H.redrive)]).toEqual(['large', '1']);
  expect(JSON.parse(String(judged.value))).toMatchObject({ accepted: true, word: LARGE_WORD });
  const audit = await verdikt('audit', '--json');
  expect([audit.code, JSON.parse(audit.stdout)]).toMatchObject([0, { findings: [] }]);
});

test('parked, it holds up its key alone, and is skipped', async () => {
  system = await openSystem({ partitions: PARTITIONS, processor: { onDeadLetter: 'park' } });
  operator = await openOperator(system);
  const at = await append();
  await system.processor();
  expect(byKey(await results(2))).toEqual({ [KEY]: ['a0'], [OTHER_KEY]: ['b0'] });
  const [copy] = await letters(1);
  isStub(copy, at);
  expect(copy.record.headerText(H.disposition)).toBe('parked');
  const entries = await operator.read(system.topics.retry);
  const [parked] = entries.filter(({ record }) => record.headerText(H.parkedAt) !== undefined);
  expect([parked.record.value, parked.record.headerText(H.stub)]).toEqual([null, String(at.bytes)]);

  await operator.send([commandFor(copy, 'skip')]);
  expect(byKey(await results(3))).toEqual({ [KEY]: ['a0', 'a1'], [OTHER_KEY]: ['b0'] });
  const [, end] = await letters(2);
  isStub(end, at);
  expect(end.record.headerText(H.disposition)).toBe('final');
});

test('so does one whose dead letter its topic no longer takes', async () => {
  system = await openSystem({ partitions: PARTITIONS });
  operator = await openOperator(system);
  const lower = ['--alter', '--entity-type', 'topics', '--add-config', 'max.message.bytes=100000'];
  const { deadLetters, words } = system.topics;
  const topic = ['--entity-name', deadLetters];
  await kafkaTool('configs', ['--bootstrap-server', system.brokers, ...lower, ...topic]);
  const processor = await system.processor();
  const kafka = createKafka({
    ...{ brokers: system.brokers.split(','), clientId: 'large', clock: systemClock, log: silentLog },
  });
  const record = (id: string, value: Buffer): OutRecord => ({
    ...{ key: Buffer.from(KEY), value, headers: [[H.id, id]], timestamp: Date.now() },
  });
  const link = kafka.link();
  await writeGzip(link, words, P, [record('bad-0', Buffer.alloc(300_000, 7))]);
  await letters(1);
  await writeGzip(link, words, P, [
    record('bad-1', Buffer.alloc(300_000, 7)),
    record('bad-2', Buffer.alloc(9)),
  ]);
  await kafka.close();
  const all = await letters(3);
  const told = (name: string) => all.map(({ record: r }) => r.headerText(name));
  expect(told(H.id)).toEqual(['bad-0', 'bad-1', 'bad-2']);
  expect(new Set(told(H.reason))).not.toContain('oversize');
  expect(all.map(({ record: r }) => [r.value?.length, stubBytes(r) > 0])).toEqual([
    ...[
      [undefined, true],
      [undefined, true],
      [9, false],
    ],
  ]);
  const log = await processor.log();
  expect(log.match(/takes smaller records than it should/g)).toHaveLength(1);
  // For this reason: a busy broker may give others.
  expect(log.match(/"code":"RECORD_TOO_LARGE".*task starts again from Kafka/g)).toHaveLength(1);
});
