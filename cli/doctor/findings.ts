export type Severity = 'error' | 'warning' | 'info';

interface FindingDoc {
  readonly severity: Severity;
  /** What it means, for whoever reads the code in a report. */
  readonly meaning: string;
  readonly remedy: string;
}

/** The closed list of what `verdikt doctor` can find; `docs/doctor.md` is made of it. */
export const FINDINGS = {
  CHECK_FAILED: {
    severity: 'warning',
    meaning: 'Something could not be looked at, so nothing is known about it.',
    remedy: 'Do what the message says: mostly a right is missing (see `verdikt acls`), or a service is away.',
  },
  BROKER_UNREACHABLE: {
    severity: 'error',
    meaning: 'A broker does not answer at the address that the cluster advertises.',
    remedy:
      'Start it. If it runs: its `advertised.listeners` must name a host and port that resolve and are open from here.',
  },
  BROKER_UNSUPPORTED: {
    severity: 'error',
    meaning: 'A broker does not speak a version of a request that we send.',
    remedy: 'Use Kafka 4.x.',
  },
  API_MISSING: {
    severity: 'info',
    meaning:
      'A broker does not offer a request that services and tools can do without. The message says what is lost.',
    remedy: 'None is needed. Use Kafka 4.x to have all of it.',
  },
  CLASSIC_GROUPS_OFF: {
    severity: 'error',
    meaning: 'The brokers do not take members of classic groups, which processors are.',
    remedy: 'Add `classic` to `group.coordinator.rebalance.protocols` of the brokers.',
  },
  AUTO_CREATE_ON: {
    severity: 'warning',
    meaning: 'A misspelt topic name creates a topic with settings of its own, and records go there unseen.',
    remedy: 'Set `auto.create.topics.enable=false` on the brokers.',
  },
  UNCLEAN_ELECTION: {
    severity: 'warning',
    meaning: 'A replica that lags may become leader: acknowledged records are then lost.',
    remedy: 'Set `unclean.leader.election.enable=false` on brokers and topics.',
  },
  SINGLE_BROKER: {
    severity: 'info',
    meaning: 'The cluster has one broker: its disk is the only copy.',
    remedy: 'Use three brokers or more for data that matters.',
  },
  CLOCK_SKEW: {
    severity: 'warning',
    meaning:
      'The clock here and that of the cluster differ by more than a minute. Back-off, retention and dedup window go by both.',
    remedy: 'Run a time service on all machines.',
  },
  TOPIC_MISSING: {
    severity: 'error',
    meaning: 'A topic does not exist.',
    remedy: 'Run `verdikt topics apply`.',
  },
  PARTITIONS_DIFFER: {
    severity: 'error',
    meaning: 'A topic has fewer partitions than `VERDIKT_PARTITIONS`; services refuse to start.',
    remedy: 'Set `VERDIKT_PARTITIONS` to what the topics have.',
  },
  PARTITIONS_ADDED: {
    severity: 'error',
    meaning:
      'A topic has more partitions than `VERDIKT_PARTITIONS`. Tasks go on, and nobody reads what is written to the others.',
    remedy:
      'See that nobody writes there. Partitions cannot be removed: `verdikt copy --to-prefix NEW` takes what is not judged to a new prefix, see More partitions in operations.md.',
  },
  PARTITION_OFFLINE: {
    severity: 'error',
    meaning: 'A partition has no leader: nothing can be read or written there.',
    remedy: 'Start the brokers that hold its replicas.',
  },
  UNDER_REPLICATED: {
    severity: 'warning',
    meaning: 'A replica is not in sync: one failure less can be borne.',
    remedy: 'Look at the broker that is missing, its disk and its network.',
  },
  REPLICATION_LOW: {
    severity: 'warning',
    meaning: 'A topic has fewer replicas than the brokers allow for, up to three.',
    remedy: 'Reassign its partitions to three replicas with `kafka-reassign-partitions`.',
  },
  MIN_ISR_LOW: {
    severity: 'warning',
    meaning: 'One copy is enough for an acknowledgement, though there are several replicas.',
    remedy: 'Run `verdikt topics apply --min-insync-replicas 2`.',
  },
  MIN_ISR_HIGH: {
    severity: 'warning',
    meaning: 'All replicas must be in sync for a write: one broker that restarts stops the topic.',
    remedy: 'Run `verdikt topics apply` with `--min-insync-replicas` one below the number of replicas.',
  },
  CLEANUP_COMPACTS: {
    severity: 'error',
    meaning: 'A topic is compacted: records of one key are merged, though each of them counts.',
    remedy: 'Run `verdikt topics apply`.',
  },
  RETRY_RETENTION: {
    severity: 'error',
    meaning: 'The retry topic deletes by time or size: outstanding records would be lost.',
    remedy: 'Run `verdikt topics apply`: it must keep for ever, the tasks delete what is done.',
  },
  RETENTION_SHORT: {
    severity: 'error',
    meaning: 'A topic keeps records for less time than they are needed.',
    remedy: 'Run `verdikt topics apply`, or raise `retention.ms` of the topic.',
  },
  OFFSETS_RETENTION_SHORT: {
    severity: 'error',
    meaning:
      'The offsets of a group that is away are forgotten before the words are: it would not know where to go on.',
    remedy: 'Set `offsets.retention.minutes` of the brokers to at least the retention of `words`.',
  },
  TIMESTAMP_TYPE: {
    severity: 'error',
    meaning:
      'A topic is not stamped by its broker (LogAppendTime): the dedup window would depend on clocks of writers.',
    remedy: 'Run `verdikt topics apply`.',
  },
  HEADROOM_SMALL: {
    severity: 'error',
    meaning:
      'An output topic takes no larger batches than `words` plus 64 KiB for our headers: a word might fit there and not here.',
    remedy: 'Run `verdikt topics apply` with the `--words-max-bytes` that `words` has.',
  },
  BATCH_TOO_LARGE: {
    severity: 'error',
    meaning: '`maxBatchBytes` or `recordMaxBytes` is above `max.message.bytes` of a topic that is written.',
    remedy: 'Lower them, or raise `max.message.bytes` of the topic.',
  },
  TRANSACTION_TIMEOUT: {
    severity: 'error',
    meaning: '`transactionTimeoutMs` is above what the brokers allow; no task can start.',
    remedy: 'Lower it, or raise `transaction.max.timeout.ms` of the brokers.',
  },
  SESSION_TIMEOUT: {
    severity: 'error',
    meaning: '`sessionTimeoutMs` is outside of what the brokers allow; no processor can join.',
    remedy: 'Change it, or `group.min.session.timeout.ms` and `group.max.session.timeout.ms` of the brokers.',
  },
  SCHEMA_MISSING: {
    severity: 'error',
    meaning: 'A subject, or our schema in it, is not registered.',
    remedy: 'Run `verdikt schemas register`.',
  },
  SCHEMA_COMPATIBILITY: {
    severity: 'warning',
    meaning: 'The compatibility of a subject is another than we promise to readers and writers.',
    remedy: 'Run `verdikt schemas register`.',
  },
  SCHEMA_INCOMPATIBLE: {
    severity: 'error',
    meaning: 'Our schema is not compatible with what is registered.',
    remedy: 'Run the version that the registry fits, or change the schema compatibly.',
  },
  NO_AUTHORIZER: {
    severity: 'info',
    meaning: 'The cluster has no authorizer: everyone who reaches it may do everything.',
    remedy: 'Set `authorizer.class.name`, then run `verdikt acls apply`.',
  },
  ACL_OPEN: {
    severity: 'warning',
    meaning: 'Whatever has no access rule is open to everyone (`allow.everyone.if.no.acl.found`).',
    remedy: 'Set it to false on brokers and controllers.',
  },
  ACL_MISSING: {
    severity: 'error',
    meaning: 'A principal lacks a right that it needs.',
    remedy: 'Run `verdikt acls apply`.',
  },
  ACL_EXTRA: {
    severity: 'warning',
    meaning: 'A principal may do more with our topics than it needs, or everyone may do something with them.',
    remedy: 'Run `verdikt acls apply --prune`; remove rules for `User:*` by hand.',
  },
  GROUP_EMPTY: {
    severity: 'warning',
    meaning: 'No processor is a member of the group: nothing is judged.',
    remedy: 'Start processors.',
  },
  GROUP_FOREIGN: {
    severity: 'error',
    meaning: 'Another kind of consumer uses our group; processors cannot join.',
    remedy: 'Stop it, or choose another `VERDIKT_GROUP`.',
  },
  TASKS_UNASSIGNED: {
    severity: 'error',
    meaning: 'The group is stable, and yet a task belongs to no member.',
    remedy: 'All processors must have the same `VERDIKT_PARTITIONS`; restart the one that differs.',
  },
  NO_PROGRESS: {
    severity: 'warning',
    meaning: 'Words wait, and their task has committed nothing while we looked.',
    remedy: 'Look at the log and the metrics of its processor.',
  },
  OFFSET_LOST: {
    severity: 'error',
    meaning:
      'Records that a task needs are not in a log any more, or the place to go on from is not known: the task waits.',
    remedy: 'The message says what is missing. See Offsets in operations.md.',
  },
  OFFSET_MOVED: {
    severity: 'error',
    meaning: 'Somebody else changed the committed offset of a task: the task waits.',
    remedy: 'Run the command that the message names.',
  },
  TOPIC_CHANGED: {
    severity: 'error',
    meaning: 'A topic was created again, or its number of partitions was changed.',
    remedy: 'Do what the message says. See A topic was created again in operations.md.',
  },
  TOPIC_TAKEN: {
    severity: 'error',
    meaning: 'Another group writes to our results or dead letters.',
    remedy: 'Give that group a result topic and a dead-letter topic of its own.',
  },
  TRANSACTION_HANGING: {
    severity: 'error',
    meaning:
      'A transaction has been open for longer than its time-out: readers at read_committed see nothing behind it.',
    remedy: 'Find it with `kafka-transactions find-hanging`, and end it with `kafka-transactions abort`.',
  },
  DEAD_LETTERS_GROW: {
    severity: 'warning',
    meaning: 'Dead letters were written while we looked.',
    remedy: 'Look at the reasons in their headers.',
  },
} as const satisfies Record<string, FindingDoc>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What exactly, with names and numbers. */
  readonly what: string;
  readonly remedy: string;
}

export const finding = (code: FindingCode, what: string): Finding => ({
  code,
  severity: FINDINGS[code].severity,
  what,
  remedy: FINDINGS[code].remedy,
});
