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

/** What it says first. */
export interface Begun {
  readonly port: number;
  readonly yardstickMs: number;
}

const edge = createEdge();
let measuring = false;
let longest = 0;

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Many, as CPU time is told in steps of some milliseconds. */
const ROUNDS = 40;
const TEXT = JSON.stringify(Array.from({ length: 10_000 }, (_, i) => `e\u0301 ${i}`));

/** CPU time of a fixed piece of work like that of the edge: what it is longer on a slow machine, a turn is as well. */
const yardstick = (): number => {
  const since = cpuMs();
  for (let i = 0; i < ROUNDS; i++) for (const word of JSON.parse(TEXT) as string[]) word.normalize('NFC');
  return cpuMs() - since;
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

parentPort?.postMessage({ port: await edge.listen(), yardstickMs: yardstick() } satisfies Begun);
