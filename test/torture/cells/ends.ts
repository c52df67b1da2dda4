import { someFail } from '../../support/system/words.ts';
import type { Cell, Stage } from '../cell.ts';
import { away } from '../faults/brokers.ts';

const DRAIN_MS = 10_000;

/** Ends a processor as an orchestrator does and holds it to its promise. */
const retire = async (stage: Stage, again: boolean): Promise<void> => {
  const victim = stage.random.pick(stage.fleet.processors());
  const ended = stage.fleet.retire(victim);
  if (again) {
    await stage.pause(30);
    victim.child.kill('SIGTERM');
  }
  const ms = await ended;
  stage.mark('fault', `SIGTERM${again ? ' twice' : ''} of ${victim.name}: ended in ${ms.toFixed(0)} ms`);
  if (ms > DRAIN_MS) stage.fail(`${victim.name} took ${ms.toFixed(0)} ms to stop`);
  const exit = victim.child.exit();
  if (!again && exit?.code !== 0) stage.fail(`${victim.name} ended with ${exit?.signal ?? exit?.code}`);
};

type Turn = (stage: Stage) => Promise<void>;
/** Faults that may follow each other in any order. */
const TURNS: readonly (readonly [string, Turn])[] = [
  ['quiet', (stage) => stage.pause(5_000)],
  [
    'kill a processor',
    async (stage) => {
      const victim = stage.random.pick(stage.fleet.processors());
      stage.fleet.kill(victim);
      stage.mark('fault', `kill -9 of ${victim.name}`);
      await stage.fleet.addProcessor();
      await stage.pause(2_000);
    },
  ],
  [
    'stop a processor',
    async (stage) => {
      await retire(stage, stage.random.chance(0.3));
      await stage.fleet.addProcessor();
    },
  ],
  [
    'a zombie',
    async (stage) => {
      const zombie = stage.random.pick(stage.fleet.processors());
      zombie.child.kill('SIGSTOP');
      stage.mark('fault', `SIGSTOP of ${zombie.name}`);
      await stage.pause(9_000);
      zombie.child.kill('SIGCONT');
    },
  ],
  [
    'kill the edge',
    async (stage) => {
      const [victim] = stage.fleet.edges();
      stage.fleet.kill(victim);
      stage.mark('fault', `kill -9 of ${victim.name}`);
      await stage.fleet.addEdge();
    },
  ],
  [
    'the broker',
    (stage) =>
      away(stage, 1, 3_000 + stage.random.below(9_000), stage.random.chance(0.5) ? 'SIGKILL' : 'SIGTERM'),
  ],
];

/** Ends that are asked for, and everything at once. */
export const endCells: readonly Cell[] = [
  {
    number: 25,
    name: 'SIGTERM in the middle of a slice, twice, and while the group changes',
    holds: 'each ends within 10 s, and what it had at hand is neither lost nor done again',
    failures: someFail,
    pauseMs: 1_500,
    maxStallMs: 10_000,
    strike: async (stage) => {
      for (let i = 0; stage.loading(); i++) {
        await stage.pause(500 + stage.random.below(1_000));
        const adding = stage.fleet.addProcessor();
        // Every third leaves while the new one joins.
        if (i % 3 !== 2) await adding;
        await retire(stage, i % 2 === 1);
        await adding;
      }
      stage.mark('healed', 'the group rests');
    },
  },
  {
    number: 27,
    name: 'a mixed schedule: kills, stops, zombies, edge and broker, a quarter of the time quiet',
    holds: 'all laws at once',
    words: 100_000,
    failures: someFail,
    pauseMs: 700,
    strike: async (stage) => {
      do {
        const [, turn] = stage.random.chance(0.25) ? TURNS[0] : stage.random.pick(TURNS.slice(1));
        await turn(stage);
      } while (stage.loading());
      stage.mark('healed', 'no more faults');
    },
  },
];
