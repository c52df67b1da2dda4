import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commandId } from './operation.ts';
import { Selection } from './selection.ts';

const letter = fc.record({
  partition: fc.nat({ max: 3 }),
  offset: fc.nat({ max: 1_000 }),
  target: fc.constantFrom('a', 'b', 'c'),
  origin: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
});

test('every letter leaves once, by origin within its target, ties as they lie, and max takes the first', () => {
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 60 }), fc.nat({ max: 70 }), (letters, max) => {
      const s = new Selection();
      for (const l of letters) s.add(l.partition, l.offset, l.target, l.origin);
      const model = s.targets.map((t) =>
        letters
          .filter((l) => l.target === t)
          .map((l) => [l.origin ?? 1e9, l.partition, l.offset])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
          .map(([, partition, offset]) => ({ partition, offset })),
      );
      const all = s.inOrder().map((list) => list.map(({ partition, offset }) => ({ partition, offset })));
      expect(all).toEqual(model);
      const flat = s.inOrder().flat();
      expect(s.inOrder(max).flat()).toEqual(flat.slice(0, max));
    }),
  );
});

test('a command has one id however often it is made, and no two letters share one', () => {
  const place = { topic: 't', partition: 1, offset: 11 };
  const others = [
    commandId('o', 'redrive', { ...place, partition: 11, offset: 1 }),
    commandId('o', 'skip', place),
    commandId('p', 'redrive', place),
    commandId('o', 'redrive', { ...place, topic: 't2' }),
  ];
  const one = commandId('o', 'redrive', place);
  expect(commandId('o', 'redrive', { ...place })).toBe(one);
  expect(new Set([one, ...others]).size).toBe(5);
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
