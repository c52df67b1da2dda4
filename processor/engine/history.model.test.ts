import { describe, expect, test } from '@jest/globals';
import { runGroupHistory } from '../testing/history/group-history.ts';
import { runHistory } from '../testing/history/history.ts';
import { PLANTED } from '../testing/history/planted.ts';
import { REACHED } from '../testing/history/process.ts';
import type { HistoryResult } from '../testing/history/stage.ts';

/**
 * `VERDIKT_SEED=7` runs that history alone and prints its steps (`VERDIKT_SEED=group:7` for one of the group);
 * `VERDIKT_HISTORIES=1000000` runs as many.
 */
const { VERDIKT_SEED, VERDIKT_HISTORIES } = process.env;
const HISTORIES = Number(VERDIKT_HISTORIES ?? 10_000);
const GROUP_HISTORIES = HISTORIES / 5;
const PLANTED_HISTORIES = 4_000;
const MS = 40;

type Run = typeof runHistory;

const replay = (r: HistoryResult, prefix = ''): string =>
  [`${r.steps} steps; replay with VERDIKT_SEED=${prefix}${r.seed}`, ...r.violations].join('\n  ');

const failures = async (run: Run, histories: number, prefix = ''): Promise<string[]> => {
  const failed: string[] = [];
  for (let seed = 0; seed < histories && failed.length < 3; seed++) {
    const result = await run(seed);
    if (result.violations.length > 0) failed.push(replay(result, prefix));
  }
  return failed;
};

const run = VERDIKT_SEED === undefined ? test : test.skip;

describe('every submission ends once, in order, as the oracle says, whatever happens', () => {
  run(
    'to the one task that processes take from each other',
    async () => {
      expect(await failures(runHistory, HISTORIES)).toEqual([]);
    },
    HISTORIES * MS,
  );

  run(
    'to the tasks that a group shares',
    async () => {
      expect(await failures(runGroupHistory, GROUP_HISTORIES, 'group:')).toEqual([]);
    },
    GROUP_HISTORIES * MS * 2,
  );
});

if (VERDIKT_SEED !== undefined)
  test(`history ${VERDIKT_SEED}`, async () => {
    const [seed, prefix = ''] = VERDIKT_SEED.split(':').reverse();
    const result = await (prefix === '' ? runHistory : runGroupHistory)(Number(seed), undefined, true);
    process.stdout.write(`${result.trace.join('\n')}\n`);
    expect(result.violations).toEqual([]);
  });

test('the same seed gives the same history', async () => {
  for (const seed of [3, 17, 99])
    expect(await runHistory(seed, undefined, true)).toEqual(await runHistory(seed, undefined, true));
});

run('histories reach what they are for', async () => {
  const counts = new Map<string, number>(REACHED.map((what) => [what, 0]));
  for (let seed = 0; seed < 500; seed++)
    for (const what of (await runHistory(seed)).reached) counts.set(what, (counts.get(what) ?? 0) + 1);
  expect([...counts].filter(([, n]) => n < 10)).toEqual([]);
});

describe('a rule that is switched off is noticed', () => {
  run.each(PLANTED.map((p) => [p.name, p] as const))(
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
