import { createProxy, portsOf, type Fault, type Proxy } from '@verdikt/kafka/testing/proxy.ts';
import type { Arranged, Cell, Place, Stage } from '../cell.ts';

/** Every request by which a slice becomes final, by API key. */
const COMMITS = {
  Produce: 0,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
};

/** The processors reach the brokers through a proxy that knows the protocol. */
const proxied =
  (strike: (stage: Stage, proxy: Proxy) => Promise<void>) =>
  async ({ kafka, onEnd }: Place): Promise<Arranged> => {
    const proxy = await createProxy(portsOf(kafka.brokers.join(',')), { remember: false });
    onEnd(() => proxy.close());
    return {
      processor: { brokers: proxy.brokers.join(','), requestTimeoutMs: '1500', transactionTimeoutMs: '4000' },
      strike: (stage) => strike(stage, proxy),
    };
  };

/** Faults in what brokers answer: carried out, and not told. */
export const answerCells: readonly Cell[] = [
  {
    number: 9,
    name: 'answers lost after the broker did what was asked, of each request of a commit in turn',
    holds: 'each of the six requests is struck, by a lost answer and by a broken connection',
    words: 100_000,
    pauseMs: 900,
    arrange: proxied(async (stage, proxy) => {
      const struck = new Map<string, number>();
      const faults: Fault[] = ['drop-response', 'cut-after'];
      const turns = faults.flatMap((fault) =>
        Object.entries(COMMITS).map(([name, apiKey]) => ({ fault, name, apiKey })),
      );
      let i = 0;
      for (; stage.loading(); i++) {
        const { fault, name, apiKey } = turns[i % turns.length];
        const armed = proxy.arm({ apiKey, fault });
        // Only who takes a task fences; the loss before it makes somebody do so.
        const hit = await Promise.race([armed.hit.then(() => true), stage.pause(4_000).then(() => false)]);
        armed.disarm();
        if (hit) {
          struck.set(`${name} ${fault}`, (struck.get(`${name} ${fault}`) ?? 0) + 1);
          stage.mark('fault', `${fault} of ${name}`);
        }
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
    arrange: proxied(async (stage, proxy) => {
      while (stage.loading()) {
        const end = proxy.arm({ apiKey: COMMITS.EndTxn, fault: 'hold-request' });
        await Promise.race([end.hit, stage.pause(5_000)]);
        end.disarm();
        if (end.struck.length === 0) continue;
        // By now its sender has given it up, fenced, and begun anew.
        await stage.pause(2_500 + stage.random.below(1_500));
        end.release();
        stage.mark('fault', 'an EndTxn arrives late');
        await stage.pause(1_000);
      }
      stage.mark('healed', 'no more delays');
    }),
  },
];
