import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DueHeap } from './due-heap.ts';

test('hands out the earliest first, equals in order of entry, under any mix of push and pop', () => {
  const step = fc.oneof({ arbitrary: fc.nat(9), weight: 3 }, { arbitrary: fc.constant(-1), weight: 2 });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
      const heap = new DueHeap();
      let model: { due: number; slot: number }[] = [];
      steps.forEach((due, slot) => {
        if (due >= 0) {
          heap.push(due, slot, slot + 1);
          model = [...model, { due, slot }].sort((a, b) => a.due - b.due || a.slot - b.slot);
        } else {
          heap.pop();
          model.shift();
        }
        const first = model[0];
        const shown = first === undefined ? [Infinity, -1, 0] : [first.due, first.slot, first.slot + 1];
        expect([heap.due, heap.slot, heap.incarnation]).toEqual(shown);
        expect(heap.size).toBe(model.length);
        expect(heap.countDue(4)).toBe(model.filter((m) => m.due <= 4).length);
      });
    }),
  );
});
