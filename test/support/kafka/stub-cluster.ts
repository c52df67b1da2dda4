import type { BrokerOrder } from '../../../kafka/client/broker-order.ts';
import { codec } from '../../../kafka/client/compat.ts';
import type { KafkaConnection } from '../../../kafka/client/connection.ts';
import { createLink, type Link } from '../../../kafka/client/link.ts';
import { SENT } from '../../../kafka/wire/protocol.ts';
import { endableClock } from '../endable-clock.ts';
import {
  codeAnswer,
  coordinatorAnswer,
  createStubBroker,
  metadataAnswer,
  type StubBroker,
  type StubTopic,
} from './stub-broker.ts';

/** Two stub brokers, node 1 and node 2. */
export interface StubCluster {
  readonly brokers: StubBroker[];
  /** What both tell; at first `good`, of one partition per broker. */
  topics: StubTopic[];
  /** Links that are given the same order belong to one process. */
  open(options?: Partial<KafkaConnection>, order?: BrokerOrder): Link;
  /** For a request that is never answered, and whose time is over as soon as it has come. */
  silence(): 'silence';
  /** Requests of that name to either broker. */
  asked(name: string): number;
  /** Closes all links that were opened, and the brokers. */
  close(): Promise<void>;
}

export const createStubCluster = async (): Promise<StubCluster> => {
  const brokers = [await createStubBroker(), await createStubBroker()];
  const ports = { 1: brokers[0].port, 2: brokers[1].port };
  const opened: Link[] = [];
  const clock = endableClock();
  const cluster: StubCluster = {
    brokers,
    topics: [{ name: 'good', leaders: [1, 2] }],
    open: (options = {}, order) => {
      const connection = {
        brokers: brokers.map((b) => `127.0.0.1:${b.port}`),
        clientId: 'test',
        ...{ clock, connectionTimeoutMs: 60_000, requestTimeoutMs: 60_000 },
        ...options,
      };
      const link = createLink(connection, order);
      opened.push(link);
      return link;
    },
    silence: () => {
      setImmediate(clock.endWaits);
      return 'silence';
    },
    asked: (name) => brokers.flatMap((b) => b.asked).filter((a) => a === name).length,
    close: async () => {
      for (const link of opened) await link.close();
      for (const b of brokers) await b.close();
    },
  };
  for (const b of brokers) {
    b.answers.Metadata = () => metadataAnswer(ports, cluster.topics);
    b.answers.FindCoordinator = () => coordinatorAnswer(0, 2, brokers[1].port);
    b.answers.Heartbeat = () => codeAnswer(0);
  }
  return cluster;
};

const heartbeat = codec<object, { errorCode: number }>(
  'heartbeat',
  SENT.Heartbeat.version,
)({
  groupId: 'g',
  groupGenerationId: 1,
  memberId: 'm',
  groupInstanceId: null,
});

/** Sends a heartbeat: any request that a broker answers. */
export const send = (link: Link, node: number, timeoutMs?: number): Promise<{ errorCode: number }> =>
  link.send(node, heartbeat.request, heartbeat.response, timeoutMs === undefined ? {} : { timeoutMs });
