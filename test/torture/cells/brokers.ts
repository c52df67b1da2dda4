import type { Cell, Stage } from '../cell.ts';
import { away, groupCoordinator, leaderOf, transactionCoordinator } from '../faults/brokers.ts';

/** Again and again: the broker that `which` names dies, comes back, and has time to catch up. */
const dies =
  (which: (stage: Stage) => Promise<number>) =>
  async (stage: Stage): Promise<void> => {
    await stage.pause(2_000);
    do {
      await away(stage, await which(stage), 8_000, 'SIGKILL');
      await stage.pause(10_000);
    } while (stage.loading() && stage.progress() < 0.9);
  };

/** Faults that strike the brokers. */
export const brokerCells: readonly Cell[] = [
  {
    number: 3,
    name: 'the broker killed, then stopped in order, for longer than clients try',
    holds: 'words are judged again within 30 s of its return, by the same processes',
    words: 100_000,
    pauseMs: 300,
    minStallMs: 30_000,
    strike: async (stage) => {
      await stage.reached(0.2);
      await away(stage, 1, 35_000, 'SIGKILL');
      await stage.reached(0.6);
      await away(stage, 1, 35_000, 'SIGTERM');
    },
    claims: ({ fleet }) =>
      fleet.processors().flatMap((p) => (p.child.exit() === undefined ? [] : [`${p.name} has ended`])),
  },
  {
    number: 4,
    name: 'the leader of the data killed, of three brokers',
    holds: 'order is kept through each new leader',
    words: 100_000,
    nodes: 3,
    pauseMs: 1_000,
    strike: dies((stage) =>
      leaderOf(stage, stage.random.pick([stage.system.topics.results, stage.system.topics.words])),
    ),
  },
  {
    number: 5,
    name: 'the coordinator of the transactions killed, of three brokers',
    holds: 'every unknown outcome is found out',
    words: 100_000,
    nodes: 3,
    pauseMs: 1_000,
    strike: dies(transactionCoordinator),
  },
  {
    number: 6,
    name: 'the coordinator of the group killed, of three brokers',
    holds: 'every unknown outcome is found out',
    words: 100_000,
    nodes: 3,
    pauseMs: 1_000,
    strike: dies((stage) => groupCoordinator(stage)),
  },
];
