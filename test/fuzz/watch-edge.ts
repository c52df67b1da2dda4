import { setTimeout as pause } from 'node:timers/promises';
import { metricIn, metricsOf } from '../support/system/metrics.ts';
import type { Edge, Start } from '../support/system/system.ts';

/** Lets the edge collect its garbage when it is told to, so that what is left is what it keeps. Other signals stop a service. */
export const COLLECTS: Start = {
  extra: {
    NODE_OPTIONS:
      "--max-semi-space-size=8 --expose-gc --import data:text/javascript,process.on('SIGWINCH',()=>globalThis.gc())",
  },
};

/** Bytes. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

const IDLE_MS = 3_000;

const needed = (text: string, name: string): number => {
  const value = metricIn(text, name);
  if (value === undefined) throw new Error(`there is no metric ${name}`);
  return value;
};

/** After the same idle time and a collection each time. */
export const memoryAtRest = async (edge: Edge): Promise<Memory> => {
  for (let n = 0; n < 3; n++) {
    await pause(IDLE_MS / 3);
    edge.child.kill('SIGWINCH');
  }
  await pause(500);
  const text = await metricsOf(edge);
  return {
    rss: needed(text, 'process_resident_memory_bytes'),
    heap: needed(text, 'nodejs_heap_size_used_bytes'),
    external: needed(text, 'nodejs_external_memory_bytes'),
  };
};

/** Submissions that were answered 202. */
export const acceptedBy = async (edge: Edge): Promise<number> =>
  needed(await metricsOf(edge), 'verdikt_edge_submissions_accepted_total');

/** Lines of its log that tell of a fault of its own: not JSON (a crash), or what it says of errors that nobody caught. */
export const faultsIn = (log: string): string[] =>
  log.split('\n').filter((line) => {
    if (line === '') return false;
    try {
      const { msg, message } = JSON.parse(line) as { msg?: string; message?: string };
      return /fault of this service|the edge fails|unhandled|uncaught/i.test(msg ?? message ?? '');
    } catch {
      return true;
    }
  });

/** True while it runs. */
export const isAlive = (edge: Edge): boolean => edge.child.exit() === undefined;
