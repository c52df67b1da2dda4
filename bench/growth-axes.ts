import { join } from 'node:path';
import { processorEnvFor } from '@verdikt/processor/memory.ts';
import type { Cell } from './cell.ts';
import { oursCell } from './ours-cell.ts';
import { SHAPE, type Shape } from './words.ts';

/** One configuration of an axis. */
export interface Point {
  /** Where it lies on the axis. */
  readonly at: number;
  readonly records: number;
  readonly shape: Shape;
  readonly cell: Cell;
}

export interface Axis {
  readonly name: string;
  readonly title: string;
  readonly points: readonly Point[];
}

interface Options {
  readonly shape?: Partial<Shape>;
  readonly env?: Readonly<Record<string, string>>;
  readonly workers?: number;
  readonly records?: number;
}

const RECORDS = 10_000_000;
/** Bytes of a word's record beside the word. */
const FRAME = 190;
const MOST_INPUT_BYTES = 8e9;
/** Of the axis of lanes: with 256 MiB a processor holds 312,000 waiting words. */
const LANES_MEMORY_MIB = 512;

const axis = (name: string, title: string, at: readonly number[], of: (at: number) => Options): Axis => ({
  name,
  title,
  points: at.map((n): Point => {
    const { shape: changed, env, workers = 1, records = RECORDS } = of(n);
    const shape = { ...SHAPE, ...changed };
    const most = Math.floor(MOST_INPUT_BYTES / (FRAME + shape.letters));
    const variant = { shape, workers, ...(env === undefined ? {} : { env }) };
    return {
      at: n,
      records: Math.min(records, most),
      shape,
      cell: oursCell({ name: `${name}-${n}`, title: `${title}: ${n}`, ...variant }),
    };
  }),
});

const chainOf = (check: unknown): string => JSON.stringify([check]);
const HOUR = String(3_600_000);

/** What a deployment may have more of, one thing at a time. */
export const AXES: readonly Axis[] = [
  axis('partitions', 'partitions', [1, 2, 4, 12, 24, 48, 96], (partitions) => ({ shape: { partitions } })),
  axis('keys', 'keys', [1, 100, 10_000, 1_000_000, 10_000_000], (keys) => ({ shape: { keys } })),
  axis('size', 'letters of a word', [51, 101, 301, 1_001, 10_001, 100_001], (letters) => ({
    shape: { letters },
    env: { VERDIKT_CHAIN: chainOf({ palindrome: { maxCodePoints: 1_000_000 } }) },
  })),
  axis(
    'lanes',
    'words that wait, each in a lane of its own',
    [0, 1_000, 10_000, 100_000, 1_000_000],
    (waiting) => ({
      shape: { waiting },
      records: RECORDS + 8 * waiting,
      env: {
        ...processorEnvFor(LANES_MEMORY_MIB),
        VERDIKT_MEMORY_LIMIT_MIB: String(LANES_MEMORY_MIB),
        VERDIKT_CHAIN: chainOf({ module: join(import.meta.dirname, 'waiting-check.ts') }),
        VERDIKT_RETRY_BASE_DELAY_MS: HOUR,
        VERDIKT_RETRY_MAX_DELAY_MS: HOUR,
      },
    }),
  ),
  axis('processors', 'processors on two cores', [1, 2, 3, 4, 6], (workers) => ({ workers })),
];
