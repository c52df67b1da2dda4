import { join } from 'node:path';
import type { Cell } from './cell.ts';
import { kafkaCell } from './kafka-cell.ts';
import { atLeastOnceCell, oursCell } from './ours-cell.ts';
import { bullmqCell } from './peers/bullmq-cell.ts';
import { streamsCell } from './peers/streams.ts';

const kafkajs = (name: string, mode: 'record' | 'batch', title: string, records: number): Cell =>
  kafkaCell({
    name,
    title,
    records,
    command: (task) => ({
      file: process.execPath,
      args: [join(import.meta.dirname, 'peers', 'kafkajs.ts'), mode, JSON.stringify(task)],
    }),
  });

/** All ways that are compared; the first one is what the others are held against. */
export const cells: readonly Cell[] = [
  oursCell(Infinity),
  atLeastOnceCell(Infinity),
  streamsCell(Infinity),
  kafkajs('kafkajs-batch', 'batch', 'kafkajs, transaction per batch', Infinity),
  kafkajs('kafkajs-record', 'record', 'kafkajs, transaction per record', 3_000),
  bullmqCell(100_000),
];
