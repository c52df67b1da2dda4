import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EdgeConfig } from '../config.ts';
import type { FromOperators, Thread, ToOperators } from './remote.ts';

/** `.js` in the built package. */
const ENTRY = new URL(`./main${extname(import.meta.filename)}`, import.meta.url);
/** Of the heap of the thread. */
const HEAP_MB = 192;

/** Starts the thread for operators. */
export const spawnOperators =
  (config: EdgeConfig) =>
  (heard: (m: FromOperators) => void, ended: () => void): Thread => {
    const worker = new Worker(ENTRY, {
      workerData: config,
      // What the service itself was given, such as limits of its heap, is not for this thread.
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    worker.on('message', heard);
    // Its end is told by `exit` as well.
    worker.on('error', () => undefined);
    worker.on('exit', ended);
    return {
      post: (message: ToOperators) => worker.postMessage(message),
      kill: () => void worker.terminate(),
    };
  };
