import { describe, expect, test } from '@jest/globals';
import { runHistory } from '@verdikt/test/engine/history/history.ts';
import { PLANTED } from '@verdikt/test/engine/history/planted.ts';
import { REACHED } from '@verdikt/test/engine/history/world.ts';
import { RUN, seedName, type HistoryKind } from '@verdikt/test/engine/history/simulate.ts';
import type { HistoryResult } from '@verdikt/test/engine/history/result.ts';

/** What fails is printed step by step by `npm run simulate -- --replay SEED`, which also runs more seeds. */
const HISTORIES = 10_000;
const GROUP_HISTORIES = HISTORIES / 5;
const PLANTED_HISTORIES = 8_000;
const MS = 40;

const failures = async (kind: HistoryKind, histories: number): Promise<string[]> => {
  const failed: string[] = [];
  for (let seed = 0; seed < histories && failed.length < 3; seed++) {
    const { violations, steps } = await RUN[kind](seed);
    if (violations.length > 0)
      failed.push([`${steps} steps; --replay ${seedName(kind, seed)}`, ...violations].join('\n  '));
  }
  return failed;
};

describe('every submission ends once, in order, as the oracle says, whatever happens', () => {
  test(
    'to the one task that processes take from each other',
    async () => {
      expect(await failures('task', HISTORIES)).toEqual([]);
    },
    HISTORIES * MS,
  );

  test(
    'to the tasks that a group shares',
    async () => {
      expect(await failures('group', GROUP_HISTORIES)).toEqual([]);
    },
    GROUP_HISTORIES * MS * 2,
  );
});

test('histories reach what they are for', async () => {
  const counts = new Map<string, number>(REACHED.map((what) => [what, 0]));
  for (let seed = 0; seed < 500; seed++)
    for (const what of (await runHistory(seed)).reached) counts.set(what, (counts.get(what) ?? 0) + 1);
  expect([...counts].filter(([, n]) => n < 10)).toEqual([]);
});

describe('a rule that is switched off is noticed', () => {
  test.each(PLANTED.map((p) => [p.name, p] as const))(
    '%s',
    async (_, planted) => {
      const undo = planted.patch?.();
      try {
        let noticed: HistoryResult | undefined;
        for (let seed = 0; seed < PLANTED_HISTORIES && noticed === undefined; seed++) {
          const result = await runHistory(seed, planted);
          if (result.violations.length > 0) noticed = result;
        }
        expect(noticed?.violations[0]).toBeDefined();
      } finally {
        undo?.();
      }
    },
    120_000,
  );
});
