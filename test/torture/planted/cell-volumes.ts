import type { Cell } from '../cell.ts';
import { failingKeysVolume } from '../cells/failing-keys.ts';
import { floodVolume, hotLaneVolume } from '../cells/floods.ts';
import { outageVolume } from '../cells/outages.ts';

/** Cells 32 to 35 with fewer words. */
export const outageCell: Cell = {
  number: 106,
  name: 'the check service away for half a minute, and a processor killed meanwhile',
  holds: 'at most two retry records a word',
  shipped: true,
  volume: outageVolume({ beforeMs: 3_000, awayMs: 30_000, perSecond: 300 }),
};

export const failingKeysCell: Cell = {
  number: 107,
  name: 'one key in twenty always fails, and slowly',
  holds: 'the others keep 70 % of their rate',
  processors: 2,
  volume: failingKeysVolume(5_000),
};

/** Words so long, and memory so little, that most of the lane must be fetched again. */
export const hotLaneCell: Cell = {
  number: 108,
  name: 'one key with 40,000 followers, whose head fails for a while and whose owner is killed',
  holds: 'the lane drains in order, and not one by one',
  processors: 2,
  volume: hotLaneVolume({
    ...{ followers: 40_000, drains: 2_000, pad: 600 },
    processor: { memoryLimitMiB: '224' },
  }),
};

/** Fast enough for answers and plans of several tasks to be in memory at once. */
export const floodCell: Cell = {
  number: 113,
  name: '20,000 words a second',
  holds: 'the rate is kept, and no word is written over before it is judged',
  processors: 1,
  volume: floodVolume(15_000),
};
