// Starts brokers of its own: one that is guarded, one with bad settings, one that advertises nonsense.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import {
  passwordOf,
  startSecureBroker,
  type SecureBroker,
} from '@verdikt/test/support/kafka/secure-broker.ts';
import { startKafka } from '@verdikt/local/kafka.ts';
import { aclNames, aclTable, bindingsFor, ROLES, type Role } from '../acls/table.ts';
import { applyAcls } from '../acls/plan.ts';
import type { AclAdmin, AclBinding } from '@verdikt/core/ports/acls.ts';
import { createExamination, type Examination } from '@verdikt/test/support/cli/doctor-bench.ts';
import { lastAnswer } from '@verdikt/test/support/wait.ts';
import { applyTopics } from '../topics/topics.ts';

const GROUP = 'judges';
const names = topicNames('', GROUP);
const principals = Object.fromEntries(ROLES.map((role) => [role, `User:${role}`])) as Record<Role, string>;
const wanted = bindingsFor(aclTable(aclNames(names, GROUP)), principals);
/** No processor runs here, and there is one broker. */
const QUIET = ['GROUP_EMPTY', 'SINGLE_BROKER'];

describe('a guarded broker, looked at by an operator', () => {
  let broker: SecureBroker;
  let root: Kafka;
  let acls: AclAdmin;
  let examine: ReturnType<typeof createExamination>;

  beforeAll(async () => {
    broker = await startSecureBroker(ROLES);
    root = createKafka(broker.connection('root'));
    acls = root.acls();
    await applyAcls(acls, wanted, { prune: false, dryRun: false });
    await applyTopics(root.admin(), names, { partitions: 1 });
    examine = createExamination({
      KAFKA_BROKERS: broker.sasl,
      VERDIKT_GROUP: GROUP,
      VERDIKT_PARTITIONS: '1',
      VERDIKT_SAMPLE_MS: '0',
      VERDIKT_KAFKA_TLS_ENABLED: 'true',
      VERDIKT_KAFKA_TLS_CA_FILE: broker.certificates.caFile,
      VERDIKT_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      VERDIKT_KAFKA_SASL_USERNAME: 'operator',
      VERDIKT_KAFKA_SASL_PASSWORD: passwordOf('operator'),
    });
  });

  afterAll(async () => {
    await root.close();
    await broker.stop();
  });

  /** A change of the rules reaches brokers a moment later. */
  const untilSeen = async (codes: readonly string[]): Promise<Examination> => {
    const same = (e: Examination): boolean => String(e.codes) === String(codes);
    const seen = await lastAnswer(examine, same, { everyMs: 0 });
    expect(seen.codes).toEqual(codes);
    return seen;
  };

  test('has no finding about its guard, and the rights of an operator are enough to look at everything', async () => {
    await untilSeen(QUIET);
  });

  test('ACL_MISSING: a rule that is gone is named', async () => {
    const row = wanted.find((b) => b.principal === 'User:processor' && b.operation === 'delete');
    if (row === undefined) throw new Error('no such row');
    await acls.removeAcls([row]);
    const { findings } = await untilSeen(['ACL_MISSING', ...QUIET]);
    await acls.addAcls([row]);
    expect(findings[0].what).toBe(`User:processor: allow delete on topic ${names.retry}`);
    await untilSeen(QUIET);
  });

  const base = wanted[0];
  test.each<[string, AclBinding]>([
    ['of ours', { ...base, name: '*', operation: 'all' }],
    ['of ours, by a wider prefix', { ...base, name: 'w', pattern: 'prefixed' }],
    ['of everyone on our topics', { ...base, principal: 'User:*', operation: 'read' }],
    ['of everyone on all topics', { ...base, principal: 'User:*', name: '*', operation: 'read' }],
  ])('ACL_EXTRA: a rule %s', async (_, extra) => {
    await acls.addAcls([extra]);
    const { findings } = await untilSeen(['ACL_EXTRA', ...QUIET]);
    expect(findings).toHaveLength(3);
    await acls.removeAcls([extra]);
    await untilSeen(QUIET);
  });

  test('CHECK_FAILED: what the operator may not look at is said, and the rest is looked at', async () => {
    const cluster = wanted.filter((b) => b.resource === 'cluster');
    await acls.removeAcls(cluster);
    const { findings } = await untilSeen(['CHECK_FAILED', 'GROUP_EMPTY', 'SINGLE_BROKER']);
    await acls.addAcls(cluster);
    expect(findings.map((f) => f.what).join('\n')).toContain('Describe on the cluster');
  });
});

test('AUTO_CREATE_ON, UNCLEAN_ELECTION, TRANSACTION_TIMEOUT, SESSION_TIMEOUT and OFFSETS_RETENTION_SHORT: settings of a broker', async () => {
  const kafka = await startKafka({
    properties: {
      'auto.create.topics.enable': 'true',
      'unclean.leader.election.enable': 'true',
      'transaction.max.timeout.ms': '5000',
      'group.max.session.timeout.ms': '8000',
      'offsets.retention.minutes': '60',
    },
  });
  try {
    const client = createKafka({ brokers: kafka.brokers, clientId: 'test' });
    await applyTopics(client.admin(), names, { partitions: 1 });
    await client.close();
    const examine = createExamination({
      ...{ KAFKA_BROKERS: kafka.brokers[0], VERDIKT_GROUP: GROUP, VERDIKT_PARTITIONS: '1' },
    });
    expect([...(await examine()).codes].sort()).toEqual(
      [
        ...['AUTO_CREATE_ON', 'UNCLEAN_ELECTION', 'TRANSACTION_TIMEOUT', 'SESSION_TIMEOUT'],
        ...['OFFSETS_RETENTION_SHORT', 'NO_AUTHORIZER', ...QUIET],
      ].sort(),
    );
  } finally {
    await kafka.stop();
  }
});

test('BROKER_UNREACHABLE: an address that is advertised and leads nowhere', async () => {
  const kafka = await startKafka({
    extraPorts: 1,
    properties: ({ port, controllerPort, extraPorts: [inner] }) => ({
      listeners: `PLAINTEXT://127.0.0.1:${port},INNER://127.0.0.1:${inner},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://nowhere.invalid:9092,INNER://127.0.0.1:${inner}`,
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INNER:PLAINTEXT',
      'inter.broker.listener.name': 'INNER',
    }),
  });
  try {
    const examine = createExamination({ KAFKA_BROKERS: kafka.brokers[0], VERDIKT_PARTITIONS: '1' });
    const { findings, code } = await examine();
    expect(findings[0]).toMatchObject({
      code: 'BROKER_UNREACHABLE',
      what: expect.stringContaining('nowhere.invalid:9092'),
    });
    expect(code).toBe(1);
  } finally {
    await kafka.stop();
  }
});
