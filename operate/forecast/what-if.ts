import type { InRecord } from '@verdikt/core/record/record.ts';
import { liveEntries } from '@verdikt/engine/restore/live-entries.ts';
import { FORECAST_MOST, type Forecast, type ForecastLetter } from '@verdikt/core/service/forecast.ts';
import { eachLetter, type Letters } from '../dlq/letters.ts';
import { readLetter } from '../dlq/dialects/read.ts';
import type { Filter } from '../dlq/filter.ts';
import type { DeadLetter } from '../dlq/letter.ts';
import { findOriginal } from '../dlq/original.ts';
import { topicSource } from '../dlq/source.ts';
import { parkedKeysOf } from '../status/parked.ts';
import { count } from '../text/count.ts';

/** Asks today's chain: one forecast for each letter, in order. Their records are those of `words`, or dead letters, which have the same values. */
export type Ask = (letters: readonly ForecastLetter[]) => Promise<readonly Forecast[]>;

/** What was asked. */
export interface Ran {
  /** Names of the checks that were run, in order. */
  readonly checks: readonly string[];
  /** The first check that was not run; undefined: all were. */
  readonly notRun: string | undefined;
}

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

/** Letters of which forecasts are made. */
export const MOST_LETTERS = 1_000;

const GONE: Forecast = {
  ...{ outcome: 'unknown', reason: 'original-gone', stage: '' },
  detail: 'The letter is a stub, and its original is gone.',
};

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

/** Forecasts for letters that were read, in order. */
const rowsOf = async (
  { cluster, topic, ours }: Letters,
  partition: number,
  records: readonly InRecord[],
  waiting: ReadonlyMap<string, number>,
  ask: Ask,
): Promise<Row[]> => {
  const read = await Promise.all(
    records.map(async (record) => {
      const letter = readLetter(record, topic, partition, ours);
      const whole = letter.stub > 0 ? await findOriginal(cluster.logs, letter, record) : record;
      return { record, letter, whole };
    }),
  );
  const asked = read.flatMap(({ letter: { id, redrive }, whole }) =>
    whole === undefined ? [] : [{ record: whole, id, redrive }],
  );
  const forecasts = (asked.length === 0 ? [] : await ask(asked)).values();
  return read.map(({ record, letter, whole }) => {
    const forecast = whole === undefined ? GONE : (forecasts.next().value ?? GONE);
    const followers =
      letter.disposition === 'parked' ? (waiting.get(`${letter.original.offset} ${letter.redrive}`) ?? 0) : 0;
    // A copy: with the key of the record, its value would be held on to as well.
    return { letter, key: record.key && Buffer.from(record.key), forecast, followers };
  });
};

/**
 * Runs today's chain over the dead letters that a redrive with this filter would take, at most `most` of them. Writes nothing. Each
 * letter is asked about alone: what its followers would come to is not known before they run.
 * @param enough asked now and then; true: those that were not asked about yet count as `more`
 */
export const whatIf = async (
  letters: Letters,
  filter: Filter,
  most: number,
  ask: Ask,
  enough: () => boolean = () => false,
): Promise<WhatIf> => {
  const { cluster, topic } = letters;
  const { offsets, more } = await chosen(letters, filter, most);
  const source = topicSource(cluster.logs, topic);
  const rows: Row[] = [];
  let left = 0;
  for (const [partition, list] of offsets) {
    const waiting = enough() ? new Map<string, number>() : await followersIn(letters, partition);
    for (let i = 0; i < list.length; i += FORECAST_MOST) {
      const some = list.slice(i, i + FORECAST_MOST);
      if (enough()) {
        left += some.length;
        continue;
      }
      const found = await source.fetch(partition, some);
      // One that is gone meanwhile is no dead letter any more.
      const there = found.filter((record) => record !== undefined);
      rows.push(...(await rowsOf(letters, partition, there, waiting, ask)));
    }
  }
  return { rows, more: more + left };
};

interface WhatIfCounts {
  readonly selected: number;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  /** Records behind parked keys whose head would pass. */
  readonly followersFreed: number;
}

const countsOf = (rows: readonly Row[]): WhatIfCounts => {
  const n = (outcome: Forecast['outcome']): number =>
    rows.filter((r) => r.forecast.outcome === outcome).length;
  return {
    ...{ selected: rows.length, pass: n('pass'), fail: n('fail'), unknown: n('unknown') },
    followersFreed: rows.reduce((sum, r) => sum + (r.forecast.outcome === 'pass' ? r.followers : 0), 0),
  };
};

/** The forecast in one sentence. */
export const summaryOf = ({ rows, more }: WhatIf): string => {
  const c = countsOf(rows);
  if (c.selected === 0)
    return more === 0
      ? 'There is no dead letter that a redrive would take.'
      : `No forecast was made in time for ${count(more, 'dead letter')}. Nothing was written.`;
  const unknown = c.unknown === 0 ? '' : `, ${c.unknown} unknown`;
  return `Forecast for ${count(c.selected, 'dead letter')}: ${c.pass} would pass, ${c.fail} would fail again${unknown}, ${count(c.followersFreed, 'follower')} freed. Nothing was written.`;
};

/** For programs. */
export const whatIfJson = ({ rows, more }: WhatIf, { checks, notRun }: Ran) => ({
  counts: countsOf(rows),
  checks,
  notRun: notRun ?? null,
  letters: rows.map(({ letter, key, forecast: f, followers }) => ({
    ...{ partition: letter.place.partition, offset: letter.place.offset, id: letter.id ?? null },
    ...{ key: key?.toString('utf8') ?? null, followers, ...f },
  })),
  more,
});
