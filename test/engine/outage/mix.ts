import { createRandom, type Random } from '../history/random.ts';

/** Milliseconds of the clock of the mix. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

interface MixService {
  readonly name: string;
  readonly latencyMs: number;
  readonly away: readonly Span[];
  /** While it is away it does not answer; else it refuses at once. */
  readonly hangs: boolean;
}

export interface MixWord {
  readonly at: number;
  readonly task: number;
  readonly key: string;
}

/** Services, keys and traffic, drawn from a seed. */
export interface Mix {
  readonly services: readonly MixService[];
  readonly processes: number;
  /** Of all processes; task t belongs to process t mod processes. */
  readonly tasks: number;
  /** Checks at once in a process. */
  readonly places: number;
  /** Calls at once of one check. */
  readonly concurrency: number;
  /** In order of their time. */
  readonly words: readonly MixWord[];
  /** Keys that always fail: at which service, and after how long. */
  readonly bad: ReadonlyMap<string, { readonly service: number; readonly ms: number }>;
  /** Words read in this time need a schema that is missing until its end. */
  readonly schemas: Span | undefined;
  readonly parks: boolean;
}

export const BREAKER_FAILURES = 10;
export const HALF_OPEN_MS = 5_000;
export const TIMEOUT_MS = 5_000;

/** What came in 40 s of an outage can only be caught up within 30 s if no more than this part of the rate is in use. */
const LOAD = 0.4;

const spans = (random: Random): Span[] => {
  const n = random.pick([0, 1, 1, 1, 2]);
  return Array.from({ length: n }, (_, i) => {
    const from = 3_000 + i * 60_000 + random.below(5_000);
    return { from, to: from + 2_000 + random.below(random.pick([5_000, 40_000])) };
  });
};

/** Words a millisecond that services and places bear while keys that fail take their quarter. */
const healthyRate = (services: readonly MixService[], places: number, concurrency: number): number => {
  const chainMs = services.reduce((ms, s) => ms + s.latencyMs, 0);
  return 0.75 * Math.min(places / chainMs, ...services.map((s) => concurrency / s.latencyMs));
};

export const drawMix = (seed: number): Mix => {
  const random = createRandom(seed);
  const services = Array.from({ length: random.pick([1, 1, 2]) }, (_, i) => ({
    name: `s${i}`,
    latencyMs: 1 + random.below(random.pick([20, 200])),
    away: spans(random),
    hangs: random.chance(0.3),
  }));
  const processes = random.pick([1, 1, 2]);
  const tasks = processes * (1 + random.below(2));
  const places = random.pick([4, 8, 16, 64]);
  const concurrency = random.pick([4, 16, 64]);
  const keys = Array.from({ length: random.pick([1, 3, 20, 300]) }, (_, i) => `k${i}`);
  // Not more than there are good ones.
  const bad = new Map<string, { service: number; ms: number }>();
  const slow = random.chance(0.5);
  for (let i = Math.min(random.pick([0, 0, 3, 9, 40]), places, concurrency, keys.length); i > 0; i--)
    bad.set(`bad${i}`, {
      service: random.below(services.length),
      ms: slow ? TIMEOUT_MS : 1 + random.below(50),
    });
  const badKeys = [...bad.keys()];
  const homes = new Map([...keys, ...badKeys].map((key) => [key, random.below(tasks)]));
  const words: MixWord[] = [];
  const add = (at: number, key: string): void => {
    words.push({ at, key, task: homes.get(key) as number });
  };
  // A key's words are looked at one after the other.
  const serial = services.reduce((ms, s) => ms + s.latencyMs, 100);
  const every = Math.max(
    random.pick([150, 400, 2_000]),
    (4 * serial) / keys.length,
    1 / (LOAD * healthyRate(services, places, concurrency)),
  );
  // Traffic may end before the service is back.
  const until = random.pick([6_000, 25_000, 50_000]);
  for (let at = random.below(Math.ceil(every)); at < until; at += 1 + random.below(Math.ceil(2 * every)))
    add(at, random.pick(keys));
  // No more than there are good ones: a service that fails for nearly all is away.
  const together = random.chance(0.5);
  for (let n = badKeys.length === 0 ? 0 : random.below(words.length); n > 0; n--)
    add(random.below(together ? 500 : until), random.pick(badKeys));
  words.sort((a, b) => a.at - b.at);
  const schemas = random.chance(0.15) ? { from: 4_000, to: 4_000 + random.below(20_000) } : undefined;
  return {
    ...{ services, processes, tasks, places, concurrency, words, bad, schemas },
    parks: random.chance(0.3),
  };
};
