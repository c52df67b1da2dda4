import { someFail } from '../../support/system/words.ts';
import type { Cell } from '../cell.ts';
import { commitCheckout, copyCheckout, earlierCommit, removeCheckout } from '../checkout.ts';

/** An upgrade and a roll-back, with both versions at work at once. */
export const upgradeCells: readonly Cell[] = [
  {
    number: 28,
    name: 'a rolling upgrade, and back, with both versions at work',
    holds: 'what one version wrote the other reads',
    failures: someFail,
    pauseMs: 1_500,
    arrange: async ({ onEnd }) => {
      const commit = await earlierCommit();
      const old = commit === undefined ? await copyCheckout() : await commitCheckout(commit);
      onEnd(() => removeCheckout(old));
      return {
        strike: async (stage) => {
          const roll = async (root?: string): Promise<void> => {
            const how = root === undefined ? {} : { root };
            for (const p of stage.fleet.processors()) {
              await stage.fleet.addProcessor({}, how);
              await stage.fleet.retire(p);
              await stage.pause(1_000);
            }
            const [edge] = stage.fleet.edges();
            await stage.fleet.addEdge({}, how);
            await stage.fleet.retire(edge);
          };
          stage.mark(
            'fault',
            `back to ${commit?.slice(0, 7) ?? 'a copy of this version: there is no history'}`,
          );
          await roll(old);
          stage.mark('fault', 'forward to this version');
          await roll();
          stage.mark('healed', 'one version runs');
        },
      };
    },
  },
];
