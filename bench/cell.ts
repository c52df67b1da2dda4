import type { Child } from '@verdikt/local/child.ts';
import type { Ground } from './ground.ts';
import type { Shape, Words } from './words.ts';

/** A topic with records 0 .. records - 1 of a shape, in this order. */
export interface Input {
  readonly topic: string;
  readonly words: Words;
}

/** What all cells of one benchmark share. */
export interface Bench {
  readonly ground: Ground;
  /** Fills it where there is none yet. */
  input(shape: Shape): Promise<Input>;
  readonly records: number;
  /** For logs and data; deleted at the end. */
  readonly folder: string;
  readonly registryUrl: string;
  readonly say: (line: string) => void;
}

/** What went wrong with the output; all zero where delivery was exact. */
export interface Delivery {
  /** Records that the worker had finished by its own account when it ended. */
  readonly expected: number;
  readonly missing: number;
  readonly duplicated: number;
  /** Not in the input, or not yet finished. */
  readonly unexpected: number;
  readonly outOfOrder: number;
  /** The answer is not the right one. */
  readonly wrong: number;
}

/** Workers at work on the input, from its beginning. */
export interface Running {
  readonly workers: readonly Child[];
  readonly logFile: string;
  /** Processes of the store beside the worker. */
  readonly storePids: readonly number[];
  /** Records finished since it started. */
  done(): Promise<number>;
  /** After the workers have ended. */
  check(): Promise<Delivery>;
  /** Bytes that its output takes on disk, where the store can tell. */
  bytesOnDisk?(): Promise<number>;
  /** Removes what the run has left behind. */
  clean(): Promise<void>;
}

/** One way to do the work. */
export interface Cell {
  readonly name: string;
  readonly title: string;
  /** Most records that make sense; slow ways are measured on fewer. */
  readonly records: number;
  /** Fetches and builds what it needs, before anything is measured. */
  prepare(bench: Bench): Promise<void>;
  start(bench: Bench, run: number, records: number): Promise<Running>;
  /** After the last run. */
  close(): Promise<void>;
}
