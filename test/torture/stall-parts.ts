import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A line of the log of a processor, as far as it matters here. */
interface Line {
  readonly time: string;
  readonly message: string;
  /** In which process. */
  readonly pid: number;
  readonly task?: number;
  /** How long the group took to join, fencing, and restoring. */
  readonly ms?: number;
  readonly fencedMs?: number;
  readonly restoredMs?: number;
}

/** Where the time of a stall went that ended with a new owner, in its order; together they are all of it. Milliseconds. */
interface StallParts {
  /** Until the new owner began to join the group that gave it the task: the broker must miss heartbeats first. */
  readonly notice: number;
  readonly join: number;
  readonly fence: number;
  readonly restore: number;
  /** From then on until something ended: a slice, and the next round of the load. */
  readonly work: number;
}

const at = ({ time }: Line): number => Date.parse(time);

/**
 * Of a stall of a task from `from` to `to` (ms since 1970); undefined where nobody took the task over meanwhile. `lines` may come in any
 * order.
 */
export const stallParts = (
  lines: readonly Line[],
  task: number,
  from: number,
  to: number,
): StallParts | undefined => {
  const within = lines.filter((l) => at(l) >= from && at(l) <= to).sort((a, b) => at(a) - at(b));
  const restored = within.findLast((l) => l.message === 'task restored' && l.task === task);
  if (restored === undefined) return undefined;
  const { fencedMs: fence = 0, restoredMs: restore = 0 } = restored;
  const joined = within.findLast(
    (l) => l.message === 'the group has joined' && l.pid === restored.pid && at(l) <= at(restored),
  );
  const begun = at(restored) - restore - fence;
  const join = Math.min(joined?.ms ?? 0, begun - from);
  return { notice: begun - join - from, join, fence, restore, work: to - at(restored) };
};

/** As a sentence for a timeline. */
export const partsText = ({ notice, join, fence, restore, work }: StallParts): string =>
  `${notice} ms until the group met, ${join} join, ${fence} fence, ${restore} restore, ${work} until something ended`;

/** Those of all processors that have a log in the folder. */
export const readLines = async (folder: string): Promise<Line[]> => {
  const lines: Line[] = [];
  for await (const name of glob('processor-*.log', { cwd: folder }))
    for (const text of (await readFile(join(folder, name), 'utf8')).split('\n'))
      if (text.startsWith('{') && text.endsWith('}')) lines.push(JSON.parse(text) as Line);
  return lines;
};
