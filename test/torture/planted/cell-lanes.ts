import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { Cell } from '../cell.ts';
import { behindProxy, strikeNext } from '../faults/proxied.ts';
import { manyFail, NO_DEDUP, PATIENT_CHECK } from './common.ts';

/** Retries all the time, a processor killed in the middle of them, and answers to the edge that get lost. */
export const lanesCell: Cell = {
  number: 101,
  name: 'retries, a processor killed, and answers to the edge lost',
  holds: 'a key is in the partition that every client of Kafka would choose',
  words: 3_000,
  processors: 2,
  pauseMs: 250,
  failures: manyFail,
  delay: () => 30,
  check: PATIENT_CHECK,
  processor: NO_DEDUP,
  // The edge must settle it by itself: nobody drops what a client sends again.
  edge: { appendTimeoutMs: '20000', stopTimeoutMs: '30000' },
  arrange: behindProxy('edge', async (stage, proxy) => {
    await stage.reached(0.1);
    for (let i = 0; i < 3; i++) await strikeNext(stage, proxy, 'Produce', 'cut-after');
    await stage.reached(0.5);
    const [victim] = stage.fleet.processors();
    stage.fleet.kill(victim);
    stage.mark('fault', `kill -9 of ${victim.name}`);
    await stage.fleet.addProcessor();
    stage.mark('healed', 'a new processor is up');
  }),
  claims: ({ system }, seen) =>
    seen
      .filter(({ record: r }) => r.partition !== partitionOf(Buffer.from(r.key), system.partitions))
      .map(({ record: r }) => `${r.key} ended in partition ${r.partition}`),
};
