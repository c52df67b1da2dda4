import { extname } from 'node:path';
import type { EdgeConfig } from '../config.ts';
import type { Thread } from '../thread/dialog.ts';
import { spawnThread } from '../thread/spawn.ts';
import type { FromOperators, ToOperators } from './remote.ts';

/** `.js` in the built package. */
const ENTRY = new URL(`./main${extname(import.meta.filename)}`, import.meta.url);
/** Of the heap of the thread. */
const HEAP_MB = 192;

/** Starts the thread for operators. */
export const spawnOperators =
  (config: EdgeConfig) =>
  (heard: (m: FromOperators) => void, ended: () => void): Thread<ToOperators> =>
    spawnThread({ entry: ENTRY, heapMb: HEAP_MB, workerData: config, heard, ended });
