import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EdgeConfig } from '../config.ts';
import type { FromView, ToView, ViewThread } from './link.ts';
import type { Thread } from './remote.ts';

/** `.js` in the built package. */
const ENTRY = new URL(`./main${extname(import.meta.filename)}`, import.meta.url);
/** Of the heap of the thread; what SQLite and buffers take is beside it. */
const HEAP_MB = 128;

/** Starts the thread of the view. */
export const spawnView =
  (config: EdgeConfig) =>
  (afresh: boolean, heard: (m: FromView) => void, ended: () => void): Thread => {
    const workerData: ViewThread = { config, afresh };
    const worker = new Worker(ENTRY, {
      workerData,
      // What the service itself was given, such as limits of its heap, is not for this thread.
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    worker.on('message', heard);
    // Its end is told by `exit` as well.
    worker.on('error', () => undefined);
    worker.on('exit', ended);
    return {
      post: (message: ToView) => worker.postMessage(message),
      kill: () => void worker.terminate(),
    };
  };
