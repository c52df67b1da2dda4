import { join } from 'node:path';
import { startChild } from '@verdikt/local/child.ts';
import type { Bench, Cell, Input, Running } from './cell.ts';
import { checkTopic } from './delivery.ts';
import { createTopics, deleteTopic } from './fill.ts';
import type { Reach } from './ground.ts';
import { committedOffsets } from './progress.ts';

/** What a worker on Kafka is told, as JSON in its last argument. */
export interface WorkerTask extends Reach {
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
  readonly input?: Input;
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
  ...(o.input === undefined ? {} : { input: o.input }),
  prepare: (bench) => o.prepare?.(bench) ?? Promise.resolve(),
  close: () => Promise.resolve(),
  start: async (bench, run): Promise<Running> => {
    const group = `${o.name}-${run}`;
    const { ground, registryUrl } = bench;
    const { kafka } = ground;
    const words = bench.inputs[o.input ?? 'plain'];
    const task: WorkerTask = { ...ground.reach, words, results: `results-${group}`, group, registryUrl };
    const topics = [task.results, ...(o.topics?.(task) ?? [])];
    await createTopics(ground, topics);
    const link = kafka.link();
    const logFile = join(bench.folder, `${group}.log`);
    const { file, args, env } = o.command(task);
    const worker = await startChild(file, args, { logFile, env: { ...outside(), ...env } });
    const committed = (): Promise<number[]> =>
      committedOffsets(link, o.progressGroup?.(task) ?? group, words);
    return {
      worker,
      logFile,
      storePids: ground.pids(),
      done: async () => (await committed()).reduce((sum, n) => sum + n, 0),
      check: async () => checkTopic(kafka, task.results, bench.records, await committed()),
      bytesOnDisk: () => ground.bytesOnDisk(task.results),
      clean: async () => {
        await link.close();
        for (const topic of topics) await deleteTopic(ground, topic);
      },
    };
  },
});
