// A BullMQ worker with the same work: `bullmq.ts PORT`. The verdict is the return value, kept in Redis.
import { Worker } from 'bullmq';
import { judgeWord } from './judge.ts';

export interface Submission {
  readonly word: string;
  readonly key: string;
  readonly submittedAt: number;
  readonly traceparent: string;
}
export const QUEUE = 'words';
const CONCURRENCY = 32;

if (process.argv[1] === import.meta.filename) {
  const worker = new Worker<Submission, string>(
    QUEUE,
    (job) => Promise.resolve(judgeWord(job.data.word, job.id ?? '', 0, job.data.submittedAt)),
    { connection: { host: '127.0.0.1', port: Number(process.argv[2]) }, concurrency: CONCURRENCY },
  );
  worker.on('error', (e) => console.error(e));
  process.once('SIGTERM', () => void worker.close().then(() => process.exit(0)));
}
