import type { Board } from '../dashboard.ts';
import { graph, GROUP, q, stat } from './panels.ts';

/** Order per key and what waits: lanes, retries, dead letters, parked keys, circuits. */
export const retries: Board = {
  uid: 'verdikt-retries',
  title: 'verdikt / Order and retries',
  description: 'Lanes, due records, retries and dead letters by reason, parked keys, circuits.',
  source: 'verdikt_build_info',
  groups: true,
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Outstanding', 'Records in lanes.', 'short', `sum(verdikt_lane_entries{${GROUP}})`),
        stat(
          'Due',
          'Their time has come but they have not been attempted: near 0.',
          'short',
          `sum(verdikt:due_records:sum{${GROUP}})`,
        ),
        stat(
          'Oldest due',
          'Objective: verdikt:objective:due_lag_seconds.',
          's',
          `max(verdikt:due_oldest_seconds:max{${GROUP}})`,
          { red: 30 },
        ),
        stat(
          'Parked keys',
          'Wait for an operator.',
          'short',
          `sum(verdikt_parked_keys{${GROUP}}) or vector(0)`,
          {
            red: 1,
          },
        ),
        stat(
          'Tasks that hold back dead letters',
          'Dead-letter limit open, half-open, or waiting for an operator.',
          'short',
          `count(verdikt_circuit_state{${GROUP}} > 0) or vector(0)`,
          { red: 1 },
        ),
        stat(
          'Tasks that take no new words',
          'Their lanes are full, or a dependency is away.',
          'short',
          `count(verdikt_intake_stopped{${GROUP}}) or vector(0)`,
          {
            red: 1,
          },
        ),
      ],
    },
    {
      title: 'Lanes',
      panels: [
        graph('Outstanding records by partition', 'Falls back to 0 after a disturbance.', 'short', [
          q('{{partition}}', `sum by (partition) (verdikt_lane_entries{${GROUP}})`),
        ]),
        graph('Due records and the oldest', 'Grow when attempts are slower than they come due.', 'short', [
          q('due', `sum(verdikt:due_records:sum{${GROUP}})`),
          q('oldest, seconds', `max(verdikt:due_oldest_seconds:max{${GROUP}})`),
        ]),
        graph(
          'Waiting behind their key',
          'Records put into a lane without an attempt, to keep the order.',
          'ops',
          [q('queued', `sum(rate(verdikt_records_queued_total{${GROUP}}[5m]))`)],
        ),
        graph(
          'Length of the retry partitions',
          'Bounded by compaction: about 4 times what is outstanding.',
          'short',
          [q('{{partition}}', `sum by (partition) (verdikt_retry_log_records{${GROUP}})`)],
        ),
        graph(
          'Bytes of values in memory',
          'Of outstanding records. At most the part of memoryLimitMiB that tasks share.',
          'bytes',
          [q('{{partition}}', `sum by (partition) (verdikt_lane_value_bytes{${GROUP}})`)],
        ),
        graph('Work without a commit', 'How long a task has had work and committed nothing.', 's', [
          q('{{partition}}', `max by (partition) (verdikt_stalled_seconds{${GROUP}})`),
        ]),
      ],
    },
    {
      title: 'Attempts',
      panels: [
        graph(
          'Attempts by outcome',
          'done, retry, wait, reject, exhausted.',
          'ops',
          [q('{{outcome}}', `sum by (outcome) (rate(verdikt_attempts_total{${GROUP}}[5m]))`)],
          { stacked: true },
        ),
        graph('Retries by reason', 'http-* tell of the service of an http check.', 'ops', [
          q('{{reason}}', `sum by (reason) (rate(verdikt_retries_total{${GROUP}}[5m]))`),
        ]),
        graph(
          'Share of attempts that fail for now',
          'Objective: verdikt:objective:retry_ratio.',
          'percentunit',
          [
            q('{{group}}', `verdikt:retries:ratio5m{${GROUP}}`),
            q('objective', 'max(verdikt:objective:retry_ratio)'),
          ],
        ),
        graph('Dead letters by reason', 'Within the last hour.', 'short', [
          q('{{reason}}', `sum by (reason) (verdikt:dead_letters:increase1h{${GROUP}})`),
        ]),
        graph('Dead letters held back', 'By the limit; their records stay in their lanes.', 'ops', [
          q('held', `sum(rate(verdikt_dead_letters_held_total{${GROUP}}[5m]))`),
        ]),
        graph('Parked keys', 'And how long the oldest has waited for an operator.', 'short', [
          q('keys', `sum(verdikt_parked_keys{${GROUP}})`),
          q('oldest, seconds', `max(verdikt_parked_oldest_seconds{${GROUP}})`),
        ]),
      ],
    },
    {
      title: 'Circuits and checks',
      panels: [
        graph(
          'Dead-letter limit by partition',
          '0 closed, 1 half-open, 2 open, 3 waits for an operator.',
          'none',
          [q('{{partition}}', `max by (partition) (verdikt_circuit_state{${GROUP}})`)],
        ),
        graph('Circuit of http checks', '0 closed, 1 half-open, 2 open: the service is not called.', 'none', [
          q('{{check}} {{instance}}', `verdikt_check_circuit_state{${GROUP}}`),
        ]),
        graph('Time of http checks', 'Per call.', 's', [
          q(
            '{{check}} p50',
            `histogram_quantile(0.5, sum by (check, le) (rate(verdikt_check_seconds_bucket{${GROUP}}[5m])))`,
          ),
          q(
            '{{check}} p99',
            `histogram_quantile(0.99, sum by (check, le) (rate(verdikt_check_seconds_bucket{${GROUP}}[5m])))`,
          ),
        ]),
      ],
    },
  ],
};
