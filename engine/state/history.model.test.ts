import { describe, expect, test } from '@jest/globals';
import { FAULTS } from '@verdikt/test/engine/history/faults.ts';
import { seedName, simulate, type HistoryKind } from '@verdikt/test/engine/history/simulate.ts';
import { REACHED } from '@verdikt/test/engine/history/world.ts';

/** The first histories of the proof; `npm run proof:model` runs it in full. What fails is printed by `npm run simulate -- --replay SEED`. */
const HISTORIES: Readonly<Record<HistoryKind, number>> = { task: 500, group: 100 };

const reached = new Map<string, number>(REACHED.map((what) => [what, 0]));
const drawn = new Map<string, number>(FAULTS.map((fault) => [fault, 0]));
const count = (of: Map<string, number>, what: string, n: number): void =>
  void of.set(what, (of.get(what) ?? 0) + n);

describe('every submission ends once, in order, as the oracle says, whatever happens', () => {
  test.each([
    ['to the one task that processes take from each other', 'task'],
    ['to the tasks that a group shares', 'group'],
  ] as const)('%s', async (_, kind) => {
    const failed: string[] = [];
    const { seeds, faults, virtualMs } = await simulate(kind, 0, HISTORIES[kind], (r) => {
      if (kind === 'task') for (const what of r.reached) count(reached, what, 1);
      if (r.violations.length > 0)
        failed.push([`${r.steps} steps; --replay ${seedName(kind, r.seed)}`, ...r.violations].join('\n  '));
    });
    for (const [fault, n] of faults) count(drawn, fault, n);
    expect(failed).toEqual([]);
    expect([seeds, virtualMs > 60_000]).toEqual([HISTORIES[kind], true]);
  });

  test('they reach what they are for, and every fault is drawn', () => {
    expect([...reached].filter(([, n]) => n < 10)).toEqual([]);
    expect([...drawn].filter(([, n]) => n < 5)).toEqual([]);
  });
});
