import { expect, test } from '@jest/globals';
import { PLANTED } from '../history/planted.ts';
import { REACHED } from '../history/world.ts';
import { partsOf, runPart, sumUp, type Outcome } from './parts.ts';

test('parts are all histories and all rules, each once', () => {
  const parts = partsOf({ task: 600, group: 251, mixes: 500 });
  const seeds = (of: string): number[] =>
    parts.flatMap((p) =>
      p.kind !== 'rule' && (p.kind === 'mixes' ? p.kind : p.of) === of
        ? Array.from({ length: p.count }, (_, n) => p.from + n)
        : [],
    );
  const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  expect([seeds('task'), seeds('group'), seeds('mixes')]).toEqual([upTo(600), upTo(251), upTo(500)]);
  expect(parts.flatMap((p) => (p.kind === 'rule' ? [p.name] : []))).toEqual(PLANTED.map((p) => p.name));
});

test('a part is run as it says', async () => {
  const histories = await runPart({ kind: 'histories', of: 'task', from: 3, count: 4 });
  expect([histories.passed, histories.failed, histories.reached.size > 0]).toEqual([4, [], true]);
  const mixes = { kind: 'mixes', from: 5, count: 2 } as const;
  expect(await runPart(mixes)).toMatchObject({ part: mixes, passed: 2, failed: [] });
  expect(await runPart({ kind: 'rule', name: 'duplicates are not dropped' })).toMatchObject({ passed: 1 });
  const unknown = await runPart({ kind: 'rule', name: 'no such rule' });
  expect([unknown.passed, unknown.failed.length]).toEqual([0, 1]);
});

test('a history that fails, a rule that nobody notices and what is not reached are failures', () => {
  const part = { kind: 'histories', of: 'task', from: 0, count: 100 } as const;
  const rule = { kind: 'rule', name: 'r' } as const;
  const all = new Map<string, number>(REACHED.map((what) => [what, 2]));
  const sound: Outcome[] = [
    { part, passed: 100, failed: [], reached: all },
    { part: rule, passed: 1, failed: [], reached: new Map(), noticed: 7 },
  ];
  expect(sumUp(sound)).toEqual({ passed: 101 + REACHED.length, failed: [] });
  expect(sumUp([{ ...sound[0], passed: 99, failed: ['7: order'] }, sound[1]]).failed).toEqual(['7: order']);
  expect(sumUp([sound[0], { ...sound[1], passed: 0, failed: ['r'] }]).failed).toEqual(['r']);
  const rare = new Map([...all, [REACHED[0], 1]]);
  expect(sumUp([{ ...sound[0], reached: rare }, sound[1]])).toEqual({
    passed: 100 + REACHED.length,
    failed: [`1 of 100 histories reach what they are for: ${REACHED[0]}`],
  });
});
