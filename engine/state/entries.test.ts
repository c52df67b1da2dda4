import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DIRTY, EntryTable, HELD, WANTED } from './entries.ts';

type Step = readonly [what: 'alloc' | 'free' | 'set' | 'clear', which: number, flags: number];
const steps = fc.array(
  fc.tuple(
    fc.constantFrom<Step[0]>('alloc', 'alloc', 'free', 'set', 'set', 'clear'),
    fc.nat(1_000),
    fc.constantFrom(HELD, DIRTY, HELD | DIRTY, HELD | WANTED),
  ),
  { maxLength: 120 },
);

test('counts the entries that are held, whatever is set, cleared and freed', () => {
  fc.assert(
    fc.property(steps, (list: readonly Step[]) => {
      const table = new EntryTable();
      for (const [what, which, flags] of list) {
        const live = [...table.live()];
        const slot = live[which % live.length];
        if (what === 'alloc') table.alloc(which, 0);
        else if (slot !== undefined) {
          if (what === 'free') table.free(slot);
          else table[what](slot, flags);
        }
        expect(table.held).toBe([...table.live()].filter((s) => table.has(s, HELD)).length);
      }
    }),
    { numRuns: 300 },
  );
});
