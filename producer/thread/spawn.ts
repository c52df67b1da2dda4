import { Worker } from 'node:worker_threads';
import { THREAD_YOUNG_MIB } from '@verdikt/core/service/node-memory.ts';
import type { Thread } from './dialog.ts';

interface SpawnOptions<From> {
  /** The module that it runs. */
  readonly entry: URL;
  /** Of its heap. */
  readonly heapMb: number;
  readonly workerData: unknown;
  readonly heard: (message: From) => void;
  /** Called once, whatever it ended of. */
  readonly ended: () => void;
}

/** Starts a thread of this service. */
export const spawnThread = <To, From>(o: SpawnOptions<From>): Thread<To> => {
  const worker = new Worker(o.entry, {
    workerData: o.workerData,
    // What the service itself was given, such as limits of its heap, is not for this thread.
    resourceLimits: { maxOldGenerationSizeMb: o.heapMb, maxYoungGenerationSizeMb: THREAD_YOUNG_MIB },
  });
  worker.on('message', o.heard);
  // Its end is told by `exit` as well.
  worker.on('error', () => undefined);
  worker.on('exit', o.ended);
  return {
    post: (message) => worker.postMessage(message),
    kill: () => void worker.terminate(),
  };
};
