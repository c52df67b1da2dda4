import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BytePool } from '@verdikt/core/record/byte-pool.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { batchBytes, out } from '@verdikt/test/support/kafka/batches.ts';
import '@verdikt/test/support/wipe-given-back.ts';
import { AnswerBytes, placeOf, type Held } from './answer-bytes.ts';
import { createReadAhead, type ReadAhead } from './read-ahead.ts';

const newPool = (): { pool: BytePool; held: Held } => ({ pool: new BytePool(1 << 20), held: { bytes: 0 } });

describe('the bytes of an answer', () => {
  test('go back once nobody holds them', () => {
    const { pool, held } = newPool();
    const bytes = new AnswerBytes(pool.take(2_000).subarray(4), pool, held);
    bytes.hold();
    bytes.release();
    expect([pool.idleBytes, held.bytes]).toEqual([0, 2_048]);
    bytes.release();
    expect([pool.idleBytes, held.bytes]).toEqual([2_048, 0]);
    expect(() => bytes.release()).toThrow(RangeError);
    expect(() => bytes.hold()).toThrow(RangeError);
  });

  test('are left to the collector where somebody may read on', () => {
    const { pool, held } = newPool();
    const bytes = new AnswerBytes(pool.take(2_000), pool, held);
    bytes.hold();
    bytes.abandon();
    bytes.release();
    expect([pool.idleBytes, held.bytes]).toEqual([0, 0]);
  });

  test('are held for a large part, and for a small one while they may be', () => {
    const { pool, held } = newPool();
    const whole = pool.take(1_000);
    const bytes = new AnswerBytes(whole, pool, held);
    const [small, large] = [whole.subarray(0, 499), whole.subarray(0, 500)];
    expect(placeOf(small, 1_000, bytes, true)).toEqual({ records: small, bytes });
    expect(placeOf(large, 1_000, bytes, false)).toEqual({ records: large, bytes });
    const copied = placeOf(small, 1_000, bytes, false);
    expect([copied.bytes, copied.records.equals(small)]).toEqual([undefined, true]);
    expect([copied.records.buffer.byteLength, copied.records.buffer === whole.buffer]).toEqual([499, false]);
    const tiny = whole.subarray(0, 255);
    expect(placeOf(tiny, 255, bytes, true)).toEqual({ records: tiny, bytes });
    expect(placeOf(tiny, 255, bytes, false).records.buffer.byteLength).toBe(255);
    expect(placeOf(large, 1_000, undefined, true)).toEqual({ records: large, bytes: undefined });
    expect(placeOf(small, 1_000, undefined, true).records.buffer).not.toBe(whole.buffer);
  });
});

const TASKS = 3;
const valueOf = (task: number, offset: number): string => `v${task}-${offset}`;

/** Tasks that read parts of the same answers. */
const newReading = () => {
  const { pool, held } = newPool();
  const aheads = Array.from({ length: TASKS }, () => createReadAhead(0, () => undefined));
  const seen: (readonly InRecord[])[] = aheads.map(() => []);
  /** `sizes`: of the batches of each part. */
  const fetch = (sizes: readonly (readonly number[])[]): void => {
    const parts = sizes.map((list, task) => {
      let next = aheads[task].position();
      return Buffer.concat(
        list.map((count) => {
          const records = Array.from({ length: count }, (_, i) => out(valueOf(task, next + i)));
          next += count;
          return batchBytes({ baseOffset: next - count, records });
        }),
      );
    });
    const whole = pool.take(parts.reduce((n, part) => n + part.length, 0));
    const bytes = new AnswerBytes(whole, pool, held);
    let at = 0;
    parts.forEach((part, task) => {
      part.copy(whole, at);
      aheads[task].add(whole.subarray(at, (at += part.length)), [], bytes);
    });
    bytes.release();
  };
  const poll = (task: number, most: number): void => {
    seen[task] = aheads[task].poll(most, 1 << 20)?.records ?? [];
  };
  return { pool, held, aheads, seen, fetch, poll };
};
const wrong = (seen: readonly (readonly InRecord[])[]): unknown[] =>
  seen.flatMap((records, task) =>
    records
      .map((r) => [r.value?.toString(), valueOf(task, r.offset)])
      .filter(([is, should]) => is !== should),
  );

const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), {
  ...{ minLength: TASKS, maxLength: TASKS },
});
type Step = readonly number[][] | { readonly task: number; readonly most: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  sizes,
  fc.record({ task: fc.nat({ max: TASKS - 1 }), most: fc.integer({ min: 1, max: 9 }) }),
);

describe('a read-ahead that holds answers', () => {
  test('hands out records that stay as they are until its next poll', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { aheads, seen, fetch, poll, held } = newReading();
        for (const s of steps) {
          if ('task' in s) poll(s.task, s.most);
          else fetch(s);
          expect(wrong(seen)).toEqual([]);
        }
        const rest = (a: ReadAhead): boolean => a.poll(100, 1 << 20) !== undefined;
        for (const a of aheads) while (rest(a));
        expect(held.bytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('uses the same bytes again', () => {
    const { pool, seen, fetch, poll } = newReading();
    fetch([[2], [2], [2]]);
    for (const task of [0, 1, 2]) poll(task, 9);
    expect(pool.idleBytes).toBe(0);
    const [{ buffer }] = seen[0];
    for (const task of [0, 1]) poll(task, 9);
    expect(pool.idleBytes).toBe(0);
    poll(2, 9);
    expect(pool.idleBytes).toBe(buffer.buffer.byteLength);
  });

  test('that is closed leaves its answers to the collector', () => {
    const { pool, held, aheads, seen, fetch, poll } = newReading();
    fetch([[2], [2, 2], [2]]);
    poll(1, 3);
    for (const task of [0, 2]) {
      poll(task, 9);
      poll(task, 9);
    }
    const [last] = seen.splice(1, 1);
    aheads[1].close();
    expect([pool.idleBytes, held.bytes]).toEqual([0, 0]);
    expect(last.map((r) => r.value?.toString())).toEqual([0, 1, 2].map((i) => valueOf(1, i)));
  });
});
