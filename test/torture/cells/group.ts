import { createKafka } from '@verdikt/kafka/connect.ts';
import { chance } from '../../support/system/load.ts';
import type { Cell } from '../cell.ts';
import { stalls } from '../recovery.ts';

const SLOW_MS = 9_000;
const wordIn = (verdict: string): string => (JSON.parse(verdict) as { word: string }).word;
const isSlow = (word: string): boolean => chance(`${word}slow`) < 0.001;

/** Faults that strike who owns what. */
export const groupCells: readonly Cell[] = [
  {
    number: 11,
    name: 'processors come and go every two seconds, one to six of them',
    holds: 'no partition stands still for 10 s',
    words: 100_000,
    keys: 120,
    pauseMs: 300,
    processors: 1,
    maxStallMs: 10_000,
    strike: async ({ fleet, loading, pause, random, mark }) => {
      while (loading()) {
        await pause(2_000);
        const up = fleet.processors().length;
        const more = up <= 1 || (up < 6 && random.chance(0.5));
        if (more) await fleet.addProcessor();
        else await fleet.retire(random.pick(fleet.processors()));
        mark('fault', `${up} processors become ${fleet.processors().length}`);
      }
      mark('healed', 'the group rests');
    },
  },
  {
    number: 12,
    name: 'checks that take longer than a transaction may',
    holds: 'a slow check holds up nobody else',
    words: 100_000,
    failures: () => 0,
    check: { timeoutMs: 30_000 },
    delay: (word) => (isSlow(word) ? SLOW_MS : 0),
    processor: { transactionTimeoutMs: '4000' },
    claims: ({ mark }, seen) => {
      // A word behind a slow one of its key has to wait.
      const behind = new Set(
        seen
          .filter(({ topic, record }) => topic === 'results' && isSlow(wordIn(record.value)))
          .map(({ record }) => record.key),
      );
      const others = seen.filter(({ record }) => !behind.has(record.key));
      const first = others.reduce((at, { record }) => Math.min(at, record.timestamp), Infinity);
      const worst = stalls(others, first, Infinity)[0]?.ms ?? 0;
      mark(
        'note',
        `${behind.size} keys had a slow word; the others of a partition stood still for ${worst} ms at most`,
      );
      if (behind.size === 0) return ['no check was slow: the fault did nothing'];
      return worst < SLOW_MS / 2 ? [] : [`other keys stood still for ${worst} ms`];
    },
    strike: async ({ loading, pause, mark }) => {
      mark('fault', `one check in 1,000 takes ${SLOW_MS / 1_000} s, a transaction at most 4 s`);
      while (loading()) await pause(500);
      mark('healed', 'no more words');
    },
  },
  {
    number: 13,
    name: 'a stranger that takes the transactional ids of the tasks',
    holds: 'the owner fences the stranger in its turn and goes on',
    words: 100_000,
    pauseMs: 600,
    strike: async ({ system, kafka, loading, pause, random, mark }) => {
      const stranger = createKafka({ brokers: kafka.brokers, clientId: 'stranger' });
      const transactions = stranger.transactions({
        group: system.group,
        words: system.topics.words,
        transactionTimeoutMs: 10_000,
      });
      while (loading()) {
        await pause(500 + random.below(1_500));
        const task = random.below(system.partitions);
        const taken = await transactions.fence(task).catch(() => undefined);
        if (taken === undefined) continue;
        mark('fault', `a stranger fenced task ${task}`);
        await taken.close();
      }
      mark('healed', 'the stranger is gone');
      await stranger.close();
    },
  },
];
