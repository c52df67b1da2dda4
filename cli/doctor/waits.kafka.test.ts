import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Membership } from '@verdikt/core/ports/membership.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { createExamination } from '@verdikt/test/support/cli/doctor-bench.ts';
import { startFakeProcessor, type FakeProcessor } from '@verdikt/test/support/cli/fake-processor.ts';
import { taskStatus } from '../../operate/status/status.fixture.ts';
import { applyTopics } from '../topics/topics.ts';

const PREFIX = `${randomUUID().slice(0, 8)}.`;
const GROUP = 'judges';
const PARTITIONS = 3;
const names = topicNames(PREFIX, GROUP);
const SYSTEM = systemId(names.words, GROUP);
const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
/** Of the broker of the tests. */
const QUIET = ['SINGLE_BROKER', 'NO_AUTHORIZER'];
const UNKNOWN = 'not known of tasks 0, 1, 2: phase, dead-letter limit, circuits, intake';

let kafka: Kafka;
let processor: FakeProcessor;
let membership: Membership;
const examine = createExamination({
  KAFKA_BROKERS: brokers.join(','),
  VERDIKT_TOPIC_PREFIX: PREFIX,
  VERDIKT_GROUP: GROUP,
  VERDIKT_PARTITIONS: String(PARTITIONS),
  VERDIKT_SAMPLE_MS: '0',
});
const seen = async (...args: string[]): Promise<[code: number, codes: string[], whats: string[]]> => {
  const { code, findings } = await examine({ args });
  const ours = findings.filter((f) => !QUIET.includes(f.code));
  return [code, ours.map((f) => f.code), ours.map((f) => f.what)];
};

beforeAll(async () => {
  kafka = createKafka({ brokers, clientId: 'doctor-test' });
  const admin = kafka.admin();
  await applyTopics(admin, names, { partitions: PARTITIONS });
  await admin.close();
  // A topic is there a little before its partitions answer.
  for (const topic of Object.values(names))
    for (let task = 0; task < PARTITIONS; task++) await kafka.logs().bounds(topic, task);
  processor = await startFakeProcessor(SYSTEM, PARTITIONS);
  membership = kafka.membership({
    ...{ group: SYSTEM, partitions: PARTITIONS, topics: Object.values(names) },
    managementPort: () => processor.port,
  });
  await membership.start({ assigned: () => undefined, lost: () => undefined, refused: () => undefined });
});
beforeEach(() => processor.says({}));
afterAll(async () => {
  await membership.stop();
  await processor.stop();
  await kafka.close();
});

test('nothing waits where the member says that it is at rest', async () => {
  expect(await seen()).toEqual([0, [], []]);
});

test('what the member says of itself is found at the port that the group tells, and is no error', async () => {
  const limit = { state: 'operator' as const, held: 4, max: 100 };
  processor.says({
    tasks: [taskStatus(0, { limit }), taskStatus(1, { intake: { reason: 'http' } }), taskStatus(2)],
    circuits: [{ check: 'http', state: 'open' }],
  });
  const [code, codes] = await seen();
  expect([code, codes]).toEqual([0, ['DEAD_LETTER_LIMIT', 'INTAKE_STOPPED', 'CIRCUIT_OPEN']]);
  expect((await seen('--strict'))[0]).toBe(3);
});

test('a stopped task is an error', async () => {
  const trouble = { code: 'ACCESS_DENIED', waitsForOperator: true, message: 'no right' };
  processor.says({ tasks: [taskStatus(0), taskStatus(1), { task: 2, phase: 'waiting', trouble }] });
  expect(await seen()).toEqual([1, ['TASK_STOPPED'], ['task 2: ACCESS_DENIED: no right']]);
});

test('a member that answers for another system is an error that says what is not known', async () => {
  processor.says({ system: 'words/others' });
  const what = `${processor.url}: a processor of another system, words/others; ${UNKNOWN}`;
  expect(await seen()).toEqual([1, ['PROCESSOR_UNREACHABLE'], [what]]);
});

test('addresses given by hand are asked instead, and what they leave out is told', async () => {
  const nobody = 'http://127.0.0.1:1';
  expect(await seen('--processor', nobody)).toEqual([
    1,
    ['PROCESSOR_UNREACHABLE', 'PROCESSOR_UNREACHABLE'],
    [expect.stringMatching(`^${nobody}: not reachable: `), `not all processors were asked; ${UNKNOWN}`],
  ]);
  expect((await seen('--processor', processor.url))[0]).toBe(0);
});
