import type { Board } from '../dashboard.ts';
import { graph, JOB, q, stat } from './panels.ts';

/** Kafka and the registry as the services see them; the brokers have dashboards of their own. */
export const kafkaClient: Board = {
  uid: 'verdikt-kafka-client',
  title: 'verdikt / Kafka client',
  description:
    'Requests to Kafka and the schema registry, transactions, rebalances, as the services see them.',
  source: 'verdikt_kafka_request_seconds_count',
  groups: false,
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Requests', 'All APIs.', 'reqps', `sum(rate(verdikt_kafka_request_seconds_count{${JOB}}[5m]))`),
        stat(
          'Request errors',
          'Some are normal while brokers or leaders change.',
          'reqps',
          `sum(rate(verdikt_kafka_request_errors_total{${JOB}}[5m])) or vector(0)`,
          { red: 1 },
        ),
        stat(
          'Failed transactions',
          'Objective: verdikt:objective:transaction_error_ratio.',
          'percentunit',
          `max(verdikt:transactions:error_ratio5m{${JOB}}) or vector(0)`,
          { red: 0.05 },
        ),
        stat(
          'Assignments, 15 min',
          'Each moves tasks.',
          'short',
          `max(increase(verdikt_rebalances_total{${JOB}}[15m])) or vector(0)`,
          { red: 10 },
        ),
        stat(
          'Registry without answer, 10 min',
          '0.',
          'short',
          `sum(increase(verdikt_schema_registry_requests_total{${JOB},result="unavailable"}[10m])) or vector(0)`,
          { red: 1 },
        ),
      ],
    },
    {
      title: 'Requests',
      panels: [
        graph('Rate by API', 'Produce and EndTxn follow the slices.', 'reqps', [
          q('{{api}}', `sum by (api) (rate(verdikt_kafka_request_seconds_count{${JOB}}[5m]))`),
        ]),
        graph('p99 by API', 'Fetch and JoinGroup wait at the broker by design.', 's', [
          q(
            '{{api}}',
            `histogram_quantile(0.99, sum by (api, le) (rate(verdikt_kafka_request_seconds_bucket{${JOB},api!~"Fetch|JoinGroup|SyncGroup"}[5m])))`,
          ),
        ]),
        graph('Errors by API and code', 'BROKER_UNAVAILABLE: no answer or no connection.', 'reqps', [
          q('{{api}} {{code}}', `sum by (api, code) (rate(verdikt_kafka_request_errors_total{${JOB}}[5m]))`),
        ]),
        graph(
          'Connections opened',
          'Few once a service is up; failed ones tell of brokers or the network.',
          'ops',
          [q('{{result}}', `sum by (result) (rate(verdikt_kafka_connections_total{${JOB}}[5m]))`)],
        ),
        graph('Schema registry', 'Asked once per schema.', 'ops', [
          q('{{result}}', `sum by (result) (rate(verdikt_schema_registry_requests_total{${JOB}}[5m]))`),
        ]),
        graph('Heartbeats', 'Missing ones lead to rebalances.', 's', [
          q(
            'p99 {{instance}}',
            `histogram_quantile(0.99, sum by (instance, le) (rate(verdikt_kafka_request_seconds_bucket{${JOB},api="Heartbeat"}[5m])))`,
          ),
        ]),
      ],
    },
    {
      title: 'Transactions and the group',
      panels: [
        graph(
          'Transactions by result',
          'Anything but committed makes the task begin again.',
          'ops',
          [q('{{result}}', `sum by (result) (rate(verdikt_transactions_total{${JOB}}[5m]))`)],
          { stacked: true },
        ),
        graph('Time of a transaction', 'From handing over a plan to its commit.', 's', [
          q(
            'p50',
            `histogram_quantile(0.5, sum by (le) (rate(verdikt_transaction_seconds_bucket{${JOB}}[5m])))`,
          ),
          q(
            'p99',
            `histogram_quantile(0.99, sum by (le) (rate(verdikt_transaction_seconds_bucket{${JOB}}[5m])))`,
          ),
        ]),
        graph('Records per slice', 'Few when idle, up to sliceMaxRecords under load.', 'short', [
          q('p50', `histogram_quantile(0.5, sum by (le) (rate(verdikt_slice_records_bucket{${JOB}}[5m])))`),
          q('p99', `histogram_quantile(0.99, sum by (le) (rate(verdikt_slice_records_bucket{${JOB}}[5m])))`),
        ]),
        graph('Assignments', 'By process.', 'short', [
          q('{{instance}}', `increase(verdikt_rebalances_total{${JOB}}[15m])`),
        ]),
        graph('Rebuilding a task', 'After each move or failure.', 's', [
          q(
            'p99',
            `histogram_quantile(0.99, sum by (le) (rate(verdikt_restore_seconds_bucket{${JOB}}[5m])))`,
          ),
        ]),
        graph('Task failures by code', 'See docs/reference/errors.md.', 'ops', [
          q('{{code}}', `sum by (code) (rate(verdikt_task_failures_total{${JOB}}[5m]))`),
        ]),
      ],
    },
  ],
};
