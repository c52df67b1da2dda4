import { readFileSync } from 'node:fs';
import { tail } from '@verdikt/local/run.ts';
import type { Bench, Cell, Delivery, Running } from './cell.ts';
import { cpuSeconds, peakRssMiB } from '@verdikt/test/support/system/usage.ts';

/** One run of one cell. Rates are of its second window. */
export interface Measured {
  readonly cell: string;
  readonly run: number;
  readonly records: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly workerCpuSecondsPerMillion: number;
  readonly storeCpuSecondsPerMillion: number;
  /** Of the worker that had most. */
  readonly peakRssMiB: number;
  /** Of the output, for each record; undefined where the store does not tell. */
  readonly bytesOnDisk: number | undefined;
  readonly delivery: Delivery;
  readonly exact: boolean;
  /** The input ended before the window was full. */
  readonly ranOut: boolean;
}

export const MORE_RECORDS = 'give it more --records';
const POLL_MS = 25;
const STUCK_MS = 60_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Point {
  readonly at: number;
  readonly done: number;
  readonly worker: number;
  readonly store: number;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

const pointOf = (r: Running, done: number): Point => ({
  at: performance.now(),
  done,
  worker: total(r.workers.map(({ pid }) => cpuSeconds(pid))),
  store: total(r.storePids.map(cpuSeconds)),
});

/** A window of a run: at least so long, and so many records, but never longer than the last. */
export interface Window {
  readonly seconds: number;
  readonly records: number;
  readonly mostSeconds: number;
}

/** Is a window that began there full, or can it not become any fuller? */
const over = (from: Point, done: number, { seconds, records, mostSeconds }: Window): boolean => {
  const passed = (performance.now() - from.at) / 1_000;
  return passed >= mostSeconds || (passed >= seconds && done - from.done >= records);
};

/** Waits until `enough` says so, asked with what is done, or all records are. */
const until = async (r: Running, all: number, enough: (done: number) => boolean): Promise<Point> => {
  let last = -1;
  let lastAt = performance.now();
  for (;;) {
    const exit = r.workers.map((w) => w.exit()).find((e) => e !== undefined);
    if (exit !== undefined)
      throw new Error(
        `the worker ended with ${exit.signal ?? exit.code}:\n${tail(readFileSync(r.logFile, 'utf8'), 20)}`,
      );
    const done = await r.done();
    if (done >= all || enough(done)) return pointOf(r, done);
    const now = performance.now();
    if (done > last) [last, lastAt] = [done, now];
    else if (now - lastAt > STUCK_MS)
      throw new Error(
        `no progress for ${STUCK_MS} ms at ${done} records:\n${tail(readFileSync(r.logFile, 'utf8'), 20)}`,
      );
    await pause(POLL_MS);
  }
};

/**
 * Runs a cell for two windows, of which the second is measured: the first is for connections, group, and just-in-time compilers.
 * Then stops it gracefully and checks all that it has written.
 */
export const measure = async (
  cell: Cell,
  bench: Bench,
  run: number,
  window: Window,
  isExact: (d: Delivery) => boolean,
): Promise<Measured> => {
  const records = Math.min(cell.records, bench.records);
  const running = await cell.start(bench, run, records);
  try {
    const first = await until(running, records, (done) => done > 0);
    const from = await until(running, records, (done) => over(first, done, window));
    const to = await until(running, records, (done) => over(from, done, window));
    const peak = Math.max(...running.workers.map(({ pid }) => peakRssMiB(pid)));
    await Promise.all(running.workers.map((w) => w.stop(30_000)));
    const delivery = await running.check();
    const bytes = await running.bytesOnDisk?.();
    const seconds = (to.at - from.at) / 1_000;
    const done = to.done - from.done;
    if (done <= 0) throw new Error(`${cell.name} was done before it was measured: ${MORE_RECORDS}`);
    return {
      cell: cell.name,
      run,
      records: done,
      seconds,
      recordsPerSecond: done / seconds,
      workerCpuSecondsPerMillion: ((to.worker - from.worker) / done) * 1e6,
      storeCpuSecondsPerMillion: ((to.store - from.store) / done) * 1e6,
      peakRssMiB: peak,
      bytesOnDisk: bytes === undefined ? undefined : bytes / delivery.expected,
      delivery,
      exact: isExact(delivery),
      ranOut: to.done >= records,
    };
  } finally {
    await Promise.all(running.workers.map((w) => w.stop(0)));
    await running.clean();
  }
};
