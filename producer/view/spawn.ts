import { extname } from 'node:path';
import type { EdgeConfig } from '../config.ts';
import type { Thread } from '../thread/dialog.ts';
import { spawnThread } from '../thread/spawn.ts';
import type { FromView, ToView, ViewThread } from './link.ts';

/** `.js` in the built package. */
const ENTRY = new URL(`./main${extname(import.meta.filename)}`, import.meta.url);
/** Of the heap of the thread; what SQLite and buffers take is beside it. */
const HEAP_MB = 128;

/** Starts the thread of the view. */
export const spawnView =
  (config: EdgeConfig) =>
  (afresh: boolean, heard: (m: FromView) => void, ended: () => void): Thread<ToView> => {
    const workerData: ViewThread = { config, afresh };
    return spawnThread({ entry: ENTRY, heapMb: HEAP_MB, workerData, heard, ended });
  };
