import type { LogReader } from '@verdikt/processor/ports.ts';

/** What we want of one topic. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** -1 = default of the cluster. */
  readonly replicationFactor: number;
  /** Topic-level settings by their Kafka names, values as text. */
  readonly configs: Readonly<Record<string, string>>;
}

/** What the cluster has. */
export interface TopicState {
  readonly name: string;
  readonly partitions: number;
  /** Replicas of partition 0. */
  readonly replicationFactor: number;
  /** Effective value of every setting, wherever it comes from (topic, broker, default). Sensitive ones are left out. */
  readonly configs: Readonly<Record<string, string>>;
  /** The part of `configs` that is set on the topic itself. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** Every method rejects with ServiceError: BROKER_UNAVAILABLE, ACCESS_DENIED or TOPIC_INVALID. */
export interface TopicAdmin {
  /** Topics of these names that exist, in any order; the others are left out and never created by asking. */
  describe(names: readonly string[]): Promise<readonly TopicState[]>;
  /**
   * Creates the topics and resolves once each has its leaders. A topic that meanwhile exists is left as it is and is no error.
   * Rejects TOPIC_INVALID when the cluster refuses one (`details.topic`), for example for want of brokers.
   */
  create(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * Makes `overrides` the whole set of topic-level settings (AlterConfigs is not incremental: what is left out goes back to
   * the default of the cluster). Callers pass the overrides they read plus their changes.
   */
  replaceOverrides(name: string, overrides: Readonly<Record<string, string>>): Promise<void>;
  /** Closes the connections. Never rejects. */
  close(): Promise<void>;
}

export type AclResource =
  'topic' | 'group' | 'cluster' | 'transactional-id' | 'delegation-token' | 'user' | 'unknown';
export type AclOperation =
  | 'all'
  | 'read'
  | 'write'
  | 'create'
  | 'delete'
  | 'alter'
  | 'describe'
  | 'cluster-action'
  | 'describe-configs'
  | 'alter-configs'
  | 'idempotent-write'
  | 'unknown';

/** One access rule of the cluster, as its authorizer keeps it. */
export interface AclBinding {
  /** With its type, for example `User:edge`. */
  readonly principal: string;
  /** Address of the client; `*` = any. */
  readonly host: string;
  readonly resource: AclResource;
  /** `kafka-cluster` for the cluster itself; `*` as a literal name = every resource of the type. */
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed' | 'unknown';
  readonly operation: AclOperation;
  readonly permission: 'allow' | 'deny' | 'unknown';
}

/** Rejects with ServiceError: ACCESS_DENIED, BROKER_UNAVAILABLE, BROKER_UNSUPPORTED, or CONFIG_INVALID where the cluster has no authorizer. */
export interface AclAdmin {
  /** Every rule, of every principal. Needs Describe on the cluster. */
  acls(): Promise<readonly AclBinding[]>;
  /** Adds rules; those that exist stay. Needs Alter on the cluster. A rule counts a moment later, once each broker has heard of it. */
  addAcls(bindings: readonly AclBinding[]): Promise<void>;
  /** Removes exactly these rules. */
  removeAcls(bindings: readonly AclBinding[]): Promise<void>;
  close(): Promise<void>;
}

/** A broker that the cluster names. */
export interface BrokerState {
  readonly nodeId: number;
  /** As the cluster advertises it. */
  readonly address: string;
  /** Why it could not be reached there; undefined when it answers. */
  readonly unreachable: string | undefined;
  /** Requests that a service cannot run without and that it does not speak, in words. */
  readonly unsupported: readonly string[];
  /** The same of requests that no service needs: one sentence each, which says what is lost. */
  readonly lost: readonly string[];
}

export interface PartitionState {
  /** Node id; -1 while there is none. */
  readonly leader: number;
  readonly replicas: number;
  readonly inSync: number;
}

export interface GroupMemberState {
  readonly clientId: string;
  readonly host: string;
  readonly tasks: readonly number[];
}

export interface GroupReport {
  /** Of Kafka, for example Stable, Empty, PreparingRebalance, Dead (no such group). */
  readonly state: string;
  /** Name of the assignor that its members agreed on; empty when there are none. */
  readonly protocol: string;
  /** Its members are no processors. */
  readonly foreign: boolean;
  readonly members: readonly GroupMemberState[];
}

export interface LogBounds {
  readonly start: number;
  /** High watermark. */
  readonly end: number;
  /** Last stable offset: where readers at read_committed end. */
  readonly stable: number;
}

export interface OpenTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of its last record here, by the clock of the broker; milliseconds since 1970. */
  readonly lastTimestamp: number;
}

/** Looks at a cluster and changes nothing. Every method but `close` rejects with ServiceError. */
export interface ClusterInspector {
  brokers(): Promise<readonly BrokerState[]>;
  /** Settings of one broker by their Kafka names; sensitive ones are left out. Needs DescribeConfigs on the cluster. */
  brokerSettings(nodeId: number): Promise<Readonly<Record<string, string>>>;
  /** Undefined for a topic that does not exist. */
  partitions(topic: string): Promise<readonly PartitionState[] | undefined>;
  bounds(topic: string, partition: number): Promise<LogBounds>;
  /** Null when nothing is committed. */
  committed(group: string, topic: string, partition: number): Promise<number | null>;
  group(group: string): Promise<GroupReport>;
  /** Transactions that hold up readers of this partition. Needs Read on the topic. */
  openTransactions(topic: string, partition: number): Promise<readonly OpenTransaction[]>;
  /** State of a transactional.id in Kafka's words; undefined for one that was never used. Needs Describe on it. */
  transaction(id: string): Promise<{ readonly state: string; readonly startedAt: number } | undefined>;
  /** Clock of the controller, milliseconds since 1970. Needs Describe on the cluster. */
  clusterTime(): Promise<number>;
  /** Closes the connections. Never rejects. */
  close(): Promise<void>;
}

/** Reads logs from one offset to another, outside any group. */
export type Logs = LogReader;

/** One cluster, as far as a reader of topics needs it. */
export interface Cluster {
  readonly logs: Logs;
  /** Rejects TOPIC_INVALID for a topic that does not exist. */
  partitionsOf(topic: string): Promise<number>;
  /** What the group has committed for a partition; null where nothing. */
  committed(group: string, topic: string, partition: number): Promise<number | null>;
  /** Closes every connection. Never rejects. */
  close(): Promise<void>;
}
