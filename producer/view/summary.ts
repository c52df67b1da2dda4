import { at } from '@verdikt/core/at.ts';
import type { Life, State } from './life.ts';

/** Words in lanes, by what they wait for. */
const IN_LANES = ['queued', 'retrying', 'parked', 'redriven'] as const;
type Waiting = Readonly<Record<(typeof IN_LANES)[number], number>>;

/** The last minute, a second each, the oldest first. */
interface Minute {
  readonly accepted: readonly number[];
  readonly verdicts: readonly number[];
  readonly deadLetters: readonly number[];
  /** From the time at the edge to the record in `results`. Undefined: there was no verdict. */
  readonly endToEnd: { readonly p50Ms: number; readonly p99Ms: number } | undefined;
}

/** Counts what changes, so that a summary costs the same whatever the view holds. */
interface Counts {
  changed(before: Life | undefined, after: Life, at: number): void;
  /** What the store holds in lanes, where that is not known from changes. */
  begin(waiting: ReadonlyMap<State, number>, some: readonly Life[]): void;
  waiting(): Waiting;
  /** Since when the retry that is due for longest has been, of at most `MAX_DUE` that wait; undefined: none is known. */
  earliestDue(): number | undefined;
  minute(now: number): Minute;
}

export const MAX_DUE = 10_000;
const SECONDS = 60;
/** Of a time in milliseconds; each bucket is a fifth wider than the one before. */
const GROWTH = 1.2;
const BUCKETS = 100;
const bucketOf = (ms: number): number =>
  Math.min(BUCKETS - 1, Math.round(Math.log(Math.max(1, ms)) / Math.log(GROWTH)));
const ofBucket = (bucket: number): number => Math.round(GROWTH ** bucket);

interface Second {
  /** Since 1970. */
  second: number;
  accepted: number;
  verdicts: number;
  deadLetters: number;
  readonly latency: Uint32Array;
}

const count = (latency: Uint32Array, bucket: number, n: number): void => {
  latency[bucket] = at(latency, bucket) + n;
};

const quantile = (latency: Uint32Array, total: number, part: number): number => {
  let left = Math.ceil(total * part);
  for (let b = 0; b < BUCKETS; b++) if ((left -= at(latency, b)) <= 0) return ofBucket(b);
  return ofBucket(BUCKETS - 1);
};

const dueOf = (l: Life): number | undefined =>
  l.state === 'retrying' ? l.steps.findLast((s) => s.what === 'retrying')?.dueAt : undefined;

export const createCounts = (): Counts => {
  let waiting = new Map<State, number>();
  const due = new Map<string, number>();
  const seconds: Second[] = Array.from({ length: SECONDS }, () => ({
    ...{ second: -1, accepted: 0, verdicts: 0, deadLetters: 0 },
    latency: new Uint32Array(BUCKETS),
  }));

  const secondOf = (time: number): Second => {
    const second = Math.floor(time / 1_000);
    const s = at(seconds, second % SECONDS);
    if (s.second >= second) return s;
    s.latency.fill(0);
    return Object.assign(s, { second, accepted: 0, verdicts: 0, deadLetters: 0 });
  };
  const add = (state: State | undefined, n: number): void => {
    if (state !== undefined) waiting.set(state, (waiting.get(state) ?? 0) + n);
  };
  const setDue = (l: Life): void => {
    const name = `${l.partition}.${l.origin}`;
    const at = dueOf(l);
    if (at === undefined) due.delete(name);
    else if (due.has(name) || due.size < MAX_DUE) due.set(name, at);
  };
  const changed = (before: Life | undefined, after: Life, at: number): void => {
    const s = secondOf(at);
    if (s.second !== Math.floor(at / 1_000)) return;
    if (before === undefined || before.submittedAt < 0) s.accepted += after.submittedAt < 0 ? 0 : 1;
    if (after.state === before?.state) return;
    if (after.state === 'dead-lettered') s.deadLetters++;
    if (after.state !== 'verdict') return;
    s.verdicts++;
    if (after.submittedAt >= 0) count(s.latency, bucketOf(at - after.submittedAt), 1);
  };

  return {
    changed: (before, after, at) => {
      if (before?.state !== after.state) {
        add(before?.state, -1);
        add(after.state, 1);
      }
      if (before?.state === 'retrying' || after.state === 'retrying') setDue(after);
      if (at >= 0) changed(before, after, at);
    },
    begin: (counted, some) => {
      waiting = new Map(counted);
      due.clear();
      for (const l of some) setDue(l);
    },
    waiting: () =>
      Object.fromEntries(IN_LANES.map((state) => [state, Math.max(0, waiting.get(state) ?? 0)])) as Waiting,
    earliestDue: () => {
      let least: number | undefined;
      for (const at of due.values()) if (least === undefined || at < least) least = at;
      return least;
    },
    minute: (now) => {
      const last = Math.floor(now / 1_000);
      const all = Array.from({ length: SECONDS }, (_, i) => last - SECONDS + i).map((second) => {
        const s = at(seconds, second % SECONDS);
        return s.second === second ? s : undefined;
      });
      const latency = new Uint32Array(BUCKETS);
      let total = 0;
      for (const s of all)
        s?.latency.forEach((n, b) => {
          count(latency, b, n);
          total += n;
        });
      return {
        accepted: all.map((s) => s?.accepted ?? 0),
        verdicts: all.map((s) => s?.verdicts ?? 0),
        deadLetters: all.map((s) => s?.deadLetters ?? 0),
        endToEnd:
          total === 0
            ? undefined
            : { p50Ms: quantile(latency, total, 0.5), p99Ms: quantile(latency, total, 0.99) },
      };
    },
  };
};
