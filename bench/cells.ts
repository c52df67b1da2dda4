import { join } from 'node:path';
import type { Cell } from './cell.ts';
import { kafkaCell } from './kafka-cell.ts';
import { oursCell } from './ours-cell.ts';
import { bullmqCell } from './peers/bullmq-cell.ts';
import { javaLoopCell, streamsCell } from './peers/java-cells.ts';
import { SHAPE } from './words.ts';

/** A loop on Node, in `peers/FILE`. */
const onNode = (name: string, title: string, file: string, ...mode: readonly string[]): Cell =>
  kafkaCell({
    name,
    title,
    records: Infinity,
    command: (task) => ({
      file: process.execPath,
      args: [join(import.meta.dirname, 'peers', file), ...mode, JSON.stringify(task)],
    }),
  });

const chain = JSON.stringify([{ module: join(import.meta.dirname, 'own-check.ts') }]);

/** All ways that are compared, and variants of our own; the first one is what the others are held against. */
export const cells: readonly Cell[] = [
  oursCell({ name: 'ours', title: 'verdikt, exactly once' }),
  streamsCell(1),
  streamsCell(2),
  javaLoopCell(),
  onNode('platformatic', '@platformatic/kafka, transaction per stream buffer', 'platformatic.ts'),
  onNode('kafkajs-batch', 'kafkajs, transaction per batch', 'kafkajs.ts', 'batch'),
  onNode('kafkajs-record', 'kafkajs, transaction per record', 'kafkajs.ts', 'record'),
  // Redis holds all jobs in memory.
  bullmqCell(800_000),
  oursCell({
    name: 'ours-check',
    title: 'verdikt, a check of your own',
    env: { VERDIKT_CHAIN: chain },
  }),
  oursCell({
    name: 'ours-resubmitted',
    title: 'verdikt, each word under an Idempotency-Key',
    shape: { ...SHAPE, resubmitted: true },
  }),
  oursCell({
    name: 'ours-mixed',
    title: 'verdikt, one word in ten not plain',
    shape: { ...SHAPE, mixed: true },
  }),
  oursCell({
    name: 'ours-zstd',
    title: 'verdikt, results in zstd',
    env: { VERDIKT_RESULTS_COMPRESSION: 'zstd' },
  }),
];
