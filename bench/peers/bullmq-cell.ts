import { join } from 'node:path';
import { Queue } from 'bullmq';
import { startChild } from '@verdikt/local/child.ts';
import type { Bench, Cell, Delivery, Running } from '../cell.ts';
import { createCheck } from '../delivery.ts';
import { idOf, indexOf, SHAPE, Words } from '../words.ts';
import { QUEUE, type Submission } from './bullmq.ts';
import { needRedis, startRedis } from './redis.ts';

const CHUNK = 1_000;
const words = new Words(SHAPE, 'the-id');

/** A queue as people use it in place of a log: no order per key is promised. */
export const bullmqCell = (records: number): Cell => ({
  name: 'bullmq',
  title: 'BullMQ, Redis with AOF, concurrency 32',
  records,
  prepare: ({ say }) => needRedis(say),
  close: () => Promise.resolve(),
  start: async (bench: Bench, _run: number, count: number): Promise<Running> => {
    const redis = await startRedis(bench.folder);
    const queue = new Queue<Submission, string>(QUEUE, {
      connection: { host: '127.0.0.1', port: redis.port },
    });
    const clean = async (): Promise<void> => {
      await queue.close();
      await redis.child.stop();
    };
    try {
      await fill(queue, count);
      const logFile = join(bench.folder, `bullmq-${_run}.log`);
      const script = join(import.meta.dirname, 'bullmq.ts');
      const worker = await startChild(process.execPath, [script, String(redis.port)], { logFile });
      return {
        workers: [worker],
        logFile,
        storePids: [redis.child.pid],
        done: () => queue.getCompletedCount(),
        check: () => check(queue, count),
        clean,
      };
    } catch (e) {
      await clean();
      throw e;
    }
  },
});

const fill = async (queue: Queue<Submission, string>, count: number): Promise<void> => {
  for (let from = 0; from < count; from += CHUNK) {
    const now = Date.now();
    const bulk = Array.from({ length: Math.min(CHUNK, count - from) }, (_, k) => {
      const i = from + k;
      const traceparent = String(words.recordOf(i, now).headers[2][1]);
      return {
        name: 'word',
        data: { word: words.wordOf(i), key: words.keyOf(i).toString(), submittedAt: now, traceparent },
        opts: { jobId: idOf(i) },
      };
    });
    await queue.addBulk(bulk);
  }
};

const check = async (queue: Queue<Submission, string>, count: number): Promise<Delivery> => {
  const seen = createCheck(words, count);
  const done = new Set<number>();
  for (let from = 0; ; from += CHUNK) {
    const page = await queue.getJobs(['completed'], from, from + CHUNK - 1, true);
    for (const { id, returnvalue } of page) {
      seen.output(id, (JSON.parse(returnvalue) as { accepted: boolean }).accepted);
      done.add(indexOf(id ?? ''));
    }
    if (page.length < CHUNK) break;
  }
  // Finished by its own account: whatever no longer waits.
  const left = new Set(
    (await queue.getJobs(['waiting', 'active', 'delayed', 'prioritized'])).map((job) =>
      indexOf(job.id ?? ''),
    ),
  );
  return seen.end((i) => !left.has(i));
};
