import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createReadAhead as create, type ReadAhead } from './read-ahead.ts';
import { batchBytes, out, reseal } from '@verdikt/test/support/kafka/batches.ts';

const createReadAhead = (start: number): ReadAhead => create(start, () => undefined);
const values = (n: number): ReturnType<typeof out>[] => Array.from({ length: n }, (_, i) => out(`v${i}`));
const offsets = (a: ReadAhead, records: number, bytes = 1_000_000): [number[], bigint] | undefined => {
  const slice = a.poll(records, bytes);
  return slice && [slice.records.map((r) => r.offset), slice.nextOffset];
};

describe('read-ahead', () => {
  test('nothing is there at first', () => {
    const a = createReadAhead(5);
    expect(a.poll(10, 10)).toBeUndefined();
    expect(a.add(Buffer.alloc(0), [])).toBe(0);
    expect([a.position(), a.polled(), a.bytes()]).toEqual([5, 5, 0]);
  });

  test('slices across batches, from the middle of the first one', () => {
    const a = createReadAhead(1);
    expect(
      a.add(
        Buffer.concat([
          batchBytes({ records: values(3) }),
          batchBytes({ baseOffset: 3, records: values(3) }),
        ]),
        [],
      ),
    ).toBe(2);
    expect(a.position()).toBe(6);
    expect(offsets(a, 1)).toEqual([[1], 2n]);
    expect(offsets(a, 3)).toEqual([[2, 3, 4], 5n]);
    expect(a.bytes()).toBeGreaterThan(0);
    expect(offsets(a, 3)).toEqual([[5], 6n]);
    expect(a.bytes()).toBe(0);
    expect(a.poll(3, 3)).toBeUndefined();
  });

  test('tells who wrote which records', () => {
    const a = createReadAhead(1);
    const [one, two] = [
      batchBytes({ records: values(3), producerId: 7, producerEpoch: 2 }),
      batchBytes({ baseOffset: 3, records: values(2) }),
    ];
    a.add(Buffer.concat([one, two]), []);
    const first = { from: 0, producerId: 7n, producerEpoch: 2 };
    const second = { from: 3, producerId: -1n, producerEpoch: 0 };
    expect(a.poll(1, 1_000_000)?.writers).toEqual([first]);
    expect(a.poll(9, 1_000_000)?.writers).toEqual([first, second]);
  });

  test('batches before the position do not count', () => {
    const a = createReadAhead(3);
    const [before, after] = [
      batchBytes({ records: values(3) }),
      batchBytes({ baseOffset: 3, records: values(3) }),
    ];
    a.add(Buffer.concat([before, after]), []);
    expect(a.bytes()).toBe(after.length - 61);
    expect(offsets(a, 9)).toEqual([[3, 4, 5], 6n]);
  });

  test('the first record comes whatever its size', () => {
    const a = createReadAhead(0);
    a.add(batchBytes({ records: [out('x'.repeat(100)), out('y'), out('z')] }), []);
    expect(offsets(a, 10, 5)).toEqual([[0], 1n]);
    expect(offsets(a, 10, 2)).toEqual([[1, 2], 3n]);
  });

  test('control and aborted batches move the position only', () => {
    const a = createReadAhead(0);
    a.add(
      Buffer.concat([
        batchBytes({ records: values(2), producerId: 9, transactional: true }),
        batchBytes({ baseOffset: 2, marker: 'abort', producerId: 9 }),
      ]),
      [{ producerId: 9n, firstOffset: 0 }],
    );
    expect(offsets(a, 10)).toEqual([[], 3n]);
    a.add(
      Buffer.concat([
        batchBytes({ baseOffset: 3, records: values(1) }),
        batchBytes({ baseOffset: 4, marker: 'commit', producerId: 9 }),
      ]),
      [],
    );
    // The marker behind the last record is passed with it: it would else cost a slice of its own.
    expect(offsets(a, 1)).toEqual([[3], 5n]);
  });

  test('hands out what lies before a batch that cannot be read', () => {
    const broken = batchBytes({ baseOffset: 1, records: values(1) });
    broken[61] += 2;
    const a = createReadAhead(0);
    a.add(Buffer.concat([batchBytes({ records: values(1) }), reseal(broken)]), []);
    expect(offsets(a, 10)).toEqual([[0], 1n]);
    const fails = expect.objectContaining({ code: 'LOG_CORRUPT' });
    expect(() => a.poll(10, 10)).toThrow(fails);
    expect(() => a.poll(10, 10)).toThrow(fails);
  });

  test('refuses a record set whose first batch has a wrong checksum, and stays where it is', () => {
    const broken = batchBytes({ records: values(1) });
    broken[65] ^= 1;
    const a = createReadAhead(0);
    expect(() => a.add(broken, [])).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }));
    expect([a.position(), a.bytes()]).toEqual([0, 0]);
  });

  test('any cut of a log into fetches and polls gives every record once, in order', () => {
    const batch = fc.record({ count: fc.integer({ min: 0, max: 5 }), gap: fc.nat(3), aborted: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(batch, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
        (plan, sizes) => {
          const expected: number[] = [];
          const log: { bytes: Buffer; end: number; aborted: boolean; base: number }[] = [];
          let at = 0;
          for (const { count, gap, aborted } of plan) {
            const lastOffsetDelta = Math.max(0, count - 1) + gap;
            const bytes = batchBytes({
              baseOffset: at,
              records: values(count),
              lastOffsetDelta,
              producerId: 3,
              transactional: true,
            });
            log.push({ bytes, end: at + lastOffsetDelta + 1, aborted, base: at });
            if (!aborted) for (let i = 0; i < count; i++) expected.push(at + i);
            at += lastOffsetDelta + 1;
            log.push({
              bytes: batchBytes({ baseOffset: at, marker: aborted ? 'abort' : 'commit', producerId: 3 }),
              end: ++at,
              aborted: false,
              base: at - 1,
            });
          }
          const list = log.filter((b) => b.aborted).map((b) => ({ producerId: 3n, firstOffset: b.base }));
          const a = createReadAhead(0);
          const seen: number[] = [];
          const size = (): number => sizes.next().value as number;
          for (let last = -1; a.polled() < at;) {
            const from = log.findIndex((b) => b.end > a.position());
            if (from >= 0) {
              const to = from + size();
              const upper = log[Math.min(to, log.length) - 1].end;
              // The broker names what was aborted in the range that it answers, or began before and ends in or after it.
              a.add(
                Buffer.concat(log.slice(from, to).map((b) => b.bytes)),
                list.filter(
                  (t) =>
                    t.firstOffset < upper &&
                    (log.find((b) => b.base > t.firstOffset)?.end ?? 0) > a.position(),
                ),
              );
            }
            const slice = a.poll(size(), size() * 2);
            expect(Number(slice?.nextOffset)).toBeGreaterThan(last);
            last = Number(slice?.nextOffset);
            seen.push(...(slice?.records.map((r) => r.offset) ?? []));
          }
          expect(seen).toEqual(expected);
          expect(a.bytes()).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
