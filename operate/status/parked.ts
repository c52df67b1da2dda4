import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { LiveEntry } from '@verdikt/engine/restore/live-entries.ts';

/** A key whose lane waits for an operator. */
interface ParkedKey {
  readonly task: number;
  readonly head: LiveEntry;
  /** Records of the key that wait behind it. */
  readonly followers: number;
}

/** The parked keys of a task. `live`: by origin, then redrive count, so that the first of a key is the head of its lane. */
export const parkedKeysOf = (task: number, live: readonly LiveEntry[]): ParkedKey[] => {
  const lanes = new Map<string, { head: LiveEntry; followers: number }>();
  for (const e of live) {
    const name = e.key ?? `\0${e.origin} ${e.redrive}`;
    const lane = lanes.get(name);
    if (lane === undefined) lanes.set(name, { head: e, followers: 0 });
    else lane.followers++;
  }
  return [...lanes.values()].filter(({ head }) => head.parkedAt > 0).map((lane) => ({ task, ...lane }));
};

/** Those that have waited longest first. */
export const longestFirst = (keys: readonly ParkedKey[]): ParkedKey[] =>
  keys.toSorted(
    (a, b) => a.head.parkedAt - b.head.parkedAt || a.task - b.task || a.head.origin - b.head.origin,
  );

/** A parked key with what its entry in the retry topic says. */
export interface ParkedKeyRead extends ParkedKey {
  /** Undefined: it has gone on meanwhile. */
  readonly id: string | undefined;
  readonly key: string | null;
}

/** Reads the entries of these keys. */
export const readParked = async (
  logs: Pick<LogReader, 'fetch'>,
  retry: string,
  keys: readonly ParkedKey[],
): Promise<ParkedKeyRead[]> => {
  const read: ParkedKeyRead[] = [];
  for (const parked of keys) {
    // Entries may be rewritten or cut at any time; each is asked for alone, so that one that is gone hides no other.
    const [record] = await logs.fetch(retry, parked.task, [parked.head.offset]).catch(() => []);
    read.push({
      ...parked,
      id: record?.headerText(H.id),
      key: record?.key?.toString('utf8') ?? null,
    });
  }
  return read;
};
