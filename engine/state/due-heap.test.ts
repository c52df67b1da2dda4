import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DueHeap } from './due-heap.ts';
import { EntryTable } from './entries.ts';

test('hands out the earliest first, equals in the order in which they were scheduled, under any mix of steps', () => {
  const step = fc.tuple(fc.nat(30), fc.oneof({ arbitrary: fc.nat(9), weight: 3 }, fc.constant(-1)));
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
      const entries = new EntryTable();
      const slots = Array.from({ length: 31 }, (_, i) => entries.alloc(i, 0));
      const heap = new DueHeap(entries);
      let model: { due: number; slot: number; order: number }[] = [];
      steps.forEach(([n, due], order) => {
        const slot = slots[n];
        model = model.filter((m) => m.slot !== slot);
        if (due < 0) heap.remove(slot);
        else {
          heap.set(slot, due);
          model.push({ due, slot, order });
          model.sort((a, b) => a.due - b.due || a.order - b.order);
        }
        expect([heap.first, heap.size]).toEqual([model[0]?.slot ?? -1, model.length]);
        expect(entries.due[slot]).toBe(due);
        expect(heap.countDue(4)).toBe(model.filter((m) => m.due <= 4).length);
      });
      for (const { slot } of model) {
        expect(heap.first).toBe(slot);
        heap.remove(slot);
      }
    }),
  );
});
