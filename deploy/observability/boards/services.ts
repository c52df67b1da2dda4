import type { Board } from '../dashboard.ts';
import { graph, GROUP, JOB, q, stat, table } from './panels.ts';

const edge = 'namespace=~"$namespace"';

/** What you look at first when you are called: is the promise kept, how much goes in and out, what is wrong. */
export const services: Board = {
  uid: 'verdikt-services',
  title: 'verdikt / Services',
  description: 'Edge and processors: rates, times, lag, readiness and error budgets.',
  source: 'verdikt_build_info',
  groups: true,
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Accepted', 'Words answered with 202.', 'ops', `sum(verdikt:edge_accepted:rate5m{${edge}})`),
        stat(
          'Verdicts',
          'Should follow what is accepted.',
          'ops',
          `sum(verdikt:verdicts:rate5m{${JOB},group=~"$group"})`,
        ),
        stat(
          'Lag',
          'Records that are not read yet; near 0 unless load has just risen.',
          'short',
          `sum(verdikt:lag_records:sum{${JOB},group=~"$group"})`,
        ),
        stat(
          'p99 accepted to verdict',
          'Objective: verdikt:objective:end_to_end_seconds.',
          's',
          `max(verdikt:end_to_end_seconds:p99_5m{${JOB},group=~"$group"})`,
          { red: 5 },
        ),
        stat(
          'Dead letters, 1 h',
          'Single ones are normal.',
          'short',
          `sum(verdikt:dead_letters:increase1h{${JOB},group=~"$group"}) or vector(0)`,
          { red: 20 },
        ),
        stat(
          'Not ready',
          'Processes that are up but do not work.',
          'short',
          `count(verdikt_ready{${JOB}} == 0 or verdikt_edge_ready{${edge}} == 0) or vector(0)`,
          { red: 1 },
        ),
      ],
    },
    {
      title: 'Alerts',
      panels: [
        {
          title: 'Firing and pending',
          help: 'Each has a page in docs/runbooks/.',
          kind: 'timeseries',
          width: 24,
          queries: [
            q(
              '{{alertname}} {{alertstate}}',
              'sum by (alertname, alertstate) (ALERTS{alertname=~"Verdikt.*"})',
            ),
          ],
        },
      ],
    },
    {
      title: 'In and out',
      panels: [
        graph('Words', 'Accepted, read and checked follow each other.', 'ops', [
          q('accepted', `sum(verdikt:edge_accepted:rate5m{${edge}})`),
          q('read', `sum(verdikt:consumed:rate5m{${JOB},group=~"$group"})`),
          q('verdict: {{answer}}', `sum by (answer) (verdikt:verdicts:rate5m{${JOB},group=~"$group"})`),
        ]),
        graph('Time from acceptance to verdict', 'Retries included. About 0.1 s when idle.', 's', [
          q('p50', `max(verdikt:end_to_end_seconds:p50_5m{${JOB},group=~"$group"})`),
          q('p99', `max(verdikt:end_to_end_seconds:p99_5m{${JOB},group=~"$group"})`),
          q('objective', 'max(verdikt:objective:end_to_end_seconds)'),
        ]),
        graph('Lag', 'Records that are not read yet, and the age of the last one read.', 'short', [
          q('records', `sum(verdikt:lag_records:sum{${JOB},group=~"$group"})`),
          q('oldest, seconds', `max(verdikt:lag_seconds:max{${JOB},group=~"$group"})`),
        ]),
      ],
    },
    {
      title: 'Edge',
      panels: [
        graph(
          'Answers by status',
          'Streams count when they end.',
          'reqps',
          [q('{{status}}', `sum by (status) (verdikt:edge_requests:rate5m{${edge}})`)],
          { stacked: true },
        ),
        graph(
          'Refused by code',
          'BUFFER_FULL and APPEND_UNCONFIRMED are ours, INPUT_* the client’s.',
          'ops',
          [q('{{code}}', `sum by (code) (rate(verdikt_edge_submissions_refused_total{${edge}}[5m]))`)],
        ),
        graph('Answer of Kafka', 'From handing words to Kafka to acks=all.', 's', [
          q(
            'p50',
            `histogram_quantile(0.5, sum by (le) (rate(verdikt_edge_append_seconds_bucket{${edge}}[5m])))`,
          ),
          q(
            'p99',
            `histogram_quantile(0.99, sum by (le) (rate(verdikt_edge_append_seconds_bucket{${edge}}[5m])))`,
          ),
        ]),
        graph('Waiting for Kafka', 'Near bufferMaxRecords the edge answers 503.', 'short', [
          q('records {{instance}}', `verdikt_edge_pending_records{${edge}}`),
          q('streams {{instance}}', `verdikt_edge_streams{${edge}}`),
        ]),
        graph('Ready', '1 per instance.', 'none', [
          q('edge {{instance}}', `verdikt_edge_ready{${edge}}`),
          q('processor {{instance}}', `verdikt_ready{${JOB},group=~"$group"}`),
        ]),
        graph(
          'Error budgets',
          'Burn 1 uses up exactly the budget; alerts at 14.4 (1 h) and 6 (6 h).',
          'none',
          [
            q('end to end, 1 h', `max(verdikt:end_to_end:burn1h{${JOB},group=~"$group"})`),
            q('end to end, 6 h', `max(verdikt:end_to_end:burn6h{${JOB},group=~"$group"})`),
            q('edge, 1 h', `max(verdikt:edge:burn1h{${edge}})`),
            q('edge, 6 h', `max(verdikt:edge:burn6h{${edge}})`),
          ],
        ),
      ],
    },
    {
      title: 'Processors',
      panels: [
        graph('Tasks by state', 'All run, unless the group changes.', 'short', [
          q('{{state}}', `sum by (state) (verdikt_tasks{${JOB},group=~"$group"})`),
          q('partitions', `max(verdikt_partitions{${JOB},group=~"$group"})`),
        ]),
        graph('Tasks per process', 'Even; 0 stands by.', 'short', [
          q('{{instance}}', `verdikt_assigned_tasks{${JOB},group=~"$group"}`),
        ]),
        graph('Slices', 'Bounded by sliceMaxMs when idle, by records and bytes under load.', 's', [
          q(
            'slice p99',
            `histogram_quantile(0.99, sum by (le) (rate(verdikt_slice_seconds_bucket{${JOB},group=~"$group"}[5m])))`,
          ),
          q(
            'transaction p99',
            `histogram_quantile(0.99, sum by (le) (rate(verdikt_transaction_seconds_bucket{${JOB},group=~"$group"}[5m])))`,
          ),
        ]),
        table('Per partition', 'Records not read yet and their age, records due, records in lanes.', [
          q('lag', `sum by (partition) (verdikt_lag_records{${GROUP}})`),
          q('lag, seconds', `max by (partition) (verdikt_lag_seconds{${GROUP}})`),
          q('due', `sum by (partition) (verdikt_due_records{${GROUP}})`),
          q('in lanes', `sum by (partition) (verdikt_lane_entries{${GROUP}})`),
        ]),
      ],
    },
  ],
};
