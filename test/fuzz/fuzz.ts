import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
import { createRandom } from '../engine/history/random.ts';
import { fetchResponses, groupBytes, smallResponses } from './responses.ts';
import { recordSets } from './batches.ts';
import { controlRecords, marks } from './control.ts';
import { retryEntries } from './headers.ts';
import { restored } from './restored.ts';
import type { Input, Target } from './target.ts';
import { verdictValues, wordValues } from './values.ts';
import { verdictPaths } from './verdict-paths.ts';

export const allTargets = async (): Promise<Target[]> => [
  ...[recordSets, fetchResponses, smallResponses, groupBytes, retryEntries, controlRecords, marks, restored],
  ...[await wordValues(), await verdictValues(), await verdictPaths()],
];

/** Most CPU time of one input. Inputs have some kilobytes, and most take some microseconds. */
export const MAX_CPU_MS = 50;
/** Most that the heap may grow while one input is decoded: far below what a length that lies can ask for. */
export const MAX_GROWTH = 8 * 1024 * 1024;

export interface Finding {
  readonly target: string;
  readonly index: number;
  readonly problem: string;
  readonly hex: string;
}

/** After so many inputs, all garbage collected; bytes. */
export interface Sample {
  readonly inputs: number;
  readonly rss: number;
  readonly heap: number;
}

interface FuzzOptions {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** First index; default 0. */
  readonly from?: number;
  readonly inputs: number;
  /** Default: none. */
  readonly sampleEvery?: number;
  readonly sampled?: (sample: Sample) => void;
  /** Told before each input, so that somebody else can tell which one never ends. */
  readonly begins?: (index: number) => void;
  /** End after so many. Default 20. */
  readonly maxFindings?: number;
}

const HEX_BYTES = 4_096;
const TURN_EVERY = 100;

/** The input of that index: the same seed gives the same one, whatever came before it. */
export const inputOf = (targets: readonly Target[], seed: number, index: number): [Target, Input] => {
  const random = createRandom(Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  let at = random.below(targets.reduce((n, t) => n + t.weight, 0));
  const target = targets.find((t) => (at -= t.weight) < 0) as Target;
  return [target, target.make(random)];
};

const hexOf = (bytes: Buffer): string =>
  bytes.toString('hex', 0, HEX_BYTES) + (bytes.length > HEX_BYTES ? `… (${bytes.length} bytes)` : '');

const problemOf = (e: unknown): string => (e instanceof Error ? (e.stack ?? e.message) : String(e));

const heapBytes = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1_000;
};

/** Without a flag on the command line. */
const collector = (): (() => void) => {
  setFlagsFromString('--expose_gc');
  return runInNewContext('gc') as () => void;
};
const collect = collector();

interface Cost {
  /** Bytes by which the heap grew. */
  readonly grown: number;
  readonly ms: number;
}

const costOf = async (input: Input): Promise<Cost> => {
  const heap = heapBytes();
  const cpu = process.threadCpuUsage();
  const running = input.run();
  if (running !== undefined) await running;
  return { grown: heapBytes() - heap, ms: cpuMs(cpu) };
};

const tooMuch = ({ grown, ms }: Cost): boolean => grown > MAX_GROWTH || ms > MAX_CPU_MS;

/** Runs one input; tells what is wrong with it, or nothing. */
const runOne = async (input: Input, again: () => Input): Promise<string | undefined> => {
  let cost: Cost;
  try {
    cost = await costOf(input);
    // Once may be garbage or a compilation; what is large or slow by nature is so each time. Garbage of others goes first: let go
    // of in the middle, it would hide what this input takes.
    for (let n = 0; n < 2 && tooMuch(cost); n++) {
      collect();
      const next = await costOf(again());
      cost = { grown: Math.min(cost.grown, next.grown), ms: Math.min(cost.ms, next.ms) };
    }
  } catch (e) {
    return problemOf(e);
  }
  if (cost.grown > MAX_GROWTH) return `the heap grew by ${cost.grown} bytes`;
  return cost.ms > MAX_CPU_MS ? `${cost.ms.toFixed(0)} ms of CPU time` : undefined;
};

/** Decodes so many inputs and holds each to its properties. */
export const fuzz = async (o: FuzzOptions): Promise<Finding[]> => {
  const { targets, seed, from = 0, inputs, sampleEvery = Infinity, maxFindings = 20 } = o;
  const findings: Finding[] = [];
  for (let index = from; index < from + inputs && findings.length < maxFindings; index++) {
    o.begins?.(index);
    const [target, input] = inputOf(targets, seed, index);
    const problem = await runOne(input, () => inputOf(targets, seed, index)[1]);
    if (problem !== undefined)
      findings.push({ target: target.name, index, problem, hex: hexOf(input.bytes) });
    const done = index + 1 - from;
    // zlib lets go of a stream that failed in a later turn.
    if (done % TURN_EVERY === 0) await turn();
    if (done % sampleEvery === 0) {
      for (let n = 0; n < 3; n++) {
        collect();
        await turn();
      }
      o.sampled?.({ inputs: done, rss: process.memoryUsage.rss(), heap: heapBytes() });
    }
  }
  return findings;
};
