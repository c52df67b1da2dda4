import type { Board } from '../dashboard.ts';
import { graph, JOB, q, stat } from './panels.ts';

/** The processes: CPU, memory, event loop, garbage collection. */
export const node: Board = {
  uid: 'verdikt-node',
  title: 'verdikt / Node',
  description: 'CPU, memory, event loop and garbage collection of edges and processors.',
  source: 'verdikt_kafka_request_seconds_count',
  groups: false,
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Processes', 'That are scraped.', 'short', `count(process_start_time_seconds{${JOB}})`),
        stat(
          'Event loop p99',
          'Above 0.1 s requests and heartbeats wait.',
          's',
          `max(nodejs_eventloop_lag_p99_seconds{${JOB}})`,
          { red: 0.1 },
        ),
        stat('Memory', 'Largest process.', 'bytes', `max(process_resident_memory_bytes{${JOB}})`),
        stat('CPU', 'Cores, all processes.', 'none', `sum(rate(process_cpu_seconds_total{${JOB}}[5m]))`),
        stat(
          'Restarts, 1 h',
          'Of processes that keep their address.',
          'short',
          `sum(changes(process_start_time_seconds{${JOB}}[1h])) or vector(0)`,
          { red: 1 },
        ),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph('CPU', '1 is a whole core; the event loop cannot use more.', 'none', [
          q('{{job}} {{instance}}', `rate(process_cpu_seconds_total{${JOB}}[5m])`),
        ]),
        graph('Resident memory', 'Near 256 MiB for a processor with the documented options.', 'bytes', [
          q('{{job}} {{instance}}', `process_resident_memory_bytes{${JOB}}`),
        ]),
        graph('Heap in use', 'A rising floor is a leak.', 'bytes', [
          q('{{job}} {{instance}}', `nodejs_heap_size_used_bytes{${JOB}}`),
        ]),
        graph('Event loop, p99', 'Long ones delay heartbeats and answers.', 's', [
          q('{{job}} {{instance}}', `nodejs_eventloop_lag_p99_seconds{${JOB}}`),
        ]),
        graph('Garbage collection', 'Share of the time.', 'percentunit', [
          q(
            '{{kind}} {{instance}}',
            `sum by (kind, instance) (rate(nodejs_gc_duration_seconds_sum{${JOB}}[5m]))`,
          ),
        ]),
        graph('Open files', 'Sockets included.', 'short', [
          q('{{job}} {{instance}}', `process_open_fds{${JOB}}`),
          q('limit', `min(process_max_fds{${JOB}})`),
        ]),
      ],
    },
  ],
};
