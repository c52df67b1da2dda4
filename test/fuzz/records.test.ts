import { expect, test } from '@jest/globals';
import { allTargets, fuzz, inputOf } from './fuzz.ts';
import { must, taken, type Target } from './target.ts';

// `npm run fuzz:records` runs more, and CI 300,000.
test('5,000 wrong inputs are decoded or refused as declared', async () => {
  const targets = await allTargets();
  expect(await fuzz({ targets, seed: 1, inputs: 5_000 })).toEqual([]);
  // Neither all taken nor all refused, or little was tested.
  for (const [name, { ok, refused }] of taken)
    expect([name, ok > 20, refused > 20]).toEqual([name, true, true]);
  // A limit for what hangs, on a machine that is busy.
});

const planted = (run: (bytes: Buffer) => void): Target => ({
  name: 'planted',
  weight: 1,
  make: (r) => {
    const bytes = Buffer.from([r.below(256)]);
    return { bytes, run: () => run(bytes) };
  },
});

test('the same seed gives the same input, whatever came before', async () => {
  const targets = await allTargets();
  const [first] = [inputOf(targets, 5, 77)[1].bytes];
  inputOf(targets, 5, 3);
  expect(inputOf(targets, 5, 77)[1].bytes).toEqual(first);
  expect(inputOf(targets, 6, 77)[1].bytes).not.toEqual(first);
});

test.each([
  ['an error that is not declared', (b: Buffer) => void b.readInt32BE(b[0]), /RangeError \[ERR_/],
  ['a property that does not hold', (b: Buffer) => must(b[0] > 300, () => 'too small'), /too small/],
  [
    'an allocation by a length that was declared',
    () => void kept.push(Buffer.alloc(64_000_000)),
    /heap grew/,
  ],
  [
    'work without end in sight',
    () => {
      const { user } = process.threadCpuUsage();
      // Without garbage, which would be found first.
      let n = 0;
      while (process.threadCpuUsage().user - user < 60_000) for (let i = 0; i < 1e6; i++) n ^= i;
      must(Number.isInteger(n), () => 'spun');
    },
    /ms of CPU time/,
  ],
])('finds %s', async (_, run, problem) => {
  const findings = await fuzz({ targets: [planted(run)], seed: 1, inputs: 3, maxFindings: 1 });
  // Any of the three: a collection of garbage in the middle of the first may hide what it took.
  expect(findings).toEqual([
    {
      target: 'planted',
      index: expect.any(Number),
      problem: expect.stringMatching(problem),
      hex: expect.any(String),
    },
  ]);
  kept.length = 0;
});
const kept: Buffer[] = [];
