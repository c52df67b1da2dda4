import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  createPartition,
  nextSequence,
  putBack,
  queued,
  sizeOf,
  takeFirst,
  type Call,
} from './sink-partition.ts';
import { out } from '@verdikt/test/support/kafka/batches.ts';

describe('a p', () => {
  test('is a queue whose front may come back', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), n: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('take' as const), n: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('back' as const), n: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const p = createPartition(0, 1_000);
        const call: Call = { results: [], left: 0, resolve: () => undefined };
        let model: number[] = [];
        let taken: { real: ReturnType<typeof takeFirst>; model: number[] } | undefined;
        let count = 0;
        for (const { kind, n } of steps) {
          if (kind === 'push')
            for (let i = 0; i < n; i++) {
              p.queue.records.push(out(String(count)));
              p.queue.calls.push(call);
              p.queue.places.push(count);
              p.queue.sizes.push(count);
              p.queue.deadlines.push(count);
              model.push(count++);
            }
          else if (kind === 'take' && queued(p) >= n) {
            taken = { real: takeFirst(p, n), model: model.splice(0, n) };
            expect(taken.real.places).toEqual(taken.model);
            expect(taken.real.records.map((r) => r.value)).toEqual(taken.model.map(String));
          } else if (kind === 'back' && taken !== undefined) {
            putBack(p, taken.real);
            model = [...taken.model, ...model];
            taken = undefined;
          }
          expect(p.queue.places.slice(p.head)).toEqual(model);
          expect(p.queue.deadlines.slice(p.head)).toEqual(model);
          expect(queued(p)).toBe(model.length);
        }
      }),
    );
  });

  test('sequence numbers wrap from the largest int32 to 0', () => {
    expect(nextSequence(5, 3)).toBe(8);
    expect(nextSequence(2147483647, 1)).toBe(0);
    expect(nextSequence(2147483640, 10)).toBe(2);
  });

  test('the size of a record grows with all its parts', () => {
    expect(
      sizeOf(
        out('abc', {
          key: Buffer.from('k'),
          headers: [
            ['id', 'x'],
            ['n', null],
          ],
        }),
      ),
    ).toBe(48 + 1 + 3 + 7 + 5);
  });
});
