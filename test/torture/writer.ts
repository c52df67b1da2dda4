import { Worker } from 'node:worker_threads';

/** Words by key and number; `number` counts batches. */
export interface Batch {
  readonly number: number;
  readonly keys: readonly number[];
  readonly counters: readonly number[];
  readonly keyed: readonly boolean[];
}

export interface WriterData {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly partitions: number;
  /** See numberedWord. */
  readonly pad: number;
}

export type WriterSays =
  | { readonly kind: 'ready' }
  | { readonly kind: 'written'; readonly number: number }
  | { readonly kind: 'failed'; readonly number: number; readonly why: string };

/** A writer of numbered words that runs in a thread of its own. */
interface NumberedWriter {
  /** Resolves when all are stored; rejects where one is not. */
  write(batch: Omit<Batch, 'number'>): Promise<void>;
  close(): Promise<void>;
}

export const openNumberedWriter = async (data: WriterData): Promise<NumberedWriter> => {
  const worker = new Worker(new URL('writer-worker.ts', import.meta.url), { workerData: data });
  const ready = Promise.withResolvers<void>();
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  let number = 0;
  const failAll = (e: Error): void => {
    ready.reject(e);
    for (const w of waiting.values()) w.reject(e);
    waiting.clear();
  };
  worker.on('error', failAll);
  worker.once('exit', () => failAll(new Error('the writer has ended')));
  worker.on('message', (said: WriterSays) => {
    if (said.kind === 'ready') return ready.resolve();
    const w = waiting.get(said.number);
    waiting.delete(said.number);
    if (said.kind === 'written') w?.resolve();
    else w?.reject(new Error(said.why));
  });
  await ready.promise;
  return {
    write: (batch) => {
      const w = Promise.withResolvers<void>();
      waiting.set(++number, w);
      worker.postMessage({ ...batch, number } satisfies Batch);
      return w.promise;
    },
    close: async () => {
      worker.postMessage('close');
      await ended;
    },
  };
};
