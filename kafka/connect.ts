import type { AclAdmin } from '@verdikt/core/ports/acls.ts';
import type { ClusterInspector } from '@verdikt/core/ports/inspector.ts';
import type { TopicAdmin } from '@verdikt/core/ports/topics.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import type { CommittedState, LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import type { Membership } from '@verdikt/core/ports/membership.ts';
import type { WatchedSource } from '@verdikt/core/ports/source.ts';
import type { BytePool } from '@verdikt/core/record/byte-pool.ts';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import type { RecordSink } from '@verdikt/core/ports/sink.ts';
import { createAclAdmin } from './admin/acls.ts';
import { createAdmin, type GroupAdmin } from './admin/admin.ts';
import { createBrokerOrder } from './client/broker-order.ts';
import { checkConnection, type KafkaConnection, type Sasl } from './client/connection.ts';
import { bearerLogin, type TokenLogin } from './login/tokens.ts';
import { createInspector } from './admin/inspect.ts';
import { createLink, type Link } from './client/link.ts';
import { createLogReader } from './consume/log-reader.ts';
import { committedState } from './group/group-offsets.ts';
import { createMembership, type MembershipOptions } from './group/membership.ts';
import type { Role } from './wire/protocol.ts';
import { createSink, type SinkOptions } from './produce/sink.ts';
import { createSource, type SourceOptions } from './consume/source.ts';
import { assertSupported } from './client/supported.ts';
import { createTransactions, type TransactionOptions } from './transaction/transaction.ts';

export type { KafkaConnection } from './client/connection.ts';

/** A connection as it is configured: where tokens come from, in place of tokens. */
export type ConfiguredKafka = Omit<KafkaConnection, 'sasl'> & { readonly sasl?: Sasl | TokenLogin };

/** The same connection with a source of tokens, which all its parts share. */
const withTokens = ({ sasl, ...rest }: ConfiguredKafka): KafkaConnection => {
  if (sasl === undefined) return rest;
  if (sasl.mechanism !== 'aws-msk-iam' && !('client' in sasl)) return { ...rest, sasl };
  // The login is part of the opening of a connection.
  const { clock = systemClock, connectionTimeoutMs: timeLimitMs = DEFAULT_TOKEN_MS } = rest;
  return { ...rest, sasl: bearerLogin(sasl, { clock, timeLimitMs }) };
};
const DEFAULT_TOKEN_MS = 10_000;

/** The options of a part without what all parts share. */
type Own<T> = Omit<T, 'link' | 'openLink' | 'clock' | 'log'>;

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
  source(options: Own<SourceOptions>): WatchedSource;
  /** `clock`: what the reader waits by; default that of the connection. `pool`: see LogReaderOptions. */
  logs(own?: { readonly clock?: Clock; readonly pool?: BytePool }): LogReader;
  /**
   * What the group has committed for a partition, with what goes beside it; an offset of a transaction counts once that is
   * committed. Rejects ACCESS_DENIED or BROKER_UNAVAILABLE.
   */
  committed(group: string, topic: string, partition: number): Promise<CommittedState>;
  sink(options: Own<SinkOptions>): Promise<RecordSink>;
  admin(): TopicAdmin & LogTrimmer & GroupAdmin;
  acls(): AclAdmin;
  inspector(): ClusterInspector;
  /** Closes every socket that is still open. Parts should be stopped before. Never rejects. */
  close(): Promise<void>;
}

/** Checks the connection (CONFIG_INVALID) and connects to nothing yet. */
export const createKafka = (configured: ConfiguredKafka): Kafka => {
  const connection = withTokens(configured);
  const { clock, log, sasl, tls } = checkConnection(connection);
  if (sasl !== undefined && tls === undefined)
    log.warn(
      { mechanism: configured.sasl?.mechanism },
      'the login to Kafka goes over connections without TLS, where others can read it; set kafkaTlsEnabled',
    );
  const links = new Set<Link>();
  const order = createBrokerOrder();
  let closed = false;
  const openLink = (pool?: BytePool): Link => {
    const link = createLink({ ...connection, pool }, order);
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
    link: () => openLink(),
    membership: (options) => createMembership({ ...options, ...parts, openLink: () => openLink() }),
    transactions: (options) => createTransactions({ ...options, clock, openLink: () => openLink() }),
    source: (options) => createSource({ ...options, ...parts, link: openLink(options.pool) }),
    logs: (own) => createLogReader({ clock, ...own, link: openLink(own?.pool) }),
    committed: (group, topic, partition) => committedState(shared(), group, topic, partition, clock),
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
