import { palindromeVerdict, wordOf } from '../../support/system/words.ts';
import type { Cell, Stage } from '../cell.ts';
import { sendAgain } from '../faults/stuck.ts';

const TWICE = 60;

/** In quotes, which JSON escapes. */
const quoted = (n: number): string => `"${wordOf(`twice-${n}`, 0)}"`;

/** One word under its own Idempotency-Key, until it is taken. */
const send = (stage: Stage, key: string, word: string): Promise<string> =>
  sendAgain(stage, () => stage.fleet.url(), { key, word, idempotencyKey: `once-${key}` });

const sendAll = (stage: Stage): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: TWICE }, (_, n) => send(stage, `twice-${n}`, quoted(n))));

/** Words sent again, before and after their tasks move, and an edge killed while the broker answers nothing. */
export const againCell: Cell = {
  number: 105,
  name: 'words sent again after their tasks moved, and an edge killed while the broker stands still',
  holds: 'one id for one Idempotency-Key',
  words: 3_000,
  processors: 2,
  pauseMs: 200,
  strike: async (stage) => {
    const { fleet, kafka, mark, pause } = stage;
    await stage.reached(0.1);
    const first = await sendAll(stage);
    const sent = first.map((id, n) => ({
      ...{ id, key: `twice-${n}`, counter: 0, word: quoted(n) },
    }));
    stage.alsoSent(sent, palindromeVerdict);
    await stage.reached(0.3);
    await kafka.kill('SIGSTOP', 1);
    mark('fault', 'SIGSTOP of the broker');
    await pause(1_500);
    const [edge] = fleet.edges();
    fleet.kill(edge);
    mark('fault', `kill -9 of ${edge.name}`);
    await kafka.kill('SIGCONT', 1);
    await fleet.addEdge();
    mark('healed', 'broker and a new edge are up');
    const [old] = fleet.processors();
    await fleet.retire(old);
    mark('fault', `SIGTERM of ${old.name}: its tasks move`);
    const again = await sendAll(stage);
    const other = again.findIndex((id, n) => id !== first[n]);
    if (other >= 0) stage.fail(`an Idempotency-Key got the ids ${first[other]} and ${again[other]}`);
    mark('healed', `${TWICE} words sent again`);
  },
};
