import type { Cell } from './cell.ts';
import { answerCells } from './cells/answers.ts';
import { brokerCells } from './cells/brokers.ts';
import { groupCells } from './cells/group.ts';
import { processorCells } from './cells/processors.ts';

/** The fault table, by number. */
export const CELLS: readonly Cell[] = [...processorCells, ...brokerCells, ...answerCells, ...groupCells].sort(
  (a, b) => a.number - b.number,
);
