// Starts a cluster of three brokers of its own; the registry is that of SCHEMA_REGISTRY_URL.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import type { Header } from '@verdikt/core/record/record.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { out } from '@verdikt/test/support/kafka/batches.ts';
import { createTestWriter } from '@verdikt/test/support/kafka/writer.ts';
import { openKafkaTools } from '@verdikt/local/kafka-tools.ts';
import { startKafka, type LocalKafka } from '@verdikt/local/kafka.ts';
import type { Membership } from '@verdikt/core/ports/membership.ts';
import { ask, registryAddress } from '../../schemas/http.ts';
import { registerSchemas } from '@verdikt/schemas/register.ts';
import type { TopicState } from '@verdikt/core/ports/topics.ts';
import { startFakeProcessor, type FakeProcessor } from '@verdikt/test/support/cli/fake-processor.ts';
import { createExamination, type Examination } from '@verdikt/test/support/cli/doctor-bench.ts';
import { lastAnswer } from '@verdikt/test/support/wait.ts';
import { applyTopics } from '../topics/topics.ts';

const PREFIX = `${randomUUID().slice(0, 8)}.`;
const GROUP = 'judges';
const PARTITIONS = 3;
const names = topicNames(PREFIX, GROUP);
const SYSTEM = systemId(names.words, GROUP);
const TASKS = Array.from({ length: PARTITIONS }, (_, i) => i);
const url = process.env.SCHEMA_REGISTRY_URL ?? '';
/** Of a local cluster nobody guards. */
const CLEAN = ['NO_AUTHORIZER'];

let cluster: LocalKafka;
let kafka: Kafka;
let membership: Membership;
let processor: FakeProcessor;
let examine: ReturnType<typeof createExamination>;
/** Settings by topic, as `topics apply` gives them. */
const applied = new Map<string, TopicState['overrides']>();

/** Judges everything in `words`, as a processor does. */
const work = async (): Promise<void> => {
  const transactions = kafka.transactions({ group: GROUP, words: names.words });
  for (const task of TASKS) {
    const { end } = await kafka.logs().bounds(names.words, task);
    const transaction = await transactions.fence(task);
    await transaction.commit({
      outputs: [{ topic: names.results, records: [out('judged')] }],
      nextOffset: BigInt(end),
    });
    await transaction.close();
  }
};

/** Brokers hear of a change a moment later: what is found once it is so. */
const examinedUntil = (
  so: (codes: readonly string[]) => boolean,
  given?: Parameters<typeof examine>[0],
): Promise<Examination> =>
  lastAnswer(
    () => examine(given),
    (seen) => so(seen.codes),
    { everyMs: 0 },
  );

const append = async (topic: string, partition = 0): Promise<void> => {
  const sink = await kafka.sink({ topic });
  expect(await sink.append([{ partition, record: out('word') }])).toMatchObject([{ ok: true }]);
  await sink.stop();
};

beforeAll(async () => {
  if (url === '') throw new Error('Set SCHEMA_REGISTRY_URL to the Confluent API of a registry.');
  cluster = await startKafka({ nodes: 3 });
  kafka = createKafka({ brokers: cluster.brokers, clientId: 'doctor-test' });
  examine = createExamination({
    KAFKA_BROKERS: cluster.brokers.join(','),
    SCHEMA_REGISTRY_URL: url,
    VERDIKT_TOPIC_PREFIX: PREFIX,
    VERDIKT_GROUP: GROUP,
    VERDIKT_PARTITIONS: String(PARTITIONS),
  });
  await applyTopics(kafka.admin(), names, { partitions: PARTITIONS });
  for (const { name, overrides } of await kafka.admin().describe(Object.values(names)))
    applied.set(name, overrides);
  await registerSchemas({ url }, names);
  for (const task of TASKS) await append(names.words, task);
  processor = await startFakeProcessor(SYSTEM, PARTITIONS);
  membership = kafka.membership({
    ...{ group: SYSTEM, partitions: PARTITIONS, topics: Object.values(names) },
    managementPort: () => processor.port,
  });
  await membership.start({ assigned: () => undefined, lost: () => undefined, refused: () => undefined });
  await work();
});

afterAll(async () => {
  await membership.stop();
  await processor.stop();
  await kafka.close();
  await cluster.stop();
});

test('a clean system has no finding but that nobody guards it', async () => {
  const { code, codes, findings } = await examine({ args: ['--strict'] });
  expect([codes, findings.length, code]).toEqual([CLEAN, 1, 0]);
});

describe('settings of a topic', () => {
  test.each<[code: string, topic: string, settings: Record<string, string>]>([
    ['CLEANUP_COMPACTS', names.results, { 'cleanup.policy': 'compact' }],
    ['RETRY_RETENTION', names.retry, { 'retention.ms': '100000000' }],
    ['RETRY_RETENTION', names.retry, { 'retention.bytes': '100000000' }],
    ['RETENTION_SHORT', names.deadLetters, { 'retention.ms': '60000' }],
    ['RETENTION_SHORT', names.words, { 'retention.ms': '30000' }],
    ['OFFSETS_RETENTION_SHORT', names.words, { 'retention.ms': '800000000' }],
    ['TIMESTAMP_TYPE', names.deadLetters, { 'message.timestamp.type': 'CreateTime' }],
    ['HEADROOM_SMALL', names.results, { 'max.message.bytes': '1048576' }],
    ['HEADROOM_SMALL', names.words, { 'max.message.bytes': '1050000' }],
    ['UNCLEAN_ELECTION', names.words, { 'unclean.leader.election.enable': 'true' }],
    ['MIN_ISR_LOW', names.words, { 'min.insync.replicas': '1' }],
    ['MIN_ISR_HIGH', names.words, { 'min.insync.replicas': '3' }],
  ])('%s: %s with %j', async (code, topic, settings) => {
    const admin = kafka.admin();
    // As applied at the start: a broker may not have heard yet that the test before has put its own back.
    const overrides = applied.get(topic) ?? {};
    await admin.replaceOverrides(topic, { ...overrides, ...settings });
    const seen = await examinedUntil((codes) => codes.includes(code));
    await admin.replaceOverrides(topic, overrides);
    await admin.close();
    await examinedUntil((codes) => codes.length === 1);
    const about = code === 'HEADROOM_SMALL' && topic === names.words ? names.results : topic;
    expect([...seen.codes].sort()).toEqual([code, ...CLEAN].sort());
    const what = code === 'OFFSETS_RETENTION_SHORT' ? 'words are kept' : about;
    expect(seen.findings.map((f) => f.what)).toContainEqual(expect.stringContaining(what));
  });
});

describe('configuration', () => {
  test.each<[code: string, env: Record<string, string>, also?: string[]]>([
    ['PARTITIONS_DIFFER', { VERDIKT_PARTITIONS: '5' }, ['TASKS_UNASSIGNED']],
    ['BATCH_TOO_LARGE', { VERDIKT_MAX_BATCH_BYTES: '2000000' }],
    ['BATCH_TOO_LARGE', { VERDIKT_RECORD_MAX_BYTES: '2000000' }],
    ['SESSION_TIMEOUT', { VERDIKT_SESSION_TIMEOUT_MS: '2000' }],
    ['RETENTION_SHORT', { VERDIKT_RETRY_MAX_ATTEMPTS: '1000', VERDIKT_RETRY_MAX_DELAY_MS: '86400000' }],
  ])('%s: %j', async (code, env, also = []) => {
    const seen = await examine({ env });
    expect([...seen.codes].sort()).toEqual([code, ...also, ...CLEAN].sort());
    expect(seen.code).toBe(1);
  });

  test('TOPIC_MISSING, SCHEMA_MISSING and GROUP_EMPTY: a prefix and group that nobody has set up', async () => {
    const seen = await examine({ env: { VERDIKT_TOPIC_PREFIX: 'nobody.', VERDIKT_GROUP: 'nobody' } });
    expect(seen.codes).toEqual(['TOPIC_MISSING', 'SCHEMA_MISSING', 'GROUP_EMPTY', ...CLEAN]);
    expect(seen.findings.filter((f) => f.code === 'TOPIC_MISSING')).toHaveLength(5);
  });

  test('CLOCK_SKEW: a clock that is five minutes off, which is no error', async () => {
    const deps = { now: () => Date.now() + 300_000 };
    const seen = await examine({ deps });
    expect([seen.codes, seen.code]).toEqual([['CLOCK_SKEW', ...CLEAN], 0]);
    expect((await examine({ deps, args: ['--strict'] })).code).toBe(3);
  });

  test('CHECK_FAILED: a registry that is away hides nothing else', async () => {
    const env = { SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9/', VERDIKT_MAX_BATCH_BYTES: '2000000' };
    expect((await examine({ env })).codes).toEqual(['BATCH_TOO_LARGE', 'CHECK_FAILED', ...CLEAN]);
  });
});

describe('schemas', () => {
  const put = async (path: string, body: object): Promise<void> => {
    const method = path.startsWith('/config') ? 'PUT' : 'POST';
    expect((await ask(registryAddress({ url }), method, path, body)).status).toBe(200);
  };

  test('SCHEMA_COMPATIBILITY: a level that promises nothing', async () => {
    await put(`/config/${names.results}-value`, { compatibility: 'NONE' });
    expect((await examine()).codes).toEqual(['SCHEMA_COMPATIBILITY', ...CLEAN]);
    await registerSchemas({ url }, names);
    expect((await examine()).codes).toEqual(CLEAN);
  });

  test('SCHEMA_INCOMPATIBLE: another schema is registered where ours should be', async () => {
    const prefix = `${PREFIX}x.`;
    const schema = JSON.stringify({ type: 'record', name: 'Other', fields: [{ name: 'n', type: 'int' }] });
    await put(`/config/${prefix}words-value`, { compatibility: 'BACKWARD_TRANSITIVE' });
    await put(`/subjects/${prefix}words-value/versions`, { schema });
    const seen = await examine({ env: { VERDIKT_TOPIC_PREFIX: prefix } });
    expect(seen.findings.map((f) => [f.code, f.what])).toContainEqual([
      'SCHEMA_INCOMPATIBLE',
      `${prefix}words-value`,
    ]);
  });
});

describe('work', () => {
  test('NO_PROGRESS: a word that nobody takes', async () => {
    await append(names.words, 1);
    const seen = await examine();
    await work();
    expect([seen.codes, seen.findings[0].what]).toEqual([
      ['NO_PROGRESS', ...CLEAN],
      expect.stringContaining(`${names.words}-1: 1 wait`),
    ]);
    expect((await examine()).codes).toEqual(CLEAN);
  });

  test('OFFSET_LOST: words deleted before they were judged', async () => {
    await append(names.words, 2);
    await append(names.words, 2);
    const { end } = await kafka.logs().bounds(names.words, 2);
    const admin = kafka.admin();
    await admin.trim(names.words, 2, end - 1);
    const seen = await examine();
    await work();
    expect(seen.codes).toEqual(['OFFSET_LOST', ...CLEAN]);
    expect((await examine()).codes).toEqual(CLEAN);
    await admin.close();
  });

  test('TOPIC_TAKEN: the results of another group among ours', async () => {
    const sink = await kafka.sink({ topic: names.results });
    const record = out('verdict');
    const headers: Header[] = [...record.headers, [H.next, '1'], [H.group, 'words/other']];
    await sink.append([{ partition: 1, record: { ...record, headers } }]);
    await sink.stop();
    const seen = await examine();
    await kafka.admin().trim(names.results, 1, (await kafka.logs().bounds(names.results, 1)).end);
    expect(seen.codes).toEqual(['TOPIC_TAKEN', ...CLEAN]);
    expect((await examine()).codes).toEqual(CLEAN);
  });

  test('DEAD_LETTERS_GROW: one comes while we look', async () => {
    const wait = (): Promise<void> => append(names.deadLetters);
    expect((await examine({ deps: { wait } })).codes).toEqual(['DEAD_LETTERS_GROW', ...CLEAN]);
  });

  test('TRANSACTION_HANGING: one that is open for longer than twice its time-out', async () => {
    const link = kafka.link();
    const transaction = await createTestWriter(link, names.results).begin(`${PREFIX}stranger`);
    await transaction.write(0, ['never ended']);
    const env = { VERDIKT_TRANSACTION_TIMEOUT_MS: '1000', VERDIKT_SAMPLE_MS: '2500' };
    const late = (): Promise<void> => pause(3_000);
    const seen = await examine({ env, deps: { late } });
    await transaction.end(false);
    await link.close();
    expect(seen.codes).toEqual(['TRANSACTION_HANGING', ...CLEAN]);
    expect(seen.findings[0].what).toContain(`${names.results}-0`);
    // The transaction is aborted a moment before its end is written.
    const after = await examinedUntil((codes) => codes.length === 1, { env });
    expect(after.codes).toEqual(CLEAN);
  });

  test('GROUP_FOREIGN: a plain consumer in our group', async () => {
    const tools = await openKafkaTools();
    const at = [
      '--bootstrap-server',
      cluster.brokers[0],
      '--topic',
      names.words,
      '--group',
      systemId(names.words, 'plain'),
    ];
    const consumer = tools.spawn('console-consumer', at, 'ignore');
    const left = new Promise((resolve) => consumer.on('exit', resolve));
    const env = { VERDIKT_GROUP: 'plain' };
    // It has joined when the group has a protocol.
    const seen = await examinedUntil((codes) => codes.includes('GROUP_FOREIGN'), { env });
    consumer.kill('SIGKILL');
    await left;
    expect(seen.codes).toContain('GROUP_FOREIGN');
  });

  test('GROUP_EMPTY: nobody works', async () => {
    await membership.stop();
    const seen = await examine({ args: ['--strict'] });
    expect([seen.codes, seen.code]).toEqual([['GROUP_EMPTY', ...CLEAN], 3]);
  });
});

test('REPLICATION_LOW, UNDER_REPLICATED and PARTITION_OFFLINE: topics without copies, and a broker that is gone', async () => {
  const single = { VERDIKT_TOPIC_PREFIX: `${PREFIX}single.` };
  const admin = kafka.admin();
  const alone = topicNames(single.VERDIKT_TOPIC_PREFIX, GROUP);
  await applyTopics(admin, alone, { partitions: PARTITIONS, replicationFactor: 1, minInsyncReplicas: 1 });
  await admin.close();
  expect((await examine({ env: single })).codes).toContain('REPLICATION_LOW');
  await cluster.kill('SIGKILL', 3);
  const brokers = { KAFKA_BROKERS: cluster.brokers.slice(0, 2).join(',') };
  const seen = await examinedUntil((codes) => codes.includes('UNDER_REPLICATED'), { env: brokers });
  expect(seen.codes).toContain('UNDER_REPLICATED');
  expect((await examine({ env: { ...brokers, ...single } })).codes).toContain('PARTITION_OFFLINE');
  // Nobody waits for what has no leader.
});
