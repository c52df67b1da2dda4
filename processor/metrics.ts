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
    'Verdicts, by answer: `accepted` when every check said yes, else `refused`.',
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
    'Attempts that failed and will be made again, by reason code.',
  ),
  queued: counter(
    'verdikt_records_queued_total',
    [],
    'records',
    'Records put behind an outstanding record of their key, unattempted.',
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
    'Dead letters that the limit did not let through; their records wait in their lanes.',
  ),
  duplicates: counter(
    'verdikt_duplicates_dropped_total',
    [],
    'records',
    'Records whose submission was decided or outstanding already.',
  ),
  taskBlocked: gauge(
    'verdikt_task_blocked',
    ['partition', 'code'],
    'flag',
    '1 while a task waits with an error that somebody has to act upon; the log and `/readyz` say what to do.',
  ),
  topicChanged: gauge(
    'verdikt_topic_changed',
    ['topic'],
    'flag',
    '1 while a topic has more partitions than this system: records in the new ones are not judged.',
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
    'From handing a plan to Kafka to its commit.',
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
    'From the first record of a slice to its commit.',
  ),
  endToEndSeconds: histogram(
    'verdikt_end_to_end_seconds',
    'seconds',
    [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    'From acceptance at the edge to the commit of the verdict, retries included. A sample of at most 20 a slice.',
  ),
  lag: gauge(
    'verdikt_lag_records',
    ['topic', 'partition'],
    'records',
    'Records of the source topic that are not yet read, per owned partition.',
  ),
  lagSeconds: gauge(
    'verdikt_lag_seconds',
    ['topic', 'partition'],
    'seconds',
    'Age of the record that was read last while more wait behind it; 0 when none does.',
  ),
  due: gauge(
    'verdikt_due_records',
    ['partition'],
    'records',
    'Records in lanes whose time has come but that have not been attempted.',
  ),
  dueSeconds: gauge(
    'verdikt_due_oldest_seconds',
    ['partition'],
    'seconds',
    'How long the first of them has waited.',
  ),
  lanes: gauge('verdikt_lane_entries', ['partition'], 'records', 'Outstanding records in lanes.'),
  lanesFull: gauge(
    'verdikt_lanes_full',
    ['partition'],
    'flag',
    '1 while the task takes nothing new because its lanes are full.',
  ),
  laneValues: gauge(
    'verdikt_lane_value_bytes',
    ['partition'],
    'bytes',
    'Bytes of outstanding records that are kept in memory.',
  ),
  parkedKeys: gauge(
    'verdikt_parked_keys',
    ['partition'],
    'keys',
    'Keys that wait for an operator, because a record of theirs is parked.',
  ),
  parkedSeconds: gauge(
    'verdikt_parked_oldest_seconds',
    ['partition'],
    'seconds',
    'How long the oldest parked record has waited; 0 when none is parked.',
  ),
  commands: counter(
    'verdikt_commands_total',
    ['command', 'result'],
    'commands',
    'Commands of operators, by what was asked and the answer. `unknown`, `garbled`: records of the control topic that are none.',
  ),
  dedupIds: gauge(
    'verdikt_dedup_ids',
    ['partition'],
    'ids',
    'Submissions that are remembered, to drop duplicates.',
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
    'How long a running task has had records to judge and committed nothing; 0 when it has none.',
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
    'Circuit of an `http` check: 0 closed, 1 half-open, 2 open: its service is not called.',
  ),
  checkSeconds: {
    name: 'verdikt_check_seconds',
    kind: 'histogram',
    labels: ['check'],
    unit: 'seconds',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: 'One call of an `http` check, whatever came of it.',
  },
  partitions: gauge(
    'verdikt_partitions',
    [],
    'tasks',
    'Partitions of every topic, so the number of tasks of the group.',
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
    'Tasks that the group has given to this process; 0 stands by.',
  ),
  rebalances: counter('verdikt_rebalances_total', [], 'rebalances', 'Assignments received from the group.'),
  restoreSeconds: histogram(
    'verdikt_restore_seconds',
    'seconds',
    [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    'Rebuilding the state of a task from Kafka after its fence.',
  ),
  taskFailures: counter(
    'verdikt_task_failures_total',
    ['code'],
    'failures',
    'Times a task dropped its state and began again, by error code.',
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
