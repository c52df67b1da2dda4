import type { Cell, Stage } from '../cell.ts';
import { cutWhileRunning, cutWhileStopped, namedInFull, type Notes } from '../faults/cut-logs.ts';
import { grow, isFilling, newResults, newWords } from '../faults/new-topics.ts';
import { openReader } from '../faults/operator.ts';
import { stuckFail } from '../faults/stuck.ts';
import { drawn } from '../drawn.ts';
import { stoodStill } from '../healthy.ts';

/** A partition may be handed over several times in a row. */
const MAX_STILL_MS = 15_000;

const strike =
  (registryUrl: string, notes: Notes) =>
  async (stage: Stage): Promise<void> => {
    const reader = openReader(stage.system);
    stage.onEnd(() => reader.close());
    const [running, cut, back] = drawn(stage.random, stage.system.partitions, 3);
    await stage.reached(0.1);
    await cutWhileRunning(stage, reader, notes, running);
    await cutWhileStopped(stage, reader, notes, cut, back);
    const next = await grow(stage, registryUrl, notes);
    await newResults(stage, reader);
    await stage.reached(0.9);
    await newWords(stage, registryUrl, next);
  };

const notes: Notes = { windows: [], cuts: [] };

/** Faults that others do to our topics with Kafka's own tools. */
export const logCells: readonly Cell[] = [
  {
    number: 29,
    name: 'logs cut, offsets set back, partitions added, topics created again, running and stopped',
    holds: 'each is noticed within a minute and told; others go on; the remedy that is told works',
    words: 100_000,
    pauseMs: 2_000,
    shipped: true,
    loadLasts: true,
    failures: (word) => (isFilling(word) ? 0 : stuckFail(word)),
    foreign: isFilling,
    arrange: ({ registryUrl }) => {
      notes.windows.length = 0;
      notes.cuts.length = 0;
      return Promise.resolve({ strike: strike(registryUrl, notes) });
    },
    claims: async ({ system }, seen) => [
      ...stoodStill(seen, system.partitions, notes.windows, MAX_STILL_MS),
      ...(await namedInFull(notes, seen)),
      ...seen
        .filter(({ record, source }) => source === 0 && isFilling(record.key))
        .map(({ record }) => `${record.key} was judged, out of a topic that is another one`),
    ],
  },
];
