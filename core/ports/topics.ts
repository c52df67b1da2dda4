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
