import { matches, type ResultEvent, type ResultFilter } from '../view/question.ts';

/** Somebody who reads results live. */
export interface LiveReader {
  readonly filter: ResultFilter;
  /** Offsets before it were told already, by partition. */
  readonly told: readonly number[];
  /** All at once what it wants of some events; never empty. */
  deliver(events: readonly ResultEvent[]): void;
}

/** Deals events to those that want them: by key or id where they ask for one, so that a thousand readers cost no thousand looks. */
export interface ResultsHub {
  join(reader: LiveReader): void;
  leave(reader: LiveReader): void;
  deal(events: readonly ResultEvent[]): void;
  /** Everybody who is in. */
  readers(): Iterable<LiveReader>;
}

export const createResultsHub = (): ResultsHub => {
  const all = new Set<LiveReader>();
  const byKey = new Map<string, Set<LiveReader>>();
  const byId = new Map<string, Set<LiveReader>>();
  const others = new Set<LiveReader>();

  const place = ({ filter: { key, id } }: LiveReader): [Map<string, Set<LiveReader>>, string] | undefined =>
    id !== undefined ? [byId, id] : key !== undefined ? [byKey, key] : undefined;

  return {
    join(reader) {
      all.add(reader);
      const at = place(reader);
      if (at === undefined) return void others.add(reader);
      const [map, name] = at;
      const set = map.get(name);
      if (set === undefined) map.set(name, new Set([reader]));
      else set.add(reader);
    },
    leave(reader) {
      all.delete(reader);
      others.delete(reader);
      const at = place(reader);
      if (at === undefined) return;
      const [map, name] = at;
      const set = map.get(name);
      set?.delete(reader);
      if (set?.size === 0) map.delete(name);
    },
    deal(events) {
      if (all.size === 0) return;
      const parcels = new Map<LiveReader, ResultEvent[]>();
      const offer = (reader: LiveReader, e: ResultEvent): void => {
        if (e.offset < (reader.told[e.partition] ?? 0) || !matches(reader.filter, e)) return;
        const parcel = parcels.get(reader);
        if (parcel === undefined) parcels.set(reader, [e]);
        else parcel.push(e);
      };
      for (const e of events) {
        for (const reader of others) offer(reader, e);
        for (const reader of byId.get(e.id) ?? []) offer(reader, e);
        if (e.key !== null) for (const reader of byKey.get(e.key) ?? []) offer(reader, e);
      }
      for (const [reader, parcel] of parcels) reader.deliver(parcel);
    },
    readers: () => all,
  };
};
