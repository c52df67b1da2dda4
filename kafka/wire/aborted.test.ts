import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchBytes, out } from '@verdikt/test/support/kafka/batches.ts';
import { committedBatches, type AbortedTransaction } from './aborted.ts';
import { readRecordSet } from './batch-reader.ts';

/** Ids that only differ where a number is no longer exact: a broker may draw them from all of 63 bits. */
const idOf = (name: string): bigint => 0x7fff_ffff_ffff_0000n + BigInt(name.charCodeAt(0));

/** A log of one record per batch: `A` writes, `A-` aborts, `A+` commits, `.` is written without a transaction. */
const log = (steps: string): Buffer => {
  const batches = steps.split(' ').map((step, baseOffset) => {
    const producerId = idOf(step);
    if (step === '.') return batchBytes({ baseOffset, records: [out('.')] });
    if (step.endsWith('-')) return batchBytes({ baseOffset, marker: 'abort', producerId });
    if (step.endsWith('+')) return batchBytes({ baseOffset, marker: 'commit', producerId });
    return batchBytes({ baseOffset, records: [out(step)], producerId, transactional: true });
  });
  return Buffer.concat(batches);
};
const aborted = (...list: [string, number][]): AbortedTransaction[] =>
  list.map(([name, firstOffset]) => ({ producerId: idOf(name), firstOffset }));
const seen = (set: Buffer, list: readonly AbortedTransaction[], from = 0): string[] =>
  readRecordSet(set, from, list).records.map((r) => `${r.offset}${r.value}`);

describe('read_committed', () => {
  test('the list comes in order of completion, not of first offset', () => {
    // B ends first, so the broker names it first. Taking the list in that order lets offsets 0 and 1 through.
    const set = log('A A B A . B- A- C');
    expect(seen(set, aborted(['B', 2], ['A', 0]))).toEqual(['4.', '7C']);
  });

  test('several transactions may be open where the fetch begins', () => {
    const set = log('A B . B A A- B- .');
    expect(seen(set, aborted(['A', 0], ['B', 1]), 3)).toEqual(['7.']);
  });

  test('a record with the key of an abort marker ends nothing', () => {
    const key = Buffer.from([0, 0, 0, 0]);
    const set = Buffer.concat([
      batchBytes({ baseOffset: 0, records: [out('x', { key })], producerId: idOf('A'), transactional: true }),
      batchBytes({ baseOffset: 1, records: [out('y')], producerId: idOf('A'), transactional: true }),
      batchBytes({ baseOffset: 2, marker: 'abort', producerId: idOf('A') }),
    ]);
    expect(seen(set, aborted(['A', 0]))).toEqual([]);
    expect(seen(set, [])).toEqual(['0x', '1y']);
  });

  test('one producer aborts, commits and aborts again', () => {
    expect(seen(log('A A- A A+ A A- A'), aborted(['A', 0], ['A', 4]))).toEqual(['2A', '6A']);
  });

  test('the marker of another producer, and a commit marker, end no abort', () => {
    expect(seen(log('A B B- A A+ A'), aborted(['A', 0], ['B', 1]))).toEqual([]);
  });

  test('without a transaction a record is visible whatever its producer aborts', () => {
    const set = Buffer.concat([
      batchBytes({ baseOffset: 0, records: [out('t')], producerId: idOf('A'), transactional: true }),
      batchBytes({ baseOffset: 1, records: [out('n')], producerId: idOf('A') }),
      batchBytes({ baseOffset: 2, marker: 'abort', producerId: idOf('A') }),
    ]);
    expect(seen(set, aborted(['A', 0]))).toEqual(['1n']);
  });

  test('against a model that knows the fate of every transaction, from any fetch offset and list order', () => {
    const step = fc.tuple(
      fc.bigInt(0n, 3n),
      fc.constantFrom('write', 'write', 'write', 'plain', 'commit', 'abort'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), fc.integer(), (steps, at, seed) => {
        // The history: what each producer has open, and the fate of each record once it is known.
        const open = new Map<bigint, number[]>();
        const fate = new Map<number, boolean>();
        const completed: AbortedTransaction[] = [];
        const ends: number[] = [];
        const batches: Parameters<typeof committedBatches>[0][number][] = [];
        for (const [producerId, kind] of steps) {
          const lastOffset = batches.length;
          const mine = open.get(producerId) ?? [];
          if (kind === 'write') {
            open.set(producerId, [...mine, lastOffset]);
            batches.push({ lastOffset, producerId, transactional: true, marker: undefined });
          } else if (kind === 'plain') {
            fate.set(lastOffset, true);
            batches.push({ lastOffset, producerId: -1n, transactional: false, marker: undefined });
          } else if (mine.length > 0) {
            for (const offset of mine) fate.set(offset, kind === 'commit');
            open.delete(producerId);
            batches.push({
              lastOffset,
              producerId,
              transactional: true,
              marker: kind === 'abort' ? 'abort' : 'commit',
            });
            if (kind === 'abort') {
              completed.push({ producerId, firstOffset: mine[0] });
              ends.push(lastOffset);
            }
          }
        }
        // Most histories are complete, else hardly anything lies below the first open record.
        if (seed % 4 !== 0)
          for (const [producerId, mine] of open) {
            for (const offset of mine) fate.set(offset, false);
            completed.push({ producerId, firstOffset: mine[0] });
            ends.push(batches.length);
            batches.push({ lastOffset: batches.length, producerId, transactional: true, marker: 'abort' });
          }
        if (seed % 4 !== 0) open.clear();
        // A read_committed fetch goes up to the first record that is still open.
        const stable = Math.min(batches.length, ...[...open.values()].map((o) => o[0]));
        const from = Math.min(at, stable);
        const list = completed.filter((a, i) => ends[i] >= from && a.firstOffset < stable);
        if (seed % 3 === 0) list.reverse();
        const visible = committedBatches(batches.slice(from, stable), list).map((b) => b.lastOffset);
        const expected = [...fate].filter(([o, ok]) => ok && o >= from && o < stable).map(([o]) => o);
        expect(visible).toEqual(expected.sort((a, b) => a - b));
      }),
      { numRuns: 2_000 },
    );
  });
});
