import { expect, test } from '@jest/globals';
import { parseSeed, RUN, seedName, simulate, type HistoryKind } from './simulate.ts';

const KINDS: readonly HistoryKind[] = ['task', 'group'];

test.each(KINDS)('a seed of %s replays to the same trace', async (kind) => {
  for (const seed of [11, 12, 13]) {
    const [once, twice] = [await RUN[kind](seed, undefined, true), await RUN[kind](seed, undefined, true)];
    expect(once.trace.length).toBeGreaterThan(10);
    expect(twice).toEqual(once);
    // To look at it changes nothing.
    expect({ ...(await RUN[kind](seed)), trace: once.trace }).toEqual(once);
  }
});

test('seeds are read as they are written', () => {
  for (const kind of KINDS) expect(parseSeed(seedName(kind, 42))).toEqual({ kind, seed: 42 });
  for (const text of ['', 'x', '-1', '1.5', 'task:7', 'group:']) expect(parseSeed(text)).toBeUndefined();
});

test('seeds that failed once', async () => {
  // A task without checks began one while another task, which had its place already, waited for a schema.
  expect((await RUN.group(5_003_584)).violations).toEqual([]);
  // The dead letter of a record without id named it, and was too large to be redriven.
  expect((await RUN.task(907_082)).violations).toEqual([]);
  // The broker in memory told an offset and, after it had expired, no metadata beside it.
  expect((await RUN.task(4_000_995)).violations).toEqual([]);
  // An entry was cut and given up; then the offset was set to the start, and its word was read again.
  expect((await RUN.task(909_249)).violations).toEqual([]);
});

test('seeds are run one after the other, and told', async () => {
  const seen: number[] = [];
  const tally = await simulate('task', 100, 5, (r) => seen.push(r.seed));
  expect([tally.failed, tally.seeds, seen]).toEqual([[], 5, [100, 101, 102, 103, 104]]);
  expect([...tally.faults.values()].some((n) => n > 0)).toBe(true);
});
