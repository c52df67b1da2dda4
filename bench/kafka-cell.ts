import { join } from 'node:path';
import { startChild, type Child } from '@verdikt/local/child.ts';
import type { Bench, Cell, Running } from './cell.ts';
import { checkTopic } from './delivery.ts';
import { createTopics, deleteTopic } from './fill.ts';
import type { Reach } from './ground.ts';
import { committedOffsets } from './progress.ts';
import { SHAPE, type Shape } from './words.ts';

/** What a worker on Kafka is told, as JSON in its last argument. */
export interface WorkerTask extends Reach {
  readonly words: string;
  readonly partitions: number;
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
  /** Of its input. Default SHAPE. */
  readonly shape?: Shape;
  /** Processes of the group. Default 1. */
  readonly workers?: number;
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
    const { ground, registryUrl } = bench;
    const { kafka } = ground;
    const { topic, words } = await bench.input(o.shape ?? SHAPE);
    const { partitions } = words.shape;
    const results = `results-${group}`;
    const task: WorkerTask = { ...ground.reach, words: topic, partitions, results, group, registryUrl };
    const topics = [results, ...(o.topics?.(task) ?? [])];
    await createTopics(ground, topics, partitions);
    const link = kafka.link();
    const logFile = join(bench.folder, `${group}.log`);
    const { file, args, env } = o.command(task);
    const begin = (): Promise<Child> => startChild(file, args, { logFile, env: { ...outside(), ...env } });
    const workers = await Promise.all(Array.from({ length: o.workers ?? 1 }, begin));
    const committed = (): Promise<number[]> =>
      committedOffsets(link, o.progressGroup?.(task) ?? group, topic, partitions);
    return {
      workers,
      logFile,
      storePids: ground.pids(),
      done: async () => (await committed()).reduce((sum, n) => sum + n, 0),
      check: async () => checkTopic(kafka, results, words, bench.records, await committed()),
      bytesOnDisk: () => ground.bytesOnDisk(results),
      clean: async () => {
        await link.close();
        for (const name of topics) await deleteTopic(ground, name);
      },
    };
  },
});
