import { describe, expect, test } from '@jest/globals';
import { runHistory, type HistoryResult } from '../testing/history/history.ts';
import { PLANTED } from '../testing/history/planted.ts';

/** `VERDIKT_SEED=7` runs that history alone and prints its steps; `VERDIKT_HISTORIES=1000000` runs as many. */
const { VERDIKT_SEED, VERDIKT_HISTORIES } = process.env;
const HISTORIES = Number(VERDIKT_HISTORIES ?? 10_000);
const PLANTED_HISTORIES = 400;

const replay = (r: HistoryResult): string =>
  [`seed ${r.seed}, ${r.steps} steps; replay with VERDIKT_SEED=${r.seed}`, ...r.violations].join('\n  ');

const run = VERDIKT_SEED === undefined ? test : test.skip;

run(
  'every submission ends once, in order, as the oracle says, whatever happens',
  async () => {
    const failed: HistoryResult[] = [];
    for (let seed = 0; seed < HISTORIES && failed.length < 3; seed++) {
      const result = await runHistory(seed);
      if (result.violations.length > 0) failed.push(result);
    }
    expect(failed.map(replay)).toEqual([]);
  },
  HISTORIES * 30 + 60_000,
);

if (VERDIKT_SEED !== undefined)
  test(`history ${VERDIKT_SEED}`, async () => {
    const result = await runHistory(Number(VERDIKT_SEED), undefined, true);
    process.stdout.write(`${result.trace.join('\n')}\n`);
    expect(replay(result)).toBe(replay({ ...result, violations: [] }));
  });

test('the same seed gives the same history', async () => {
  for (const seed of [3, 17, 99])
    expect(await runHistory(seed, undefined, true)).toEqual(await runHistory(seed, undefined, true));
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
    60_000,
  );
});
