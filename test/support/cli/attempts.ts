import { systemClock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import { fromCode, kafkaCode } from '../../../kafka/client/classify.ts';
import { createKafka, type KafkaConnection } from '@verdikt/kafka/connect.ts';
import { describeTopics } from '../../../kafka/admin/admin-requests.ts';
import { heartbeat } from '../../../kafka/group/group-requests.ts';
import { retrying } from '../../../kafka/client/retry.ts';
import { out } from '../kafka/batches.ts';
import { initProducerId } from '../../../kafka/transaction/transaction-requests.ts';
import type { AclBinding, AclOperation, AclResource } from '@verdikt/core/ports/acls.ts';

/** One thing that a principal may try, by the right that it needs. */
export interface Attempt {
  readonly resource: AclResource;
  readonly name: string;
  readonly operation: AclOperation;
}

/** Tries things as one principal, with the clients that services and tools use. */
export interface Tester {
  /** True when the cluster let it be done, false when it refused. Any other trouble rejects. */
  may(attempt: Attempt): Promise<boolean>;
  close(): Promise<void>;
}

const UNKNOWN_MEMBER = 25;
/** The coordinator loads, has moved, or still writes the markers of the transaction before. */
const NOT_YET = new Set([14, 15, 16, 51]);
/** For a principal that nobody is. */
const OF_NO_EFFECT: AclBinding = {
  ...{ principal: 'User:nobody', host: '*', resource: 'topic', name: 'nothing' },
  ...{ pattern: 'literal', operation: 'read', permission: 'allow' },
};

export const createTester = (connection: KafkaConnection): Tester => {
  const kafka = createKafka(connection);
  const link = kafka.link();
  const admin = kafka.admin();
  const acls = kafka.acls();
  const inspector = kafka.inspector();
  const logs = kafka.logs();

  const append = async (topic: string): Promise<void> => {
    const sink = await kafka.sink({ topic, deliveryMs: 5_000 });
    try {
      const [result] = (await sink.append([{ partition: 0, record: out('probe') }])) ?? [];
      if (!result.ok) throw new ServiceError(result.code as 'ACCESS_DENIED', `append to ${topic}`);
    } finally {
      await sink.stop();
    }
  };

  const patiently = <T>(kind: 'group' | 'transaction', key: string, work: () => Promise<T>): Promise<T> =>
    retrying(
      systemClock,
      { fromMs: 20, toMs: 200, forMs: 10_000 },
      (e) => {
        link.forgetCoordinator(kind, key);
        return NOT_YET.has(kafkaCode(e) ?? 0);
      },
      work,
    );

  /** As a stranger: a coordinator that takes the request knows no such member, or, while it loads, says nothing against it. */
  const beat = (groupId: string): Promise<void> =>
    patiently('group', groupId, async () => {
      const { request, response } = heartbeat({ groupId, memberId: 'nobody' }, 1);
      const { errorCode } = await link.send(await link.coordinator('group', groupId), request, response);
      if (errorCode !== 0 && errorCode !== UNKNOWN_MEMBER)
        throw fromCode(errorCode, `the heartbeat is answered ${errorCode}`);
    });

  const settings = async (name: string): Promise<void> => {
    const { request, response } = describeTopics([name]);
    const [found] = (await link.ask({ request, response })).resources;
    if (found.errorCode === 29) throw new ServiceError('ACCESS_DENIED', 'describe-configs');
    if (found.errorCode !== 0) throw new Error(`the broker answers ${found.errorCode}`);
  };

  const fence = (id: string): Promise<unknown> =>
    patiently('transaction', id, async () => {
      const { request, response } = initProducerId(id, 10_000);
      return link.send(await link.coordinator('transaction', id), request, response);
    });

  const ways: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
    'topic read': (name) => logs.fetch(name, 0, [0]),
    'topic write': append,
    'topic delete': (name) => admin.trim(name, 0, 0),
    'topic create': (name) => admin.create([{ name, partitions: 1, replicationFactor: 1, configs: {} }]),
    'topic describe': (name) => inspector.partitions(name),
    'topic describe-configs': (name) => settings(name),
    'topic alter-configs': (name) => admin.replaceOverrides(name, {}),
    'group describe': (name) => inspector.group(name),
    'group read': beat,
    'transactional-id describe': (name) => inspector.transaction(name),
    'transactional-id write': fence,
    'cluster describe': () => acls.acls(),
    'cluster describe-configs': () => inspector.brokerSettings(1),
    'cluster alter': () => acls.addAcls([OF_NO_EFFECT]),
  };

  return {
    may: async ({ resource, name, operation }) => {
      const way = ways[`${resource} ${operation}`];
      if (way === undefined) throw new Error(`no way to try ${operation} on a ${resource}`);
      try {
        await way(name);
        return true;
      } catch (e) {
        if (isServiceError(e, 'ACCESS_DENIED')) return false;
        throw e;
      }
    },
    close: () => kafka.close(),
  };
};
