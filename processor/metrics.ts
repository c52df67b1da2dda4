import { defineMetrics, type Collect, type MetricDefs, type Metrics } from '@verdikt/core/service/metrics.ts';
import type { Registry } from 'prom-client';

const counter = <const L extends readonly string[]>(
  name: `verdikt_${string}_total`,
  labels: L,
  unit: string,
  help: string,
) => ({ name, kind: 'counter', labels, unit, help }) as const;
const gauge = <const L extends readonly string[]>(
  name: `verdikt_${string}`,
  labels: L,
  unit: string,
  help: string,
) => ({ name, kind: 'gauge', labels, unit, help }) as const;
const histogram = (name: `verdikt_${string}`, unit: string, buckets: readonly number[], help: string) =>
  ({ name, kind: 'histogram', labels: [], unit, buckets, help }) as const;

/** Every metric of the processor. Counters and histograms move after the commit, so that they tell of what is final. */
export const PROCESSOR_METRICS = {
  consumed: counter(
    'verdikt_records_consumed_total',
    ['topic'],
    'records',
    'Records read from the source topic.',
  ),
  verdicts: counter(
    'verdikt_verdicts_total',
    ['answer'],
    'records',
    'Verdicts by answer: `accepted` if every check answered true, else `refused`.',
  ),
  attempts: counter(
    'verdikt_attempts_total',
    ['outcome', 'reason'],
    'attempts',
    'Attempts by outcome (`done`, `retry`, `wait`, `reject`, `exhausted`) and reason code (empty for `done`).',
  ),
  retries: counter(
    'verdikt_retries_total',
    ['reason'],
    'attempts',
    'Failed attempts that will be retried, by reason code.',
  ),
  queued: counter(
    'verdikt_records_queued_total',
    [],
    'records',
    'Records queued, unattempted, behind an outstanding record of their key.',
  ),
  deadLetters: counter(
    'verdikt_dead_letters_total',
    ['topic', 'reason'],
    'records',
    'Dead letters by reason code.',
  ),
  held: counter(
    'verdikt_dead_letters_held_total',
    [],
    'records',
    'Dead letters held back by the dead-letter limit. Their records wait in their lanes.',
  ),
  duplicates: counter(
    'verdikt_duplicates_dropped_total',
    [],
    'records',
    'Records dropped because their submission was already decided or outstanding.',
  ),
  taskBlocked: gauge(
    'verdikt_task_blocked',
    ['partition', 'code'],
    'flag',
    '1 while a task waits with an error that needs an operator. The log and `/readyz` say what to do.',
  ),
  topicChanged: gauge(
    'verdikt_topic_changed',
    ['topic'],
    'flag',
    '1 while a topic has more partitions than this system. Records in the additional ones are not evaluated.',
  ),
  transactions: counter(
    'verdikt_transactions_total',
    ['result'],
    'transactions',
    'Transactions: `committed`, or the error code that ended them.',
  ),
  transactionSeconds: histogram(
    'verdikt_transaction_seconds',
    'seconds',
    [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    'Time from handing a plan to Kafka to its commit.',
  ),
  sliceRecords: histogram(
    'verdikt_slice_records',
    'records',
    [1, 10, 50, 100, 500, 1_000, 2_500, 5_000, 10_000, 50_000],
    'Records written per slice.',
  ),
  sliceSeconds: histogram(
    'verdikt_slice_seconds',
    'seconds',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10],
    'Time from the first record of a slice to its commit.',
  ),
  endToEndSeconds: histogram(
    'verdikt_end_to_end_seconds',
    'seconds',
    [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    'Time from acceptance at the edge to the commit of the verdict, including retries. Counts every verdict.',
  ),
  lag: gauge(
    'verdikt_lag_records',
    ['topic', 'partition'],
    'records',
    'Unread records of the source topic, per owned partition.',
  ),
  backlog: gauge(
    'verdikt_backlog_records',
    ['topic', 'partition'],
    'records',
    'The same, but 0 where the task takes no new words: more processors would not help. Scale by this one.',
  ),
  intakeStopped: gauge(
    'verdikt_intake_stopped',
    ['partition', 'reason'],
    'flag',
    '1 while the task takes no new words: `lanes-full`, or the dependency that it waits for.',
  ),
  lagSeconds: gauge(
    'verdikt_lag_seconds',
    ['topic', 'partition'],
    'seconds',
    'Age of the record that was read last while others are unread; 0 if none are.',
  ),
  due: gauge(
    'verdikt_due_records',
    ['partition'],
    'records',
    'Records in lanes that are due but have not been attempted.',
  ),
  dueSeconds: gauge(
    'verdikt_due_oldest_seconds',
    ['partition'],
    'seconds',
    'How long the oldest due record has waited.',
  ),
  lanes: gauge('verdikt_lane_entries', ['partition'], 'records', 'Outstanding records in lanes.'),
  laneValues: gauge(
    'verdikt_lane_value_bytes',
    ['partition'],
    'bytes',
    'Bytes of outstanding records kept in memory.',
  ),
  parkedKeys: gauge(
    'verdikt_parked_keys',
    ['partition'],
    'keys',
    'Keys that wait for an operator because one of their records is parked.',
  ),
  parkedSeconds: gauge(
    'verdikt_parked_oldest_seconds',
    ['partition'],
    'seconds',
    'How long the oldest parked record has waited; 0 if none is parked.',
  ),
  commands: counter(
    'verdikt_commands_total',
    ['command', 'result'],
    'commands',
    'Operator commands by action and result. `unknown`, `garbled`: records of the control topic that are not commands.',
  ),
  dedupIds: gauge('verdikt_dedup_ids', ['partition'], 'ids', 'Submissions remembered to drop duplicates.'),
  dedupSeconds: gauge(
    'verdikt_dedup_window_seconds',
    ['partition'],
    'seconds',
    'How far back submissions are remembered now: less than `dedupWindowMs` once there are `dedupMaxIds` of them.',
  ),
  retryLog: gauge(
    'verdikt_retry_log_records',
    ['partition'],
    'records',
    'Length of the retry partition, from its start to its end.',
  ),
  stalled: gauge(
    'verdikt_stalled_seconds',
    ['partition'],
    'seconds',
    'How long a running task has had records to evaluate without committing anything; 0 if it has none.',
  ),
  circuit: gauge(
    'verdikt_circuit_state',
    ['partition'],
    'state',
    'Dead-letter limit: 0 closed, 1 half-open, 2 open, 3 waits for an operator.',
  ),
  checkCircuit: gauge(
    'verdikt_check_circuit_state',
    ['check'],
    'state',
    'Circuit of an `http` or `module` check: 0 closed, 1 half-open (few calls are tried), 2 open (no calls are made).',
  ),
  checkSeconds: {
    name: 'verdikt_check_seconds',
    kind: 'histogram',
    labels: ['check'],
    unit: 'seconds',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: 'Duration of one call of an `http` or `module` check, whatever its outcome.',
  },
  partitions: gauge(
    'verdikt_partitions',
    [],
    'tasks',
    'Partitions of every topic, which is the number of tasks of the group.',
  ),
  tasks: gauge(
    'verdikt_tasks',
    ['state'],
    'tasks',
    'Tasks of this process by state: `fencing`, `restoring`, `running`, `waiting`, `stopped`.',
  ),
  assigned: gauge(
    'verdikt_assigned_tasks',
    [],
    'tasks',
    'Tasks assigned to this process by the group. 0 means that it stands by.',
  ),
  rebalances: counter('verdikt_rebalances_total', [], 'rebalances', 'Assignments received from the group.'),
  restoreSeconds: histogram(
    'verdikt_restore_seconds',
    'seconds',
    [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    'Time to rebuild the state of a task from Kafka after its fence.',
  ),
  taskFailures: counter(
    'verdikt_task_failures_total',
    ['code'],
    'failures',
    'Number of times that a task dropped its state and restarted, by error code.',
  ),
  ready: gauge(
    'verdikt_ready',
    [],
    'flag',
    '1 while this process is a member of the group and none of its tasks fails.',
  ),
  buildInfo: gauge('verdikt_build_info', ['version', 'node'], 'flag', 'Always 1; the labels tell what runs.'),
} as const satisfies MetricDefs;

export type ProcessorMetrics = Metrics<typeof PROCESSOR_METRICS>;

/** What `verdikt_circuit_state` shows. */
export const CIRCUIT_STATE = { closed: 0, 'half-open': 1, open: 2, operator: 3 } as const;
/** What `verdikt_check_circuit_state` shows. */
export const CHECK_CIRCUIT_STATE = { closed: 0, 'half-open': 1, open: 2 } as const;

export const createProcessorMetrics = (
  registry: Registry,
  collect: Collect<typeof PROCESSOR_METRICS> = {},
): ProcessorMetrics => defineMetrics(registry, PROCESSOR_METRICS, collect);
