import { someFail } from '../../support/system/words.ts';
import type { Cell } from '../cell.ts';
import { fullDiskOfView, killedViews, spoiledViews, viewsApart } from '../cells/views.ts';

const LOAD = { words: 3_000, keys: 150, processors: 2, loadLasts: true } as const;

/** Cells 36, 37, 38 and 40 with fewer words. */
export const killedViewsCell: Cell = {
  number: 109,
  name: 'edges with a view killed in turn',
  holds: 'answers agree with Kafka, streams have no gap and no double',
  ...{ ...LOAD, failures: someFail },
  ...killedViews(),
};

export const fullViewCell: Cell = {
  number: 110,
  name: 'the disk of a view full',
  holds: 'the edge says so, and nothing is missing once there is room',
  ...LOAD,
  ...fullDiskOfView(),
};

export const spoiledViewCell: Cell = {
  number: 111,
  name: 'the store of a view spoiled',
  holds: 'the view is made again',
  ...LOAD,
  ...spoiledViews(),
};

export const viewsApartCell: Cell = {
  number: 112,
  name: 'two edges whose views disagree by seconds',
  holds: 'the one that is behind says so',
  ...{ ...LOAD, failures: someFail },
  ...viewsApart(),
};
