// The edge of hostile.test.ts, in a thread of its own. 'begin' starts to measure, 'end' reports.
import { parentPort } from 'node:worker_threads';
import { createEdge } from './edge.ts';

export interface Report {
  /** Longest turn of the event loop, in CPU time of this thread: a busy machine is not taken for a slow edge. */
  readonly longestTurnMs: number;
  /** Calls of the sink. */
  readonly appends: number;
  readonly stored: number;
  readonly polluted: boolean;
}

const edge = createEdge();
let measuring = false;
let longest = 0;

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

const measure = (last: number): void => {
  const now = cpuMs();
  longest = Math.max(longest, now - last);
  if (measuring) setImmediate(measure, now);
};

parentPort?.on('message', (message: 'begin' | 'end') => {
  measuring = message === 'begin';
  if (measuring) {
    edge.sink.appends.length = 0;
    edge.sink.stored.length = 0;
    longest = 0;
    setImmediate(measure, cpuMs());
    parentPort?.postMessage('begun');
    return;
  }
  const report: Report = {
    longestTurnMs: longest,
    appends: edge.sink.appends.length,
    stored: edge.sink.stored.length,
    polluted: Object.keys(Object.prototype).length > 0 || 'key' in {},
  };
  parentPort?.postMessage(report);
});

parentPort?.postMessage(await edge.listen());
