import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { createRandom } from '../history/random.ts';
import { drawMix, type Mix } from './mix.ts';
import { Oracle } from './oracle.ts';
import { createMixProcess } from './process.ts';

/** After the last word. */
const MOST_MS = 300_000;

/** Everything that does not wait for time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Played {
  readonly violations: readonly string[];
  readonly virtualMs: number;
  /** When words ended, by their number. */
  readonly ended: ReadonlyMap<number, number>;
}

/**
 * Runs services, keys and traffic through tasks with real circuits, on a clock of its own. Returns what went wrong, as texts: above all
 * healthy words that waited longer than a service was away and 30 s. `forMs`: no longer than this, whatever is still open then.
 */
export const playMix = async (mix: Mix, seed: number, forMs?: number): Promise<Played> => {
  const oracle = new Oracle(mix);
  const clock = manualClock(0);
  const random = createRandom(seed + 1);
  const processes = Array.from({ length: mix.processes }, (_, p) => {
    const tasks = Array.from({ length: mix.tasks }, (__, t) => t).filter((t) => t % mix.processes === p);
    return createMixProcess({ mix, oracle, clock, random }, tasks);
  });
  for (const [n, { at, task }] of mix.words.entries())
    clock.after(at, () => processes[task % mix.processes].arrive(n));
  const until = forMs ?? (mix.words.at(-1)?.at ?? 0) + MOST_MS;
  await settled();
  while (oracle.open && oracle.violations.length === 0 && clock.now() < until && clock.next())
    await settled();
  if (forMs === undefined) oracle.finish(clock.now());
  const [virtualMs, ended] = [clock.now(), new Map(oracle.endedAt)];
  const stopped = Promise.all(processes.map((p) => p.stop()));
  let over = false;
  void stopped.then(() => (over = true));
  for (await settled(); !over && clock.next();) await settled();
  return { violations: oracle.violations, virtualMs, ended };
};

/** The mix of a seed. */
export const runMix = (seed: number): Promise<Played> => playMix(drawMix(seed), seed);
