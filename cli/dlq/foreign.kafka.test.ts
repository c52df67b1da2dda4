import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { applyTopics } from '../topics/topics.ts';
import { dlqDeps } from '../adapters/dlq.ts';
import { deadLetter } from '@verdikt/core/record/dead-letter.ts';
import { run } from '../program.ts';
import type { TopicSpec } from '@verdikt/core/ports/topics.ts';
import { FOREIGN_FIXTURES, fixture } from '../../operate/dlq/dialects/fixtures.fixture.ts';
import { makeRecord as inRecord } from '@verdikt/core/record/make-record.ts';

const BROKERS = process.env['KAFKA_BROKERS'] ?? '';
const prefix = `dlq${randomBytes(4).toString('hex')}.`;
let kafka: Kafka;

/** The command line as it is, over a real broker. */
const verdikt = async (line: string) => {
  const seen = { out: '', err: '', code: 0 };
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const env = { KAFKA_BROKERS: BROKERS, VERDIKT_TOPIC_PREFIX: prefix };
  seen.code = await run(line.split(' '), {
    ...{
      version: '1.2.3',
      env,
      readFile,
      dlq: dlqDeps(readFile),
      out: (t: string) => (seen.out += t),
      err: (t: string) => (seen.err += t),
    },
  } as unknown as Parameters<typeof run>[1]);
  return seen;
};

const topic = (name: string): TopicSpec => ({
  name,
  partitions: 3,
  replicationFactor: 1,
  configs: { 'retention.ms': '-1' },
});

const readAll = async (name: string, partition: number) => {
  const logs = kafka.logs();
  const { start, end } = await logs.bounds(name, partition);
  const all: { key: string; value: string; headers: string[] }[] = [];
  await logs.scan(name, partition, start, end, (r) => {
    all.push({ key: String(r.key), value: String(r.value), headers: r.headers().map(([n]) => n) });
  });
  return all;
};

/** The topic that the letters of a fixture name. */
const originalOf = (name: string): string => {
  const [{ record }] = fixture(name);
  return String(
    record.headers().find(([n]) => /(original-topic|errors\.topic|source_topic|letter-topic)$/.test(n))?.[1],
  );
};

beforeAll(async () => {
  if (BROKERS === '') throw new Error('KAFKA_BROKERS is not set');
  kafka = createKafka({ brokers: BROKERS.split(','), clientId: 'dlq-test' });
  const admin = kafka.admin();
  await applyTopics(admin, topicNames(prefix, 'verdikt'), { partitions: 3, replicationFactor: 1 });
  const names = FOREIGN_FIXTURES.flatMap((f) => [`${prefix}${originalOf(f)}`, `${prefix}${f}-dlt`]);
  await admin.create(names.map(topic));
  await admin.close();
});

afterAll(() => kafka.close());

test.each(FOREIGN_FIXTURES)(
  'dead letters of %s are listed, and go back to where they came from, in order and once',
  async (name) => {
    const letters = fixture(name);
    const dlt = `${prefix}${name}-dlt`;
    const sink = await kafka.sink({ topic: dlt });
    for (const { record } of letters) {
      const own = record
        .headers()
        .map(([n, v]) => [n, String(v) === originalOf(name) ? `${prefix}${originalOf(name)}` : v] as const);
      const r = { key: record.key, value: record.value, headers: own };
      // Not where the software would put them, and the later one first: only their headers tell.
      await sink.append([{ partition: record.offset % 2, record: r }]);
    }
    await sink.stop();
    const listed = (await verdikt(`dlq list --topic ${dlt} --json`)).out.trim().split('\n');
    const parsed = listed.map(
      (l) => JSON.parse(l) as { dialect: string; original: { topic: string; partition: number } },
    );
    expect(parsed.map((l) => l.dialect)).toEqual([name, name]);
    const { topic: original, partition } = parsed[0].original;
    const closed = await verdikt(`dlq redrive --all --topic ${dlt} --json`);
    expect([closed.code, JSON.parse(closed.out)]).toMatchObject([
      1,
      { counts: { selected: 2, 'not-allowed': 2 } },
    ]);
    const operation = crypto.randomUUID();
    const line = `dlq redrive --all --topic ${dlt} --allow-target ${original} --force-unknown-schema --operation ${operation} --json`;
    const first = await verdikt(line);
    expect([first.code, JSON.parse(first.out)]).toMatchObject([0, { counts: { selected: 2, applied: 2 } }]);
    const again = await verdikt(line);
    expect(again).toMatchObject({ code: 0 });
    const back = await readAll(original, partition);
    expect(back.map((r) => r.value)).toEqual(letters.map((l) => String(l.record.value)));
    expect(back[0].headers.filter((n) => !n.startsWith('verdikt-'))).toEqual(
      name === 'share-group' ? [] : ['tenant'],
    );
  },
);

test('two tools at once put one copy into the quarantine', async () => {
  const names = topicNames(prefix, 'verdikt');
  const record = inRecord({
    offset: 9,
    timestamp: 1,
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    headers: [],
  });
  const letter = deadLetter(record, {
    ...{
      id: crypto.randomUUID(),
      topic: names.words,
      partition: 1,
      origin: 9,
      redrive: 11,
      kind: 'reject',
      attempts: 1,
    },
    ...{ firstFailedAt: 0, reason: 'r', error: 'e', stage: 's', disposition: 'final' },
  });
  const sink = await kafka.sink({ topic: names.deadLetters });
  await sink.append([{ partition: 1, record: letter }]);
  await sink.stop();
  const ends = await Promise.all([1, 2, 3].map(() => verdikt('dlq redrive --all --json')));
  // Those who are shut out say so and can go on; nobody reports what is not there.
  expect(ends.some((e) => e.out.includes('"quarantined":1'))).toBe(true);
  expect((await verdikt('dlq redrive --all --json')).out).toContain('"quarantined":1');
  expect(await readAll(`${prefix}words.quarantine`, 1)).toHaveLength(1);
  expect((await verdikt('dlq list --json')).out).toContain('"status":"quarantined"');
});

test('purge deletes at the broker', async () => {
  const dlt = `${prefix}karafka-dlt`;
  expect((await verdikt(`dlq purge --topic ${dlt} --before end --include-open --yes`)).out).toContain(
    'deleted 2',
  );
  expect((await verdikt(`dlq list --topic ${dlt}`)).out).toContain('No dead letters');
});
