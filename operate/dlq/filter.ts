import type { DeadLetter, Dialect, Place } from './letter.ts';
import { placeText } from './letter.ts';

/**
 * What has become of a dead letter. `open`: an end, never redriven. `parked`: its key waits for an operator. `redriven`: it
 * was put back. `skipped`: it was parked and then given up. `quarantined`: redriven too often, copied to the quarantine.
 */
export type Status = 'open' | 'parked' | 'redriven' | 'skipped' | 'quarantined';
export const STATUSES: readonly Status[] = ['open', 'parked', 'redriven', 'skipped', 'quarantined'];

/** Every field that is given must hold; a list holds when one of its values does. */
export interface Filter {
  readonly reasons?: readonly string[];
  readonly keys?: readonly string[];
  readonly ids?: readonly string[];
  readonly stages?: readonly string[];
  readonly dialects?: readonly Dialect[];
  readonly dispositions?: readonly ('final' | 'parked')[];
  readonly statuses?: readonly Status[];
  /** Original topics. */
  readonly topics?: readonly string[];
  /** Places, `partition:offset`. */
  readonly places?: readonly string[];
  readonly partitions?: readonly number[];
  /** Original offset, both included. */
  readonly originFrom?: number;
  readonly originTo?: number;
  /** When it was given up: since included, until not; milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
}

const within = <T>(list: readonly T[] | undefined, value: T): boolean =>
  list === undefined || list.includes(value);

/** True when the letter holds all of the filter. `key` is the key of the record, `status` what has become of it. */
export const matches = (f: Filter, l: DeadLetter, key: Buffer | null, status: Status): boolean => {
  const origin = l.original.offset;
  return (
    within(f.reasons, l.reason) &&
    within(f.stages, l.stage) &&
    within(f.dialects, l.dialect) &&
    within(f.dispositions, l.disposition) &&
    within(f.statuses, status) &&
    within(f.partitions, l.place.partition) &&
    (f.ids === undefined || (l.id !== undefined && f.ids.includes(l.id))) &&
    (f.topics === undefined || (l.original.topic !== undefined && f.topics.includes(l.original.topic))) &&
    (f.places === undefined || f.places.includes(placeText(l.place))) &&
    (f.keys === undefined || (key !== null && f.keys.includes(key.toString('utf8')))) &&
    (f.originFrom === undefined || (origin !== undefined && origin >= f.originFrom)) &&
    (f.originTo === undefined || (origin !== undefined && origin <= f.originTo)) &&
    (f.since === undefined || l.timestamp >= f.since) &&
    (f.until === undefined || l.timestamp < f.until)
  );
};

/** The place that `12:345` names; undefined for any other text. */
export const parsePlace = (text: string): Pick<Place, 'partition' | 'offset'> | undefined => {
  const m = /^(\d{1,10}):(\d{1,16})$/.exec(text);
  return m === null ? undefined : { partition: Number(m[1]), offset: Number(m[2]) };
};

/** The filter in the words of an operator, for audits and headings; `everything` when it is empty. */
export const filterText = (f: Filter): string => {
  const parts = Object.entries(f).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${Array.isArray(value) ? value.join(',') : String(value)}`],
  );
  return parts.length === 0 ? 'everything' : parts.join(' ');
};
