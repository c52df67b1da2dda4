import { nodeEnv } from '@verdikt/core/service/node-memory.ts';

const MiB = 1024 * 1024;

/** Of a process that is told none and runs in no container that has one. */
export const DEFAULT_MEMORY_LIMIT_MIB = 256;
/** Less does not even hold what every processor needs. */
export const LEAST_MEMORY_LIMIT_MIB = 224;
/** Code, heap and what is on its way at full speed, with the environment below; see `npm run proof:hand-over`. */
const BASE_MIB = 180;
/** Parts of what is left. The rest is room for what is on its way: slices, responses, restoring. */
const COLUMNS = 0.4;
const VALUES = 0.3;
/** Of an outstanding record in memory, without its value. */
const ENTRY_BYTES = 100;
const FEWEST_ENTRIES = 1_000;

/** How a process deals out its memory. */
export interface MemoryPlan {
  readonly limitBytes: number;
  /** Shared by all tasks for what can be let go; see MemoryBudget. */
  readonly budgetBytes: number;
  /** Outstanding records that a task may hold, such that one process can hold those of all tasks. */
  readonly laneMaxEntries: number;
}

/**
 * The limit in MiB: `configured` unless it is 0, else that of the container, else the default. `container`: in bytes; 0 or
 * undefined: there is none.
 */
export const memoryLimit = (configured: number, container: number | undefined): number => {
  if (configured > 0) return configured;
  // Without a limit some systems tell a huge one.
  const limited = container !== undefined && container > 0 && container < 2 ** 50;
  return limited ? Math.floor(container / MiB) : DEFAULT_MEMORY_LIMIT_MIB;
};

export const memoryPlan = (limitMiB: number, partitions: number): MemoryPlan => {
  const left = Math.max(0, limitMiB - BASE_MIB) * MiB;
  const entries = Math.floor((left * COLUMNS) / ENTRY_BYTES / partitions);
  return {
    limitBytes: limitMiB * MiB,
    budgetBytes: Math.floor(left * VALUES),
    laneMaxEntries: Math.max(FEWEST_ENTRIES, entries),
  };
};

/** Answers to fetches, a little larger than the records in them. */
const IDLE_ANSWERS = 4;
const MOST_IDLE = 16 * MiB;

/** Bytes of answers that are kept to be filled again. Part of what a process needs at full speed, so no setting lets them grow further. */
export const idleAnswerBytes = (fetchMaxBytes: number): number =>
  Math.min(IDLE_ANSWERS * fetchMaxBytes, MOST_IDLE);

/** The same of answers to those who read logs: restoring, and records whose turn has come. */
export const IDLE_SCAN_BYTES = 4 * MiB;

/**
 * The environment that keeps a processor small: what lives long lies in buffers outside of the heap. The heap limit is a bound to be
 * noticed, above what is used.
 */
export const processorEnvFor = (limitMiB: number): Readonly<Record<string, string>> =>
  nodeEnv(Math.floor(limitMiB / 2));

/** For the default limit. */
export const PROCESSOR_ENV = processorEnvFor(DEFAULT_MEMORY_LIMIT_MIB);
