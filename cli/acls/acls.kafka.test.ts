// Starts a broker of its own, with an authorizer, TLS and SCRAM.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { quarantineTopic, topicNames } from '@verdikt/core/record/topics.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { startSecureBroker, type SecureBroker } from '@verdikt/test/support/kafka/secure-broker.ts';
import type { AclAdmin, AclBinding } from '@verdikt/core/ports/acls.ts';
import { createTester, type Attempt, type Tester } from '@verdikt/test/support/cli/attempts.ts';
import { until } from '@verdikt/test/support/wait.ts';
import { applyTopics } from '../topics/topics.ts';
import { allows } from './allows.ts';
import { applyAcls } from './plan.ts';
import { aclNames, aclTable, bindingsFor, ROLES, type Role } from './table.ts';

const PREFIX = 'acl.';
const GROUP = 'judges';
const topics = topicNames(PREFIX, GROUP);
const names = aclNames(topics, GROUP);
const table = aclTable(names);
/** All topics that the table speaks of. */
const tableTopics = [...new Set(table.filter((r) => r.resource === 'topic').map((r) => r.name))];
const principals = Object.fromEntries(ROLES.map((role) => [role, `User:${role}`])) as Record<Role, string>;
const wanted = bindingsFor(table, principals);
const keep = { prune: false, dryRun: false };

let broker: SecureBroker;
let root: Kafka;
let acls: AclAdmin;
const testers = new Map<Role, Tester>();
const testerOf = (role: Role): Tester => testers.get(role) as Tester;

beforeAll(async () => {
  broker = await startSecureBroker(ROLES);
  root = createKafka(broker.connection('root'));
  acls = root.acls();
  for (const role of ROLES) testers.set(role, createTester(broker.connection(role)));
  expect(await applyAcls(acls, wanted, keep)).toMatchObject({ create: wanted, extra: [], unchanged: [] });
  // Brokers hear of a rule a moment later.
  const create: Attempt = { resource: 'topic', name: topics.words, operation: 'create' };
  await answers(() => testerOf('deploy').may(create), true);
  const deploy = createKafka(broker.connection('deploy'));
  await applyTopics(deploy.admin(), topics, { partitions: 1 });
  await deploy.close();
  const rootTester = createTester(broker.connection('root'));
  for (const name of [...tableTopics, FOREIGN]) {
    await root.admin().create([{ name, partitions: 1, replicationFactor: 1, configs: {} }]);
    await rootTester.may({ resource: 'topic', name, operation: 'write' });
  }
  await rootTester.close();
});

afterAll(async () => {
  for (const tester of testers.values()) await tester.close();
  await root.close();
  await broker.stop();
});

/** Tries until the answer is as wanted. */
const answers = (ask: () => Promise<boolean>, answer: boolean): Promise<void> =>
  until(`the answer ${answer}`, async () => (await ask()) === answer, { everyMs: 20 });

const FOREIGN = 'acl.foreign';
const attemptOf = ({ resource, name, pattern, operation }: AclBinding): Attempt => ({
  ...{ resource, operation, name: pattern === 'prefixed' ? `${name}0` : name },
});

test.each(
  table.map((row, i) => [`${row.role} needs ${row.operation} on ${row.resource} ${row.name}`, i] as const),
)('%s', async (_, i) => {
  const { may } = testerOf(table[i].role);
  const attempt = attemptOf(wanted[i]);
  await answers(() => may(attempt), true);
  await acls.removeAcls([wanted[i]]);
  await answers(() => may(attempt), false);
  await acls.addAcls([wanted[i]]);
  await answers(() => may(attempt), true);
});

/** Everything of ours, and one stranger of each kind. */
const everything: Attempt[] = [
  ...[...Object.values(topics), quarantineTopic(topics), FOREIGN].flatMap((name) =>
    (['read', 'write', 'delete', 'create', 'describe', 'describe-configs', 'alter-configs'] as const).map(
      (operation): Attempt => ({ resource: 'topic', name, operation }),
    ),
  ),
  // A group or a system whose name begins like ours is a stranger too.
  ...[names.group, `${names.group}2`, GROUP].flatMap((name) =>
    (['read', 'describe'] as const).map((operation): Attempt => ({ resource: 'group', name, operation })),
  ),
  ...[`${names.transactionalIds}0`, `${names.quarantineIds}0`, `${names.group}2/0`, `${GROUP}/0`].flatMap(
    (name) =>
      (['write', 'describe'] as const).map((operation): Attempt => ({
        ...{ resource: 'transactional-id', name, operation },
      })),
  ),
  ...(['describe', 'describe-configs', 'alter'] as const).map((operation): Attempt => ({
    ...{ resource: 'cluster', name: 'kafka-cluster', operation },
  })),
];

describe.each(ROLES)('%s', (role) => {
  const ours = (attempt: Attempt): boolean => allows(wanted, { principal: principals[role], ...attempt });

  test('may do what the table says and nothing else', async () => {
    const said = everything.map((a) => [a.operation, a.resource, a.name, ours(a)]);
    const found: unknown[] = [];
    for (const a of everything) found.push([a.operation, a.resource, a.name, await testerOf(role).may(a)]);
    expect(found).toEqual(said);
    expect(said.filter(([, , , yes]) => yes === false).length).toBeGreaterThan(20);
  });
});

test('a second run changes nothing, and what is beyond the table is said and can be removed', async () => {
  expect(await applyAcls(acls, wanted, keep)).toMatchObject({ create: [], extra: [], unchanged: wanted });
  const extra: AclBinding = { ...wanted[0], name: FOREIGN, pattern: 'prefixed' };
  const other: AclBinding = { ...extra, principal: 'User:other' };
  await acls.addAcls([extra, other]);
  const listed = async (): Promise<boolean> => (await acls.acls()).some((b) => b.name === FOREIGN);
  await answers(listed, true);
  expect((await applyAcls(acls, wanted, keep)).extra).toEqual([extra]);
  await applyAcls(acls, wanted, { prune: true, dryRun: true });
  expect((await applyAcls(acls, wanted, { prune: true, dryRun: false })).extra).toEqual([extra]);
  await answers(
    async () => (await acls.acls()).some((b) => b.principal === 'User:edge' && b.name === FOREIGN),
    false,
  );
  expect(await listed()).toBe(true);
});

test('a user who may not change rules is told what it needs', async () => {
  const operator = createKafka(broker.connection('operator'));
  const refused = { code: 'ACCESS_DENIED', message: expect.stringContaining('Alter on the cluster') };
  await expect(operator.acls().addAcls([wanted[0]])).rejects.toMatchObject(refused);
  await operator.close();
});
