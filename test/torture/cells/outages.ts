import { metricOver } from '../../support/system/metrics.ts';
import { verdictAfter } from '../../support/system/words.ts';
import type { Cell, VolumeStage } from '../cell.ts';
import { startBoundedService, type BoundedService } from '../faults/bounded-service.ts';
import { watchRetryTopic } from '../retry-records.ts';

const PER_SECOND = 1_000;
/** Calls a second that the service of cell 32 bears. */
const BEARS = 1_250;
/** Part of that rate at which the backlog must drain. */
const DRAINS = 0.8;
/** The first task takes new words again so soon after the service is back: an open circuit looks again after 5 s. */
const RESUMED_MS = 5_000;
/** And the last one: the places of a circuit that is half-open double from 1 to 64, each round the time of a call. */
const ALL_RESUMED_MS = RESUMED_MS + 1_000;
const LOOK_MS = 100;
/** Committed to the retry topic for each word: its entry, and its end. */
const RETRY_RECORDS = 2;

const stopped = ({ fleet }: VolumeStage): Promise<number> =>
  metricOver(fleet.processors(), 'verdikt_intake_stopped');

interface Outage {
  readonly beforeMs: number;
  readonly awayMs: number;
  readonly perSecond: number;
  /** Part of what the service bears at which the backlog must drain. Default: it is only told. */
  readonly drains?: number;
}

/** Waits until all tasks take new words again, of which so many did not. */
const resumed = async (stage: VolumeStage, tasks: number): Promise<void> => {
  const since = Date.now();
  const age = (): number => Date.now() - since;
  let first: number | undefined;
  for (let still = tasks; still > 0 && age() < 12 * RESUMED_MS; await stage.pause(LOOK_MS)) {
    still = await stopped(stage);
    if (still < tasks) first ??= age();
  }
  const all = age();
  stage.measured(
    `the first task takes new words ${first === undefined ? 'never' : `after ${first} ms`}, the last one after ${all} ms`,
    first !== undefined && first <= RESUMED_MS && all <= ALL_RESUMED_MS,
  );
};

/** The service is away; a processor is killed in the middle of it. Resolves when it is back and all tasks take new words. */
const outage = async (stage: VolumeStage, service: BoundedService, { awayMs }: Outage): Promise<void> => {
  const { fleet, random, mark, pause } = stage;
  service.away();
  mark('fault', 'the check service is away');
  await pause(awayMs / 2);
  const victim = random.pick(fleet.processors());
  fleet.kill(victim);
  mark('fault', `kill -9 of ${victim.name}`);
  await Promise.all([pause(awayMs / 2), fleet.addProcessor()]);
  const tasks = await stopped(stage);
  mark('note', `${tasks} tasks take no new words`);
  if (tasks === 0) stage.fail('no task stopped its intake: the fault did nothing');
  service.back();
  mark('healed', 'the check service is back');
  await resumed(stage, tasks);
};

/** At what rate the backlog goes, until little of it is left. */
const drain = async (stage: VolumeStage, service: BoundedService, drains = 0): Promise<void> => {
  const { tally, pause } = stage;
  const left = (): number => tally.written - tally.ended;
  const [since, given, enough] = [performance.now(), service.given(), left() / 10];
  let before = { left: left(), at: since };
  while (left() > enough && performance.now() - before.at < RESUMED_MS * 2) {
    await pause(LOOK_MS);
    if (left() < before.left) before = { left: left(), at: performance.now() };
  }
  const rate = (service.given() - given) / ((performance.now() - since) / 1_000);
  stage.measured(
    `the backlog drains at ${rate.toFixed(0)} words/s, the service bears ${BEARS}`,
    rate >= BEARS * drains,
  );
};

/** Cell 32, or one like it for a shorter time. */
export const outageVolume =
  (o: Outage): NonNullable<Cell['volume']> =>
  async ({ onEnd }) => {
    const service = await startBoundedService({ perSecond: BEARS });
    onEnd(() => service.stop());
    let next = 0;
    return {
      keys: Math.ceil((o.perSecond * (o.beforeMs + o.awayMs + 120_000)) / 1_000),
      processor: { chain: JSON.stringify(['palindrome', { http: { url: service.url } }]) },
      expected: (_key, _counter, word) => {
        const { kind, answer = '' } = verdictAfter(() => 0, 1)(word);
        return { kind, answer };
      },
      play: async (stage) => {
        const retries = watchRetryTopic(stage.system);
        const flow = stage.flow(o.perSecond, () => next++);
        await stage.pause(o.beforeMs);
        await outage(stage, service, o);
        const { words, perSecond } = await flow.stop();
        stage.mark('note', `${words} words of as many keys were written, ${perSecond.toFixed(0)} a second`);
        await drain(stage, service, o.drains);
        await stage.drained();
        const { records, entries, ids } = await retries.stop();
        const perWord = (entries / Math.max(1, ids.size)).toFixed(2);
        stage.mark(
          'note',
          `${records} records in the retry topic, ${entries} entries of ${ids.size} words: ${perWord} each`,
        );
        if (records > RETRY_RECORDS * words)
          stage.fail(`${records} records in the retry topic, for ${words} words`);
        if (entries > RETRY_RECORDS * ids.size)
          stage.fail(`words in the retry topic have ${perWord} entries each`);
      },
    };
  };

/** What is away for all words. */
export const outageCells: readonly Cell[] = [
  {
    number: 32,
    name: 'the check service away for ten minutes, and a processor killed meanwhile',
    holds:
      'at most two retry records a word, intake 5 s after its return, and drain at 80 % of what it bears',
    shipped: true,
    volume: (place, short) =>
      outageVolume({
        beforeMs: short ? 5_000 : 30_000,
        awayMs: short ? 60_000 : 600_000,
        perSecond: PER_SECOND,
        drains: DRAINS,
      })(place, short),
  },
];
