import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { metricOver } from '../../support/system/metrics.ts';
import type { Fields, Service } from '../../support/system/system.ts';
import { palindromeVerdict } from '../../support/system/words.ts';
import type { Cell, VolumeStage } from '../cell.ts';
import { keyName, numberedWord } from '../numbered.ts';
import { ownedBy } from '../owned-by.ts';

const HOT = 0;
/** Keys that go on meanwhile, each with a word every few seconds. */
const OTHERS = 500;
const OTHERS_PER_SECOND = 200;
/** Followers a second that the lane must drain, where its check answers at once. */
const LANE_DRAINS = 20_000;
/** 200,000 words of that length are more than a processor keeps: they must be fetched again. */
const PAD = 150;
const LANE_FILLS_MS = 300_000;
const CHECK = './test/torture/checks/hot-head.ts';

/** Records in lanes, over all processors. */
const inLanes = ({ fleet }: VolumeStage): Promise<number> =>
  metricOver(fleet.processors(), 'verdikt_lane_entries', '');

/** Waits until so many records are in lanes; tells how long that took. */
const inLanesUntil = async (stage: VolumeStage, reached: (records: number) => boolean): Promise<number> => {
  const since = Date.now();
  for (;;) {
    const records = await inLanes(stage);
    if (reached(records)) break;
    if (Date.now() - since > LANE_FILLS_MS) {
      stage.fail(`${records} records are in lanes, and stay there`);
      break;
    }
    await stage.pause(250);
  }
  return Date.now() - since;
};

const filled = (stage: VolumeStage, most: number): Promise<number> => inLanesUntil(stage, (n) => n >= most);
const emptied = (stage: VolumeStage): Promise<number> => inLanesUntil(stage, (n) => n === 0);

const ownerOf = async ({ fleet }: VolumeStage, partition: number): Promise<Service> => {
  const owns = await Promise.all(fleet.processors().map(async (p) => ownedBy(await p.log())));
  const at = owns.findIndex((tasks) => tasks.includes(partition));
  if (at < 0) throw new Error(`nobody owns task ${partition}`);
  return fleet.processors()[at];
};

/** Followers of the hot key and when the first and the last of them ended, milliseconds since 1970. */
const watchHot = ({ tally }: VolumeStage) => {
  const ends = { first: 0, last: 0, atFirst: 0, count: 0 };
  tally.watch = (key, timestamp) => {
    if (key !== HOT) return;
    if (ends.count++ === 0) ends.first = timestamp;
    if (timestamp === ends.first) ends.atFirst++;
    ends.last = timestamp;
  };
  return ends;
};

interface HotLane {
  readonly followers: number;
  /** Followers a second that the lane must drain. */
  readonly drains: number;
  /** See Volume. */
  readonly pad: number;
  readonly processor?: Fields;
}

/** Cell 35, or one like it with fewer followers. */
export const hotLaneVolume =
  ({ followers, drains, pad, processor = {} }: HotLane): NonNullable<Cell['volume']> =>
  async ({ onEnd }) => {
    const folder = await mkdtemp(join(tmpdir(), 'verdikt-hot-'));
    onEnd(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'go');
    const check = { module: CHECK, options: { word: numberedWord(HOT, 0, pad), file } };
    let next = 0;
    return {
      ...{ keys: OTHERS + 1, pad },
      processor: {
        ...processor,
        chain: JSON.stringify(['palindrome', check]),
        ...{ retryMaxAttempts: '1000', laneMaxEntries: String(2 * followers) },
      },
      expected: (key, counter, word) => {
        const { kind, answer = '', attempts = 1 } = palindromeVerdict(word);
        return key === HOT && counter === 0 ? { kind, answer } : { kind, answer, attempts };
      },
      play: async (stage) => {
        const ends = watchHot(stage);
        const others = stage.flow(OTHERS_PER_SECOND, () => 1 + (next++ % OTHERS));
        await stage.write([HOT]);
        await stage.write(Array.from({ length: followers }, () => HOT));
        stage.mark('fault', `the head of a lane fails, and ${followers} follow it`);
        const full = await filled(stage, followers);
        stage.mark('note', `the lane is full after ${full} ms`);
        const partition = partitionOf(Buffer.from(keyName(HOT)), stage.system.partitions);
        const owner = await ownerOf(stage, partition);
        stage.fleet.kill(owner);
        stage.mark('fault', `kill -9 of ${owner.name}, owner of the lane`, [partition]);
        await stage.fleet.addProcessor();
        const restored = await filled(stage, followers);
        stage.mark('note', `the lane is restored ${restored} ms after a new processor was up`);
        await others.stop();
        await stage.unwatched(async () => {
          await writeFile(file, '');
          stage.mark('healed', 'the head may succeed');
          await emptied(stage);
        });
        await stage.drained();
        const ms = Math.max(1, ends.last - ends.first);
        const rate = ((ends.count - ends.atFirst) / ms) * 1_000;
        stage.measured(
          `${ends.count} of the lane ended within ${ms} ms: ${rate.toFixed(0)} a second`,
          rate >= drains,
        );
      },
    };
  };

const FLOOD = 20_000;
const FLOOD_KEYS = 20_000;
/** What is left when the flood ends is judged within. */
const LEFT_MS = 30_000;
/** Part of the rate that must really be written. */
const WRITTEN = 0.95;

/** Cell 34, or one like it for so long: half of the words are to be remembered. */
export const floodVolume =
  (ms: number): NonNullable<Cell['volume']> =>
  () => {
    let next = 0;
    return Promise.resolve({
      keys: FLOOD_KEYS,
      keyed: (key: number) => key % 2 === 0,
      expected: (_key: number, _counter: number, word: string) => palindromeVerdict(word),
      play: async (stage: VolumeStage) => {
        const flow = stage.flow(FLOOD, () => next++ % FLOOD_KEYS);
        // By when they were committed: who watches may see them later.
        let last = 0;
        stage.tally.watch = (_key, timestamp) => {
          last = Math.max(last, timestamp);
        };
        stage.mark('fault', `${FLOOD} words a second`);
        await stage.pause(ms);
        const { words, perSecond } = await flow.stop();
        const since = Date.now();
        const left = words - stage.tally.ended;
        stage.mark('healed', `no more words; ${left} of ${words} are not judged yet, or not seen`);
        stage.measured(`${perSecond.toFixed(0)} words a second were written`, perSecond >= FLOOD * WRITTEN);
        await stage.drained();
        const took = Math.max(0, last - since);
        stage.measured(`what was left was judged ${took} ms later`, took <= LEFT_MS);
      },
    });
  };

/** More than fits into memory. */
export const floodCells: readonly Cell[] = [
  {
    number: 34,
    name: 'ten minutes at 20,000 words a second, half of them to be remembered',
    holds: 'the rate is kept, and what is left at the end is judged within 30 s',
    shipped: true,
    volume: (place, short) => floodVolume(short ? 15_000 : 600_000)(place, short),
  },
  {
    number: 35,
    name: 'one key with 200,000 followers, whose head fails for a while and whose owner is killed',
    holds: 'the lane drains in order, at 20,000 a second',
    volume: (place, short) =>
      hotLaneVolume({ followers: short ? 20_000 : 200_000, drains: LANE_DRAINS, pad: PAD })(place, short),
  },
];
