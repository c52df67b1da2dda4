import { expect, test } from '@jest/globals';
import { auditOf, engineHistory } from './testing/engine-history.ts';

const SEEDS = Array.from({ length: 150 }, (_, i) => i + 1);
/** The first two once led to a false alarm. */
const LIVE_SEEDS = [181, 2035, ...Array.from({ length: 200 }, (_, i) => i + 1)];

test('finds nothing in what the engine leaves behind', async () => {
  let [ended, verdicts, letters, entries, copies] = [0, 0, 0, 0, 0];
  for (const seed of SEEDS) {
    const world = await engineHistory(seed);
    if (world === undefined) continue;
    const { findings, counts } = await auditOf(world);
    expect({ seed, findings }).toEqual({ seed, findings: [] });
    expect(counts.outstanding).toBe(0);
    ended++;
    verdicts += counts.results;
    letters += counts.deadLetters;
    entries += counts.retryRecords;
    copies += counts.duplicates;
  }
  expect(ended).toBeGreaterThan(SEEDS.length * 0.9);
  for (const n of [verdicts, letters, entries, copies]) expect(n).toBeGreaterThan(20);
}, 60_000);

test('finds nothing while the engine is at work', async () => {
  let audits = 0;
  let unfinished = 0;
  for (const seed of LIVE_SEEDS) {
    await engineHistory(seed, async (world) => {
      const { findings, counts } = await auditOf(world, true);
      expect({ seed, findings }).toEqual({ seed, findings: [] });
      audits++;
      if (counts.outstanding + counts.pending > 0) unfinished++;
    });
  }
  expect(audits).toBeGreaterThan(LIVE_SEEDS.length);
  expect(unfinished).toBeGreaterThan(LIVE_SEEDS.length / 2);
}, 60_000);
