import { join } from 'node:path';
import { startChild } from '@verdikt/local/child.ts';
import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import type { Bench, Cell, Running } from './cell.ts';
import { checkTopic } from './delivery.ts';
import { createTopics } from './fill.ts';
import { committedOffsets } from './progress.ts';

/** What a worker on Kafka is told, as JSON in its last argument. */
export interface WorkerTask {
  readonly brokers: readonly string[];
  readonly words: string;
  readonly results: string;
  readonly group: string;
  readonly registryUrl: string;
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Over our own environment without its variables of ours. */
  readonly env?: Readonly<Record<string, string>>;
}

interface KafkaCellOptions {
  readonly name: string;
  readonly title: string;
  readonly records: number;
  readonly prepare?: (bench: Bench) => Promise<void>;
  readonly command: (task: WorkerTask) => Command;
  /** Topics that the worker needs beside its results. */
  readonly topics?: (task: WorkerTask) => readonly string[];
  /** Group whose offsets tell how far it is. Default: its own. */
  readonly progressGroup?: (task: WorkerTask) => string;
}

const outside = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VERDIKT_')));

/** A worker that reads `words` in a consumer group and writes verdicts as JSON. SIGTERM ends it after what is at hand. */
export const kafkaCell = (o: KafkaCellOptions): Cell => ({
  name: o.name,
  title: o.title,
  records: o.records,
  prepare: (bench) => o.prepare?.(bench) ?? Promise.resolve(),
  close: () => Promise.resolve(),
  start: async (bench, run): Promise<Running> => {
    const group = `${o.name}-${run}`;
    const { brokers, words, kafka, registryUrl } = bench;
    const task: WorkerTask = { brokers, words, results: `results-${group}`, group, registryUrl };
    const topics = [task.results, ...(o.topics?.(task) ?? [])];
    await createTopics(kafka, topics);
    const link = kafka.link();
    const logFile = join(bench.folder, `${group}.log`);
    const { file, args, env } = o.command(task);
    const worker = await startChild(file, args, { logFile, env: { ...outside(), ...env } });
    const committed = (): Promise<number[]> =>
      committedOffsets(link, o.progressGroup?.(task) ?? group, words);
    return {
      worker,
      logFile,
      storePid: bench.brokerPid,
      done: async () => (await committed()).reduce((sum, n) => sum + n, 0),
      check: async () => checkTopic(kafka, task.results, bench.records, await committed()),
      clean: async () => {
        await link.close();
        for (const topic of topics)
          await kafkaTool('topics', ['--bootstrap-server', brokers.join(), '--delete', '--topic', topic]);
      },
    };
  },
});
