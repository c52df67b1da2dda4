import type { ClusterInspector, LogBounds } from '@verdikt/core/ports/inspector.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { rootMessage, ServiceError } from '@verdikt/core/errors.ts';
import * as admin from './admin-requests.ts';
import { tasksOf } from './admin.ts';
import { atCoordinator } from '../client/at-coordinator.ts';
import { ASSIGNOR_NAME, decodeSubscription } from '../group/assignor.ts';
import { fromCode } from '../client/classify.ts';
import { committedOffset } from '../group/group-offsets.ts';
import { describeProducers } from '../client/describe-producers.ts';
import * as inspect from './inspect-requests.ts';
import type { CoordinatorKind, Exchange, Link } from '../client/link.ts';
import { listOffset } from '../client/list-offset.ts';
import { LOST_WITHOUT, NEEDED, notOffered, refusal, SENT, type ApiName } from '../wire/protocol.ts';
import { askVersions, toOffered } from '../client/socket.ts';
import { EARLIEST, LATEST } from '../wire/list-offsets.ts';

const UNKNOWN_TOPIC = 3;
const UNKNOWN_ID = 105;
const WAITS = { fromMs: 50, toMs: 500, forMs: 15_000 };

/** See ClusterInspector. Over one link of its own, which `close` closes. */
export const createInspector = (link: Link, clock: Clock = systemClock): ClusterInspector => {
  const toCoordinator = <T, R>(
    kind: CoordinatorKind,
    key: string,
    exchange: Exchange<T>,
    check: (answer: T) => R,
  ): Promise<R> => atCoordinator(link, clock, WAITS, kind, key, exchange, check);

  return {
    brokers: async () => {
      const addresses = await link.brokers();
      return Promise.all(
        addresses.map(async ({ nodeId, host, port }) => {
          const at = { nodeId, address: `${host}:${port}` };
          try {
            const { request, response } = askVersions();
            const offered = toOffered(await link.send(nodeId, request, response));
            const all = notOffered(offered, Object.keys(SENT) as ApiName[]);
            return {
              ...at,
              unreachable: undefined,
              unsupported: all
                .filter((name) => NEEDED.processor.includes(name))
                .map((n) => refusal(offered, n)),
              lost: all.flatMap((name) => {
                const lost = LOST_WITHOUT[name];
                return lost === undefined ? [] : [`without ${name} ${lost}`];
              }),
            };
          } catch (e) {
            return { ...at, unreachable: rootMessage(e), unsupported: [], lost: [] };
          }
        }),
      );
    },
    brokerSettings: async (nodeId) => {
      const { request, response } = inspect.describeBroker(nodeId);
      const [found] = (await link.send(nodeId, request, response)).resources;
      if (found === undefined || found.errorCode !== 0)
        throw fromCode(found?.errorCode ?? -1, 'the settings of the broker cannot be read', { nodeId });
      const known = found.configEntries.filter((c) => !c.isSensitive && c.configValue !== null);
      return Object.fromEntries(known.map((c) => [c.configName, c.configValue as string]));
    },
    partitions: async (topic) => {
      const [found] = await link.topics([topic]);
      if (found === undefined || found.error === UNKNOWN_TOPIC) return undefined;
      if (found.error !== 0) throw fromCode(found.error, 'the topic cannot be described', { topic }, true);
      return found.leaders.map((leader, i) => ({
        ...{ leader, replicas: found.replicas[i] ?? 0, inSync: found.inSync[i] ?? 0 },
      }));
    },
    bounds: async (topic, partition): Promise<LogBounds> => {
      // The stable end first: asked the other way round, what is written meanwhile would look like an open transaction.
      const stable = await listOffset(link, topic, partition, LATEST, 'read_committed');
      const [start, end] = await Promise.all([
        listOffset(link, topic, partition, EARLIEST, 'read_uncommitted'),
        listOffset(link, topic, partition, LATEST, 'read_uncommitted'),
      ]);
      return { start, end, stable };
    },
    committed: (group, topic, partition) => committedOffset(link, group, topic, partition, clock),
    group: async (group) => {
      const g = await toCoordinator('group', group, admin.describeGroup(group), ({ groups: [found] }) => {
        if (found === undefined || found.errorCode !== 0)
          throw fromCode(found?.errorCode ?? -1, 'the group cannot be described', { group });
        return found;
      });
      const members = g.members.map((m) => ({
        ...{ memberId: m.memberId, clientId: m.clientId, host: m.clientHost.replace(/^\//, '') },
        managementPort: decodeSubscription(m.memberMetadata).managementPort,
        tasks: tasksOf(m.memberAssignment),
      }));
      const foreign = members.length > 0 && g.protocol !== '' && g.protocol !== ASSIGNOR_NAME;
      return { state: g.state, protocol: g.protocol, foreign, members };
    },
    openTransactions: async (topic, partition) => {
      const { request, response } = describeProducers(topic, partition);
      const { node } = await link.leader(topic, partition);
      const { error, producers } = await link.send(node, request, response);
      if (error !== 0) throw fromCode(error, 'the producers cannot be described', { topic, partition });
      return producers
        .filter((p) => p.openSince >= 0)
        .map((p) => ({
          ...{ producerId: p.producerId, firstOffset: p.openSince, lastTimestamp: p.lastTimestamp },
        }));
    },
    transaction: (id) =>
      toCoordinator('transaction', id, inspect.describeTransaction(id), ({ error, state, startedAt }) => {
        if (error === UNKNOWN_ID) return undefined;
        if (error !== 0)
          throw fromCode(error, 'the transaction cannot be described', { transactionalId: id });
        return { state, startedAt };
      }),
    clusterTime: async () => {
      const { error, now } = await link.ask(inspect.describeQuorum());
      if (error !== 0) throw fromCode(error, 'the quorum cannot be described');
      if (now < 0) throw new ServiceError('BROKER_UNSUPPORTED', 'the cluster does not tell its time');
      return now;
    },
    close: () => link.close(),
  };
};
