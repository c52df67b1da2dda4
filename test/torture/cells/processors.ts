import { someFail } from '../../support/system/words.ts';
import type { Cell } from '../cell.ts';
import { ownedBy } from '../owned-by.ts';

const SESSION_MS = 6_000;

/** Faults that strike the processors. */
export const processorCells: readonly Cell[] = [
  {
    number: 1,
    name: 'processors killed in the middle of their transactions',
    holds: 'a partition is judged again within the session time-out and 2 s after the last kill of its owner',
    words: 100_000,
    failures: someFail,
    keys: 200,
    pauseMs: 500,
    // The time-out may have been renewed just before, and words come in rounds.
    maxStallMs: SESSION_MS + 2_000 + 500,
    strike: async ({ fleet, random, loading, pause, mark }) => {
      for (let kills = 1; loading(); kills++) {
        // The new owner is at work when the next one is struck, or stalls would add up.
        await pause(3_500 + random.below(3_000));
        const victim = random.pick(fleet.processors());
        const owned = ownedBy(await victim.log());
        fleet.kill(victim);
        mark('fault', `kill -9 of ${victim.name}, owner of ${owned.join(' ')}, number ${kills}`, owned);
        await fleet.addProcessor();
      }
      mark('healed', 'no more kills');
    },
  },
  {
    number: 2,
    name: 'a processor stopped past session and transaction time-out, then woken',
    holds: 'the zombie makes nothing visible',
    words: 100_000,
    pauseMs: 400,
    processor: { transactionTimeoutMs: '4000' },
    strike: async ({ fleet, random, loading, pause, mark, fail }) => {
      while (loading()) {
        await pause(2_000);
        const zombie = random.pick(fleet.processors());
        zombie.child.kill('SIGSTOP');
        mark('fault', `SIGSTOP of ${zombie.name}`);
        await pause(11_000);
        zombie.child.kill('SIGCONT');
        mark('healed', `SIGCONT of ${zombie.name}`);
        await pause(4_000);
        if (!/PRODUCER_FENCED|no longer a member/.test(await zombie.log()))
          fail(`${zombie.name} woke and never said that it is out`);
      }
    },
  },
];
