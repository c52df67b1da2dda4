import type { Cell } from './cell.ts';
import { answerCells } from './cells/answers.ts';
import { brokerCells } from './cells/brokers.ts';
import { clientCells } from './cells/clients.ts';
import { deposedCells } from './cells/deposed.ts';
import { endCells } from './cells/ends.ts';
import { failingKeyCells } from './cells/failing-keys.ts';
import { floodCells } from './cells/floods.ts';
import { groupCells } from './cells/group.ts';
import { logCells } from './cells/logs.ts';
import { neighborCells } from './cells/neighbors.ts';
import { networkCells } from './cells/network.ts';
import { outageCells } from './cells/outages.ts';
import { processorCells } from './cells/processors.ts';
import { recordCells } from './cells/records.ts';
import { resourceCells } from './cells/resources.ts';
import { securityCells } from './cells/security.ts';
import { viewCells } from './cells/views.ts';
import { upgradeCells } from './cells/upgrade.ts';

/** The fault table, by number. */
export const CELLS: readonly Cell[] = [
  ...processorCells,
  ...brokerCells,
  ...networkCells,
  ...answerCells,
  ...groupCells,
  ...clientCells,
  ...recordCells,
  ...resourceCells,
  ...endCells,
  ...securityCells,
  ...upgradeCells,
  ...neighborCells,
  ...logCells,
  ...deposedCells,
  ...outageCells,
  ...failingKeyCells,
  ...floodCells,
  ...viewCells,
].sort((a, b) => a.number - b.number);

/** Whether it is judged as promised only where no other cell runs beside it. */
export const wantsMachine = (cell: Cell): boolean =>
  cell.crowded === true || cell.timed === true || cell.maxStallMs !== undefined || cell.volume !== undefined;
