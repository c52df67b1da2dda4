export type Severity = 'error' | 'warning' | 'info';

interface FindingDoc {
  readonly severity: Severity;
  /** What it means, for the reader of a report. */
  readonly meaning: string;
  readonly remedy: string;
}

/** All that `verdikt doctor` can find; `docs/reference/doctor.md` is made of it. */
export const FINDINGS = {
  CHECK_FAILED: {
    severity: 'error',
    meaning: 'An inspection failed, so nothing is known about its subject.',
    remedy:
      'Follow the message. Usually a right is missing (see `verdikt acls`), or a service is unreachable.',
  },
  BROKER_UNREACHABLE: {
    severity: 'error',
    meaning: 'A broker does not respond at the address that the cluster advertises.',
    remedy:
      'Start it. If it is running, its `advertised.listeners` must name a host and port that are reachable from here.',
  },
  BROKER_UNSUPPORTED: {
    severity: 'error',
    meaning: 'A broker does not support a request version that verdikt needs.',
    remedy: 'Use Kafka 4.x.',
  },
  API_MISSING: {
    severity: 'info',
    meaning:
      'A broker does not support a request that verdikt can do without. The message says what is lost.',
    remedy: 'None required. Kafka 4.x supports all requests.',
  },
  CLASSIC_GROUPS_OFF: {
    severity: 'error',
    meaning: 'The brokers do not accept classic group members, which processors are.',
    remedy: 'Add `classic` to `group.coordinator.rebalance.protocols` of the brokers.',
  },
  AUTO_CREATE_ON: {
    severity: 'warning',
    meaning: 'A misspelled topic name creates a topic with default settings, and records go there unnoticed.',
    remedy: 'Set `auto.create.topics.enable=false` on the brokers.',
  },
  UNCLEAN_ELECTION: {
    severity: 'warning',
    meaning: 'A replica that lags may become leader. Acknowledged records are then lost.',
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
      'The local clock and that of the cluster differ by more than a minute. Back-off, retention and dedup window depend on both.',
    remedy: 'Synchronize the clocks of all machines, for example with NTP.',
  },
  TOPIC_MISSING: {
    severity: 'error',
    meaning: 'A topic does not exist.',
    remedy: 'Run `verdikt topics apply`.',
  },
  PARTITIONS_DIFFER: {
    severity: 'error',
    meaning: 'A topic has fewer partitions than `VERDIKT_PARTITIONS`. Services refuse to start.',
    remedy: 'Set `VERDIKT_PARTITIONS` to the number that the topics have.',
  },
  PARTITIONS_ADDED: {
    severity: 'error',
    meaning:
      'A topic has more partitions than `VERDIKT_PARTITIONS`. Tasks continue, and nothing reads the additional partitions.',
    remedy:
      'Make sure that nothing writes to them. Partitions cannot be removed: `verdikt copy --to-prefix NEW` moves undecided records to a new prefix. See docs/how-to/add-partitions.md.',
  },
  PARTITION_OFFLINE: {
    severity: 'error',
    meaning: 'A partition has no leader, so it can be neither read nor written.',
    remedy: 'Start the brokers that hold its replicas.',
  },
  UNDER_REPLICATED: {
    severity: 'warning',
    meaning: 'A replica is not in sync: the partition tolerates one fewer failure.',
    remedy: 'Check the missing broker, its disk and its network.',
  },
  REPLICATION_LOW: {
    severity: 'warning',
    meaning: 'A topic has fewer replicas than the number of brokers allows, up to three.',
    remedy: 'Reassign its partitions to three replicas with `kafka-reassign-partitions`.',
  },
  MIN_ISR_LOW: {
    severity: 'warning',
    meaning: 'One replica is enough for an acknowledgement, although there are several.',
    remedy: 'Run `verdikt topics apply --min-insync-replicas 2`.',
  },
  MIN_ISR_HIGH: {
    severity: 'warning',
    meaning: 'All replicas must be in sync for a write: restarting one broker stops the topic.',
    remedy: 'Run `verdikt topics apply` with `--min-insync-replicas` one below the number of replicas.',
  },
  CLEANUP_COMPACTS: {
    severity: 'error',
    meaning: 'A topic is compacted, which deletes older records of a key. verdikt needs every record.',
    remedy: 'Run `verdikt topics apply`.',
  },
  RETRY_RETENTION: {
    severity: 'error',
    meaning: 'The retry topic deletes records by time or size. Outstanding records would be lost.',
    remedy:
      'Run `verdikt topics apply`. The topic must have no retention limit; the tasks delete completed entries.',
  },
  RETENTION_SHORT: {
    severity: 'error',
    meaning: 'A topic keeps records for less time than verdikt needs them.',
    remedy: 'Run `verdikt topics apply`, or raise `retention.ms` of the topic.',
  },
  OFFSETS_RETENTION_SHORT: {
    severity: 'error',
    meaning:
      'The offsets of an inactive group expire before the words do. The group would not know where to resume.',
    remedy: 'Set `offsets.retention.minutes` of the brokers to at least the retention of `words`.',
  },
  TIMESTAMP_TYPE: {
    severity: 'error',
    meaning: 'A topic does not use LogAppendTime. The dedup window would depend on the clocks of writers.',
    remedy: 'Run `verdikt topics apply`.',
  },
  HEADROOM_SMALL: {
    severity: 'error',
    meaning:
      '`max.message.bytes` of an output topic is less than that of `words` plus 64 KiB for headers. A word that fits `words` might not fit there.',
    remedy: 'Run `verdikt topics apply` with `--words-max-bytes` set to the `max.message.bytes` of `words`.',
  },
  BATCH_TOO_LARGE: {
    severity: 'error',
    meaning: '`maxBatchBytes` or `recordMaxBytes` exceeds `max.message.bytes` of an output topic.',
    remedy: 'Lower them, or raise `max.message.bytes` of the topic.',
  },
  TRANSACTION_TIMEOUT: {
    severity: 'error',
    meaning: '`transactionTimeoutMs` exceeds the maximum of the brokers. No task can start.',
    remedy: 'Lower it, or raise `transaction.max.timeout.ms` of the brokers.',
  },
  SESSION_TIMEOUT: {
    severity: 'error',
    meaning: '`sessionTimeoutMs` is outside the range that the brokers allow. No processor can join.',
    remedy:
      'Change it, or change `group.min.session.timeout.ms` and `group.max.session.timeout.ms` of the brokers.',
  },
  SCHEMA_MISSING: {
    severity: 'error',
    meaning: 'A subject, or the schema of this version in it, is not registered.',
    remedy: 'Run `verdikt schemas register`.',
  },
  SCHEMA_COMPATIBILITY: {
    severity: 'warning',
    meaning: 'The compatibility of a subject differs from what verdikt guarantees to readers and writers.',
    remedy: 'Run `verdikt schemas register`.',
  },
  SCHEMA_INCOMPATIBLE: {
    severity: 'error',
    meaning: 'The schema of this version is not compatible with a registered one.',
    remedy: 'Run a version that fits the registry, or change the schema compatibly.',
  },
  NO_AUTHORIZER: {
    severity: 'info',
    meaning: 'The cluster has no authorizer: every client may do everything.',
    remedy: 'Set `authorizer.class.name`, then run `verdikt acls apply`.',
  },
  ACL_OPEN: {
    severity: 'warning',
    meaning: 'Resources without an access rule are open to everyone (`allow.everyone.if.no.acl.found`).',
    remedy: 'Set it to false on brokers and controllers.',
  },
  ACL_MISSING: {
    severity: 'error',
    meaning: 'A principal lacks a right that it needs.',
    remedy: 'Run `verdikt acls apply`.',
  },
  ACL_EXTRA: {
    severity: 'warning',
    meaning: 'A principal has more rights on the topics than it needs, or everyone has some.',
    remedy: 'Run `verdikt acls apply --prune`; remove rules for `User:*` by hand.',
  },
  GROUP_EMPTY: {
    severity: 'warning',
    meaning: 'The group has no members: no words are evaluated.',
    remedy: 'Start processors.',
  },
  GROUP_FOREIGN: {
    severity: 'error',
    meaning: 'Another kind of consumer uses the group. Processors cannot join.',
    remedy: 'Stop it, or choose another `VERDIKT_GROUP`.',
  },
  TASKS_UNASSIGNED: {
    severity: 'error',
    meaning: 'The group is stable, but no member owns one of the tasks.',
    remedy: 'All processors must have the same `VERDIKT_PARTITIONS`; restart the one that differs.',
  },
  NO_PROGRESS: {
    severity: 'warning',
    meaning: 'Words are waiting, but their task committed nothing between the two samples.',
    remedy: 'Check the log and the metrics of its processor.',
  },
  PROCESSOR_UNREACHABLE: {
    severity: 'error',
    meaning:
      'A processor does not answer. What it alone knows is not known: stopped tasks, dead-letter limits, circuits, intake.',
    remedy: 'Check that it runs. Forward its management port if need be, and name it with `--processor`.',
  },
  PROCESSOR_REFUSED: {
    severity: 'error',
    meaning: 'The group does not take a processor: its configuration does not fit that of the others.',
    remedy: 'Follow the message. See docs/reference/errors.md.',
  },
  TASK_STOPPED: {
    severity: 'error',
    meaning: 'A task has stopped and waits for an operator. The other tasks go on.',
    remedy: 'Follow the message. See docs/reference/errors.md.',
  },
  TASK_WAITS: {
    severity: 'warning',
    meaning: 'A task does not run, since something that it needs is away. It goes on by itself.',
    remedy: 'If it persists, follow the message. See docs/reference/errors.md.',
  },
  KEYS_PARKED: {
    severity: 'warning',
    meaning: 'Keys wait for an operator, with all that came after under the same key.',
    remedy: 'Run `verdikt dlq list --status parked`, then `dlq redrive` or `dlq skip` with that option.',
  },
  DEAD_LETTER_LIMIT: {
    severity: 'warning',
    meaning:
      'A task has reached its limit of dead letters and holds further ones back. If most are rejects, it waits for `verdikt dlq reset`; else it tries one record now and then.',
    remedy: 'Look at the reasons with `verdikt dlq list`. The limit closes once a record succeeds.',
  },
  CIRCUIT_OPEN: {
    severity: 'warning',
    meaning: 'The circuit of a check is not closed: its service fails, and only single words try it.',
    remedy: 'Look at the service. The circuit closes when it answers.',
  },
  INTAKE_STOPPED: {
    severity: 'warning',
    meaning: 'A task takes no words: too many wait for a check or schema, or its lanes are full.',
    remedy: 'It goes on by itself. See docs/runbooks/VerdiktIntakeStopped.md.',
  },
  OFFSET_LOST: {
    severity: 'error',
    meaning:
      'Records that a task needs are no longer in the log, or the committed offset is missing. The task waits.',
    remedy: 'The message says what is missing. See docs/how-to/offsets.md.',
  },
  OFFSET_MOVED: {
    severity: 'error',
    meaning: 'Something else changed the committed offset of a task. The task waits.',
    remedy: 'Run the command that the message names.',
  },
  TOPIC_CHANGED: {
    severity: 'error',
    meaning: 'A topic was created again, or its number of partitions was changed.',
    remedy: 'Follow the message. See docs/how-to/offsets.md.',
  },
  TOPIC_TAKEN: {
    severity: 'error',
    meaning: 'Another group writes to the results or dead letters of this one.',
    remedy: 'Give that group its own result topic and dead-letter topic.',
  },
  TRANSACTION_HANGING: {
    severity: 'error',
    meaning:
      'A transaction has been open for longer than its timeout. Readers at read_committed see nothing beyond it.',
    remedy: 'Find it with `kafka-transactions find-hanging` and end it with `kafka-transactions abort`.',
  },
  DEAD_LETTERS_GROW: {
    severity: 'warning',
    meaning: 'Dead letters were written between the two samples.',
    remedy: 'Check their reasons with `verdikt dlq list`.',
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

/** `remedy`: where more is known than what fits all findings of this code. */
export const finding = (
  code: FindingCode,
  what: string,
  remedy: string = FINDINGS[code].remedy,
): Finding => ({
  ...{ code, severity: FINDINGS[code].severity, what, remedy },
});
