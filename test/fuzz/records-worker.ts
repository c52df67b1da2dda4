// The decoding of records.ts, in a thread of its own: an input that never ends can so be told, and ended.
import { parentPort, workerData } from 'node:worker_threads';
import { allTargets, fuzz } from './fuzz.ts';
import { taken } from './target.ts';

export interface WorkerTask {
  readonly seed: number;
  readonly from: number;
  readonly inputs: number;
  readonly sampleEvery: number;
  /** One number: the index of the input at hand. */
  readonly progress: SharedArrayBuffer;
}

const { seed, from, inputs, sampleEvery, progress } = workerData as WorkerTask;
const at = new Int32Array(progress);
const findings = await fuzz({
  ...{ targets: await allTargets(), seed, from, inputs, sampleEvery },
  begins: (index) => Atomics.store(at, 0, index),
  sampled: (sample) => parentPort?.postMessage({ sample }),
});
parentPort?.postMessage({ findings, taken });
