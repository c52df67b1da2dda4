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
