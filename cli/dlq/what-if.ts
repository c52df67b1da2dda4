import type { InRecord } from '@verdikt/core/record/record.ts';
import { liveEntries } from '@verdikt/engine/restore/live-entries.ts';
import { eachLetter, type Letters } from '@verdikt/operate/dlq/letters.ts';
import { readLetter } from '@verdikt/operate/dlq/dialects/read.ts';
import type { Filter } from '@verdikt/operate/dlq/filter.ts';
import type { DeadLetter } from '@verdikt/operate/dlq/letter.ts';
import { findOriginal } from '@verdikt/operate/dlq/original.ts';
import { topicSource } from '@verdikt/operate/dlq/source.ts';
import { parkedKeysOf } from '@verdikt/operate/status/parked.ts';

/** What would come of one dead letter if it were redriven now. */
export type Forecast =
  | { readonly outcome: 'pass'; readonly accepted: boolean }
  | { readonly outcome: 'fail'; readonly reason: string; readonly stage: string; readonly detail: string }
  /** The chain could not be asked, or not to its end. */
  | { readonly outcome: 'unknown'; readonly reason: string; readonly stage: string; readonly detail: string };

/** Asks today's chain. `record`: as it was in `words`, or the dead letter, which has the same value. */
export type Ask = (record: InRecord, letter: DeadLetter) => Promise<Forecast>;

interface Row {
  readonly letter: DeadLetter;
  readonly key: Buffer | null;
  readonly forecast: Forecast;
  /** Of a parked key: records that wait behind it, and would run if it passed. */
  readonly followers: number;
}

export interface WhatIf {
  readonly rows: readonly Row[];
  /** Letters that the filter admits as well. */
  readonly more: number;
}

/** Asked at once. Each may be as large as a record can be. */
const CHUNK = 20;

const lost = (reason: string, detail: string): Forecast => ({
  outcome: 'unknown',
  reason,
  stage: '',
  detail,
});

/** Letters that a redrive would take: of each partition in order, the first `most` of all. */
const chosen = async (
  letters: Letters,
  filter: Filter,
  most: number,
): Promise<{ readonly offsets: Map<number, number[]>; readonly more: number }> => {
  const offsets = new Map<number, number[]>();
  let seen = 0;
  await eachLetter(letters, filter, ({ letter: { place }, status }) => {
    if ((status !== 'open' && status !== 'parked') || seen++ >= most) return;
    const list = offsets.get(place.partition);
    if (list === undefined) offsets.set(place.partition, [place.offset]);
    else list.push(place.offset);
  });
  return { offsets, more: Math.max(0, seen - most) };
};

/** Followers of the parked keys of a task, by origin and redrive count of their heads. */
const followersIn = async ({ cluster, names, ours }: Letters, task: number): Promise<Map<string, number>> => {
  if (!ours) return new Map();
  const bounds = await cluster.logs.bounds(names.retry, task);
  const live = await liveEntries(cluster.logs, names.retry, task, bounds);
  return new Map(
    parkedKeysOf(task, live).map(({ head, followers }) => [`${head.origin} ${head.redrive}`, followers]),
  );
};

/**
 * Runs today's chain over the dead letters that a redrive with this filter would take, at most `most` of them. Writes nothing. Each
 * letter is asked about alone: what its followers would come to is not known before they run.
 */
export const whatIf = async (letters: Letters, filter: Filter, most: number, ask: Ask): Promise<WhatIf> => {
  const { cluster, topic, ours } = letters;
  const { offsets, more } = await chosen(letters, filter, most);
  const source = topicSource(cluster.logs, topic);
  const rows: Row[] = [];
  for (const [partition, list] of offsets) {
    const waiting = await followersIn(letters, partition);
    const one = async (record: InRecord): Promise<Row> => {
      const letter = readLetter(record, topic, partition, ours);
      const whole = letter.stub > 0 ? await findOriginal(cluster.logs, letter, record) : record;
      const forecast =
        whole === undefined
          ? lost('original-gone', 'The letter is a stub, and its original is gone.')
          : await ask(whole, letter);
      const followers = waiting.get(`${letter.original.offset} ${letter.redrive}`) ?? 0;
      const { disposition } = letter;
      // A copy: with the key of the record, its value would be held on to as well.
      const key = record.key && Buffer.from(record.key);
      return { letter, key, forecast, followers: disposition === 'parked' ? followers : 0 };
    };
    for (let i = 0; i < list.length; i += CHUNK) {
      const found = await source.fetch(partition, list.slice(i, i + CHUNK));
      // One that is gone meanwhile is no dead letter any more.
      rows.push(
        ...(await Promise.all(found.flatMap((record) => (record === undefined ? [] : [one(record)])))),
      );
    }
  }
  return { rows, more };
};

interface WhatIfCounts {
  readonly selected: number;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  /** Records behind parked keys whose head would pass. */
  readonly followersFreed: number;
}

export const countsOf = (rows: readonly Row[]): WhatIfCounts => {
  const n = (outcome: Forecast['outcome']): number =>
    rows.filter((r) => r.forecast.outcome === outcome).length;
  return {
    ...{ selected: rows.length, pass: n('pass'), fail: n('fail'), unknown: n('unknown') },
    followersFreed: rows.reduce((sum, r) => sum + (r.forecast.outcome === 'pass' ? r.followers : 0), 0),
  };
};
