import type { Fault } from '../../support/kafka/proxy.ts';
import type { Cell } from '../cell.ts';
import { behindProxy, COMMITS, strikeNext, type CommitRequest } from '../faults/proxied.ts';

/** Short, so that a lost answer is given up soon. */
const IMPATIENT = { requestTimeoutMs: '1500', transactionTimeoutMs: '4000' };

/** Faults in what brokers answer: carried out, and not told. */
export const answerCells: readonly Cell[] = [
  {
    number: 9,
    name: 'answers lost after the broker did what was asked, of each request of a commit in turn',
    holds: 'each of the six requests is struck, by a lost answer and by a broken connection',
    words: 100_000,
    pauseMs: 900,
    processor: IMPATIENT,
    arrange: behindProxy('processor', async (stage, proxy) => {
      const struck = new Map<string, number>();
      const faults: Fault[] = ['drop-response', 'cut-after'];
      const turns = faults.flatMap((fault) =>
        (Object.keys(COMMITS) as CommitRequest[]).map((name) => ({ fault, name })),
      );
      let i = 0;
      for (; stage.loading(); i++) {
        const { fault, name } = turns[i % turns.length];
        // Only who takes a task fences; the loss before it makes somebody do so.
        if (await strikeNext(stage, proxy, name, fault, 4_000))
          struck.set(`${name} ${fault}`, (struck.get(`${name} ${fault}`) ?? 0) + 1);
        await stage.pause(300 + stage.random.below(700));
      }
      stage.mark('healed', [...struck].map(([what, n]) => `${what}: ${n}`).join(', '));
      // A short run does not come round.
      for (const { fault, name } of i < 2 * turns.length ? [] : turns)
        if (!struck.has(`${name} ${fault}`)) stage.fail(`${fault} never struck ${name}`);
    }),
  },
  {
    number: 10,
    name: 'the end of a transaction held back until after the next has begun',
    holds: 'an end that arrives late ends nothing that is not its own',
    words: 100_000,
    pauseMs: 600,
    processor: IMPATIENT,
    arrange: behindProxy('processor', async (stage, proxy) => {
      while (stage.loading()) {
        const end = proxy.arm({ apiKey: COMMITS.EndTxn, fault: 'hold-request' });
        await Promise.race([end.hit, stage.pause(5_000)]);
        end.disarm();
        if (end.struck.length === 0) continue;
        // By now its sender has given it up, fenced, and begun again.
        await stage.pause(2_500 + stage.random.below(1_500));
        end.release();
        stage.mark('fault', 'an EndTxn arrives late');
        await stage.pause(1_000);
      }
      stage.mark('healed', 'no more delays');
    }),
  },
];
