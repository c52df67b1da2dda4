import { join } from 'node:path';
import type { Cell } from './cell.ts';
import { kafkaCell } from './kafka-cell.ts';
import { oursCell } from './ours-cell.ts';
import { bullmqCell } from './peers/bullmq-cell.ts';
import { javaLoopCell, streamsCell } from './peers/java-cells.ts';

const kafkajs = (name: string, mode: 'record' | 'batch', title: string): Cell =>
  kafkaCell({
    name,
    title,
    records: Infinity,
    command: (task) => ({
      file: process.execPath,
      args: [join(import.meta.dirname, 'peers', 'kafkajs.ts'), mode, JSON.stringify(task)],
    }),
  });

/** All ways that are compared; the first one is what the others are held against. */
export const cells: readonly Cell[] = [
  oursCell(),
  streamsCell(1),
  streamsCell(2),
  javaLoopCell(),
  kafkajs('kafkajs-batch', 'batch', 'kafkajs, transaction per batch'),
  kafkajs('kafkajs-record', 'record', 'kafkajs, transaction per record'),
  // Redis holds all jobs in memory.
  bullmqCell(800_000),
];
