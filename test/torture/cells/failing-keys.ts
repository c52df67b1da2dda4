import { metricsOf, metricSum } from '../../support/system/metrics.ts';
import { untilStopped, type Repeated } from '../../support/until-stopped.ts';
import { verdictAfter } from '../../support/system/words.ts';
import type { Cell, VolumeStage } from '../cell.ts';
import { startBoundedService } from '../faults/bounded-service.ts';
import { placeOf } from '../numbered.ts';
import { ATTEMPTS } from '../set-up.ts';

const KEYS = 2_000;
/** One key in so many always fails. */
const FAILS = 20;
/** Checks of other words take so long: 64 at a time in each of two processors bound the rate, and not the machine. */
const HEALTHY_MS = 400;
/** Keys that fail would take two places of three, were they not held to a quarter. */
const FAILING_MS = 2_000;
/** Part of their rate that the other keys keep. */
const KEEP = 0.7;
const LOOK_MS = 250;

const fails = (key: number): boolean => key % FAILS === 0;

/** Ends a second in the middle of a phase, where neither its beginning nor its end counts. */
export const rateOf = (timestamps: readonly number[]): number => {
  const sorted = [...timestamps].sort((a, b) => a - b);
  const [from, to] = [0.2, 0.9].map((share) => Math.floor(sorted.length * share));
  return ((to - from) / Math.max(1, sorted[to] - sorted[from])) * 1_000;
};

/** Writes so many words of healthy keys, with their share of failing ones or without, and tells the rate of the healthy ones. */
const phase = async (stage: VolumeStage, words: number, failing: boolean): Promise<number> => {
  const ends: number[] = [];
  stage.tally.watch = (key, timestamp) => {
    if (!fails(key)) ends.push(timestamp);
  };
  const keys: number[] = [];
  for (let n = 0, healthy = 0; healthy < words; n++) {
    const key = n % KEYS;
    if (fails(key) && !failing) continue;
    if (!fails(key)) healthy++;
    keys.push(key);
  }
  await stage.write(keys);
  for (let last = { at: Date.now(), n: 0 }; ends.length < words; await stage.pause(LOOK_MS)) {
    if (ends.length > last.n) last = { at: Date.now(), n: ends.length };
    if (Date.now() - last.at > 90_000) {
      stage.fail(`${words - ends.length} words of healthy keys do not end`);
      break;
    }
  }
  return rateOf(ends);
};

/** Looks all the time whether a circuit is not closed. */
const watchCircuits = ({ fleet, fail }: VolumeStage): Repeated => {
  let failed = false;
  return untilStopped(LOOK_MS, async () => {
    const pages = await Promise.all(fleet.processors().map(metricsOf));
    const open = pages.filter((page) => metricSum(page, 'verdikt_check_circuit_state') > 0).length;
    if (open > 0 && !failed) fail(`the circuit of ${open} processors is not closed`);
    failed ||= open > 0;
  });
};

/** Cell 33, or one like it with fewer words. */
export const failingKeysVolume =
  (words: number): NonNullable<Cell['volume']> =>
  async ({ onEnd }) => {
    const isBad = ({ id }: { readonly id: string }): boolean => fails(placeOf(id)?.[0] ?? -1);
    const service = await startBoundedService({
      fails: isBad,
      delayMs: (asked) => (isBad(asked) ? FAILING_MS : HEALTHY_MS),
    });
    onEnd(() => service.stop());
    return {
      keys: KEYS,
      processor: { chain: JSON.stringify(['palindrome', { http: { url: service.url, timeoutMs: 20_000 } }]) },
      expected: (key, _counter, word) => verdictAfter(() => (fails(key) ? ATTEMPTS : 0), ATTEMPTS)(word),
      play: async (stage) => {
        const without = await phase(stage, words, false);
        stage.mark('fault', `one key in ${FAILS} always fails, and slowly`);
        const circuits = watchCircuits(stage);
        const beside = await phase(stage, words, true);
        stage.measured(
          `healthy keys: ${without.toFixed(0)} words/s without failing ones, ${beside.toFixed(0)} beside them, ${((100 * beside) / without).toFixed(0)} %`,
          beside >= without * KEEP,
        );
        await stage.drained();
        await circuits.stop();
        stage.mark('healed', 'all have ended');
      },
    };
  };

export const failingKeyCells: readonly Cell[] = [
  {
    number: 33,
    name: 'one key in twenty always fails, and slowly',
    holds: 'the others keep 70 % of their rate, and the circuit stays closed',
    processors: 2,
    volume: (place, short) => failingKeysVolume(short ? 5_000 : 60_000)(place, short),
  },
];
