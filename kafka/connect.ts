import type { AclAdmin, ClusterInspector, TopicAdmin } from '@verdikt/cli/ports.ts';
import type {
  LogReader,
  LogTrimmer,
  Membership,
  RecordSource,
  TaskTransactions,
} from '@verdikt/processor/ports.ts';
import type { RecordSink } from '@verdikt/producer/ports.ts';
import { createAclAdmin } from './acls.ts';
import { createAdmin, type GroupAdmin } from './admin.ts';
import { createBrokerOrder } from './broker-order.ts';
import { checkConnection, type KafkaConnection } from './connection.ts';
import { createInspector } from './inspect.ts';
import { createLink, type Link } from './link.ts';
import { createLogReader } from './log-reader.ts';
import { createMembership, type MembershipOptions } from './membership.ts';
import type { Role } from './protocol.ts';
import { createSink, type SinkOptions } from './sink.ts';
import { createSource, type SourceOptions } from './source.ts';
import { assertSupported } from './supported.ts';
import { createTransactions, type TransactionOptions } from './transaction.ts';

export type { KafkaConnection } from './connection.ts';

/** The options of a part without what all parts share. */
type Own<T> = Omit<T, 'link' | 'openLink' | 'clock' | 'log' | 'guards'>;

/** Everything of one cluster, by one configuration. Each part has sockets of its own; nothing is opened before it is used. */
export interface Kafka {
  /**
   * Rejects BROKER_UNSUPPORTED when a broker does not speak what a service of that role sends, BROKER_UNAVAILABLE when none
   * answers, ACCESS_DENIED. Logs a warning for what the role can do without.
   */
  assertSupported(role: Role): Promise<void>;
  /** Partition counts of these topics; rejects TOPIC_INVALID for one that does not exist. */
  partitionsOf(topics: readonly string[]): Promise<readonly number[]>;
  link(): Link;
  membership(options: Own<MembershipOptions>): Membership;
  transactions(options: Own<TransactionOptions>): TaskTransactions;
  source(options: Own<SourceOptions>): RecordSource;
  logs(): LogReader;
  sink(options: Own<SinkOptions>): Promise<RecordSink>;
  admin(): TopicAdmin & LogTrimmer & GroupAdmin;
  acls(): AclAdmin;
  inspector(): ClusterInspector;
  /** Closes every socket that is still open. Parts should be stopped before. Never rejects. */
  close(): Promise<void>;
}

/** Checks the connection (CONFIG_INVALID) and connects to nothing yet. */
export const createKafka = (connection: KafkaConnection): Kafka => {
  const { clock, log } = checkConnection(connection);
  const links = new Set<Link>();
  const order = createBrokerOrder();
  let closed = false;
  const openLink = (): Link => {
    const link = createLink(connection, order);
    const kept: Link = {
      ...link,
      close: () => {
        links.delete(kept);
        return link.close();
      },
    };
    links.add(kept);
    if (closed) void kept.close();
    return kept;
  };
  let common: Link | undefined;
  const shared = (): Link => (common ??= openLink());
  const parts = { clock, log };
  return {
    assertSupported: (role) => assertSupported(shared(), role, log),
    partitionsOf: (topics) => Promise.all(topics.map((t) => shared().partitionCount(t))),
    link: openLink,
    membership: (options) => createMembership({ ...options, ...parts, openLink }),
    transactions: (options) => createTransactions({ ...options, clock, openLink }),
    source: (options) => createSource({ ...options, ...parts, link: openLink() }),
    logs: () => createLogReader({ link: openLink(), clock }),
    sink: (options) => createSink({ ...options, ...parts, link: openLink() }),
    admin: () => createAdmin({ link: openLink(), clock }),
    acls: () => createAclAdmin(openLink()),
    inspector: () => createInspector(openLink(), clock),
    async close() {
      closed = true;
      await Promise.all([...links].map((l) => l.close()));
    },
  };
};
