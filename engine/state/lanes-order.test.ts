import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RUNNING } from './entries.ts';
import { Lanes } from './lanes.ts';

const KEY = Uint32Array.of(1, 2, 3, 4);

/** What may happen to one lane whose head may run. */
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('enter' as const), origin: fc.nat(9), redrive: fc.nat(2) }),
    fc.record({ do: fc.constantFrom('run' as const, 'settle' as const, 'end' as const) }),
    fc.record({ do: fc.constant('remove' as const), nth: fc.nat(9) }),
  ),
  { maxLength: 40 },
);

test('whatever comes and goes, a lane is in order but for a head that runs, and settles into order', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const lanes = new Lanes();
      const e = lanes.entries;
      const order = (slot: number): number => e.origin[slot] * 10 + e.redrive[slot];
      const slots = (): number[] => [...lanes.walk()];
      const here = new Set<number>();
      for (const step of all) {
        const [head = -1] = slots();
        const runs = head >= 0 && e.has(head, RUNNING);
        if (step.do === 'enter') {
          const place = step.origin * 10 + step.redrive;
          if (slots().some((s) => order(s) === place)) continue;
          lanes.enter(KEY, step.origin, step.redrive);
          here.add(place);
        } else if (step.do === 'run') {
          if (head >= 0) e.set(head, RUNNING);
        } else if (step.do === 'settle' && runs) {
          e.clear(head, RUNNING);
          expect(lanes.settle(head)).toBe(slots()[0]);
        } else if (step.do === 'end' && runs) {
          here.delete(order(head));
          expect(lanes.removeHead(head)).toBe(slots()[0] ?? -1);
        } else if (step.do === 'remove') {
          const slot = slots()[step.nth];
          if (slot === undefined || e.has(slot, RUNNING)) continue;
          here.delete(order(slot));
          const promoted = lanes.remove(slot);
          expect(promoted).toBe(step.nth === 0 ? (slots()[0] ?? -1) : -1);
        }
        const now = slots();
        expect(new Set(now.map(order))).toEqual(here);
        if (runs && now.includes(head) && e.has(head, RUNNING)) expect(now[0]).toBe(head);
        const rest = now.filter((s) => !e.has(s, RUNNING)).map(order);
        expect(rest).toEqual([...rest].sort((a, b) => a - b));
      }
      // Nothing is lost at the tail: what comes last of all stands last.
      lanes.enter(KEY, 99, 0);
      expect(order(slots().at(-1) as number)).toBe(990);
    }),
    { numRuns: 2_000 },
  );
});

test('a head that gave way is scheduled again when it is the head again, be it for the same time', () => {
  const lanes = new Lanes();
  const old = lanes.enter(KEY, 5, 0);
  lanes.schedule(old, 100);
  const redriven = lanes.enter(KEY, 1, 1);
  lanes.schedule(redriven, 10);
  expect([lanes.popDue(100), lanes.popDue(100)]).toEqual([redriven, -1]);
  lanes.schedule(lanes.removeHead(redriven), 100);
  expect(lanes.popDue(100)).toBe(old);
});
