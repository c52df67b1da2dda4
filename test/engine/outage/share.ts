import { createRandom } from '../history/random.ts';
import { TIMEOUT_MS, type Mix, type MixWord } from './mix.ts';
import { playMix } from './run.ts';

/** What keys that do not fail keep of their rate, at least, while others fail. */
export const LEAST_SHARE = 0.7;
/** Keys that fail are known by then. */
const FROM_MS = 10_000;
const TO_MS = 20_000;
/** The backlog is longer than what is looked at. */
const BACKLOG_MS = 25_000;
const KEYS = 200;
const WORDS_OF_BAD = 20;
/** The first word of each key that fails comes among so many. */
const FIRST = 50;

/** A backlog that keeps all places busy, and keys in it that always fail, most of them slowly. No service is away. */
const drawPressed = (seed: number): Mix => {
  const random = createRandom(seed);
  const latencyMs = 100 + random.below(200);
  const concurrency = random.pick([4, 8, 16]);
  const places = random.pick([concurrency, 64]);
  const slow = random.chance(0.7);
  const bad = new Map<string, { service: number; ms: number }>();
  for (let n = Math.ceil(concurrency / 2) + random.below(concurrency / 2); n > 0; n--)
    bad.set(`bad${n}`, { service: 0, ms: slow ? TIMEOUT_MS : 1 + random.below(1_000) });
  const word = (key: string): MixWord => ({ at: 0, key, task: 0 });
  const healthy = Math.ceil((concurrency * BACKLOG_MS) / latencyMs);
  const words = Array.from({ length: healthy }, (_, i) => word(`k${i % KEYS}`));
  for (const key of bad.keys())
    for (let n = 0; n < WORDS_OF_BAD; n++)
      words.splice(random.below(n === 0 ? FIRST : words.length), 0, word(key));
  return {
    services: [{ name: 's0', latencyMs, away: [], hangs: false }],
    ...{ processes: 1, tasks: 1, places, concurrency, words, bad, schemas: undefined, parks: false },
  };
};

/** Words of keys that do not fail, a millisecond. From commit to commit: many end at once. */
const rate = ({ words, bad }: Mix, ended: ReadonlyMap<number, number>): number => {
  const times = [...ended].filter(([n, at]) => !bad.has(words[n].key) && at >= FROM_MS).map(([, at]) => at);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return times.filter((at) => at > first).length / (last - first);
};

/** Of the rate that healthy keys have where no others are, the part that they keep; and what else went wrong. */
export const shareOf = async (
  seed: number,
): Promise<{ readonly share: number; readonly violations: readonly string[] }> => {
  const mix = drawPressed(seed);
  const alone = { ...mix, words: mix.words.filter(({ key }) => !mix.bad.has(key)) };
  const [without, together] = [await playMix(alone, seed, TO_MS), await playMix(mix, seed, TO_MS)];
  return {
    share: rate(mix, together.ended) / rate(alone, without.ended),
    violations: [...without.violations, ...together.violations],
  };
};
