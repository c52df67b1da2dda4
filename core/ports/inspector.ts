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
  readonly memberId: string;
  readonly clientId: string;
  /** From which it is connected, as the coordinator sees it. */
  readonly host: string;
  /** Where it answers questions about itself; undefined where it does not say. */
  readonly managementPort: number | undefined;
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
  readonly producerId: bigint;
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
