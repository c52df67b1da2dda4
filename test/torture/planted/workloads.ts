import { againCell } from './cell-again.ts';
import { answersCell } from './cell-answers.ts';
import { besideCell, deposedCell, logsCell } from './cell-neighbors.ts';
import { lanesCell } from './cell-lanes.ts';
import { takeOverCell } from './cell-take-over.ts';
import { failingKeysCell, floodCell, hotLaneCell, outageCell } from './cell-volumes.ts';
import { fullViewCell, killedViewsCell, spoiledViewCell, viewsApartCell } from './cell-views.ts';
import { zombieCell } from './cell-zombie.ts';
import type { Cell } from '../cell.ts';

/** What exposes planted bugs; each must hold all laws on the source as it is. */
export const WORKLOADS = {
  lanes: lanesCell,
  answers: answersCell,
  'take-over': takeOverCell,
  zombie: zombieCell,
  again: againCell,
  logs: logsCell,
  neighbors: besideCell,
  deposed: deposedCell,
  outage: outageCell,
  'failing-keys': failingKeysCell,
  'hot-lane': hotLaneCell,
  flood: floodCell,
  'views-killed': killedViewsCell,
  'view-full': fullViewCell,
  'view-spoiled': spoiledViewCell,
  'views-apart': viewsApartCell,
} as const satisfies Record<string, Cell>;

export type Workload = keyof typeof WORKLOADS;
