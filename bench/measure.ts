import { readFileSync } from 'node:fs';
import { tail } from '@verdikt/local/run.ts';
import type { Bench, Cell, Delivery, Running } from './cell.ts';
import { cpuSeconds, peakRssMiB } from '@verdikt/test/support/system/usage.ts';

/** One run of one cell. Rates are of the time after the warm-up. */
export interface Measured {
  readonly cell: string;
  readonly run: number;
  readonly records: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly workerCpuSecondsPerMillion: number;
  readonly storeCpuSecondsPerMillion: number;
  readonly peakRssMiB: number;
  readonly delivery: Delivery;
  readonly exact: boolean;
}

/** Of the records, before anything is counted: connections, group, just-in-time compilers. */
const WARM_UP = 0.1;
const POLL_MS = 25;
const STUCK_MS = 60_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Point {
  readonly at: number;
  readonly done: number;
  readonly worker: number;
  readonly store: number;
}

const pointOf = (r: Running, done: number): Point => ({
  at: performance.now(),
  done,
  worker: cpuSeconds(r.worker.pid),
  store: cpuSeconds(r.storePid),
});

/** Waits until at least `target` records are done, or `maxMs` are over. */
const until = async (r: Running, target: number, maxMs: number): Promise<Point> => {
  const started = performance.now();
  let last = -1;
  let lastAt = started;
  for (;;) {
    const exit = r.worker.exit();
    if (exit !== undefined)
      throw new Error(
        `the worker ended with ${exit.signal ?? exit.code}:\n${tail(readFileSync(r.logFile, 'utf8'), 20)}`,
      );
    const done = await r.done();
    const now = performance.now();
    if (done >= target || now - started >= maxMs) return pointOf(r, done);
    if (done > last) [last, lastAt] = [done, now];
    else if (now - lastAt > STUCK_MS)
      throw new Error(
        `no progress for ${STUCK_MS} ms at ${done} records:\n${tail(readFileSync(r.logFile, 'utf8'), 20)}`,
      );
    await pause(POLL_MS);
  }
};

/** Runs a cell for at most `maxSeconds` after its warm-up, stops it gracefully and checks what it has written. */
export const measure = async (
  cell: Cell,
  bench: Bench,
  run: number,
  maxSeconds: number,
  isExact: (d: Delivery) => boolean,
): Promise<Measured> => {
  const records = Math.min(cell.records, bench.records);
  const running = await cell.start(bench, run, records);
  try {
    const from = await until(running, Math.ceil(records * WARM_UP), Infinity);
    const to = await until(running, records, maxSeconds * 1_000);
    const peak = peakRssMiB(running.worker.pid);
    await running.worker.stop(30_000);
    const delivery = await running.check();
    const seconds = (to.at - from.at) / 1_000;
    const done = to.done - from.done;
    if (done <= 0) throw new Error(`${cell.name} was done before it was measured: give it more records`);
    return {
      cell: cell.name,
      run,
      records: done,
      seconds,
      recordsPerSecond: done / seconds,
      workerCpuSecondsPerMillion: ((to.worker - from.worker) / done) * 1e6,
      storeCpuSecondsPerMillion: ((to.store - from.store) / done) * 1e6,
      peakRssMiB: peak,
      delivery,
      exact: isExact(delivery),
    };
  } finally {
    await running.worker.stop(0);
    await running.clean();
  }
};
