import type { Cell } from '../cell.ts';
import { NO_DEDUP, PATIENT_CHECK } from './common.ts';

/** Past the session time-out of the workloads, and until the other has taken over. */
const STOPPED_MS = 9_000;

/** A processor stopped with work at hand until another has its tasks, then woken. */
export const zombieCell: Cell = {
  number: 104,
  name: 'a processor stopped with work at hand, then woken',
  holds: 'all laws',
  words: 3_000,
  processors: 2,
  pauseMs: 600,
  failures: () => 0,
  // Always something at hand.
  delay: () => 500,
  check: PATIENT_CHECK,
  processor: NO_DEDUP,
  strike: async ({ fleet, reached, pause, mark }) => {
    await reached(0.25);
    const [zombie] = fleet.processors();
    zombie.child.kill('SIGSTOP');
    mark('fault', `SIGSTOP of ${zombie.name}`);
    await pause(STOPPED_MS);
    zombie.child.kill('SIGCONT');
    mark('healed', `SIGCONT of ${zombie.name}`);
    await pause(2_000);
  },
};
