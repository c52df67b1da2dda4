import { afterEach, expect, test } from '@jest/globals';
import { BytePool } from '@verdikt/core/record/byte-pool.ts';
import type { WatchedSource } from '@verdikt/core/ports/source.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { batchBytes, out } from '@verdikt/test/support/kafka/batches.ts';
import {
  createFakeLink,
  fetchAnswer,
  settle,
  type FakeLink,
  type FetchPart,
} from '@verdikt/test/support/kafka/fake-link.ts';
import { createSource } from './source.ts';

const FETCH = 1;
const MiB = 1024 * 1024;
const TASKS = [0, 1, 2];
let source: WatchedSource;
let link: FakeLink;
let pool: BytePool;
afterEach(() => source.stop());

/** Answers the next fetch, as if it came over a connection with the pool. */
const answer = async (parts: readonly FetchPart[]): Promise<void> => {
  const raw = fetchAnswer(parts);
  const lent = pool.take(raw.length + 4).subarray(4, 4 + raw.length);
  raw.copy(lent);
  (await link.next(FETCH)).answer(lent);
  await settle();
};
/** All tasks are opened, and in the next fetch. */
const start = async (fetchBytes: number, mostIdle = MiB): Promise<void> => {
  pool = new BytePool(mostIdle);
  link = createFakeLink(TASKS.map(() => 1));
  source = createSource({ ...{ link, pool, fetchBytes }, topic: 't', clock: manualClock() });
  for (const task of TASKS) source.open(task, 0n, () => undefined);
  await settle();
  await answer([]);
};
const parts = (from: number, count: number, size: number): FetchPart[] =>
  TASKS.map((partition) => {
    const values = Array.from({ length: count }, (_, i) => out(`${from + i}`.repeat(size)));
    return { partition, records: batchBytes({ baseOffset: from, records: values }) };
  });
const read = (task: number): (string | undefined)[] | undefined =>
  source.poll(task, 1_000, 1e9)?.records.map((r) => r.value?.toString());

test('an answer goes back once all of it was read', async () => {
  await start(10_000);
  const { idleBytes } = pool;
  await answer(parts(0, 2, 3));
  expect(pool.idleBytes).toBe(0);
  for (const task of TASKS) expect(read(task)).toEqual(['000', '111']);
  for (const task of [0, 1]) expect(read(task)).toBeUndefined();
  expect(pool.idleBytes).toBe(0);
  expect(read(2)).toBeUndefined();
  expect(pool.idleBytes).toBe(idleBytes);
});

test('an answer without records goes back at once', async () => {
  await start(10_000);
  expect(pool.idleBytes).toBe(1_024);
  await answer(TASKS.map((partition) => ({ partition })));
  expect(pool.idleBytes).toBe(1_024);
});

test('a task that is closed leaves its answers alone, the others give theirs back', async () => {
  await start(10_000);
  await answer(parts(0, 2, 3));
  source.close(0);
  for (const task of [1, 2]) expect([read(task), read(task)]).toEqual([['000', '111'], undefined]);
  expect(pool.idleBytes).toBe(0);
  await answer(parts(2, 2, 3).slice(1));
  for (const task of [1, 2]) expect([read(task), read(task)]).toEqual([['222', '333'], undefined]);
  expect(pool.idleBytes).toBe(1_024);
});

test('small parts are copied while too many answers are held', async () => {
  await start(1_024);
  for (let n = 0; n < 5; n++) {
    await answer(parts(n, 1, 100));
    expect(pool.idleBytes).toBe(0);
  }
  await answer(parts(5, 1, 100));
  expect(pool.idleBytes).toBe(1_024);
  for (const task of TASKS)
    expect(read(task)).toEqual(Array.from({ length: 6 }, (_, n) => `${n}`.repeat(100)));
});

test('answers with a single small record do not each keep a whole buffer', async () => {
  await start(1_024);
  const one = (n: number): FetchPart[] => [
    { partition: 0, records: batchBytes({ baseOffset: n, records: [out(`${n}`)] }) },
  ];
  for (let n = 0; n < 5; n++) {
    await answer(one(n));
    expect(pool.idleBytes).toBe(0);
  }
  await answer(one(5));
  expect(pool.idleBytes).toBe(1_024);
  expect(read(0)).toEqual(Array.from({ length: 6 }, (_, n) => `${n}`));
});

test('large fetches do not let more be held', async () => {
  await start(64 * MiB, 8 * MiB);
  // Answers like any other, but for their buffers.
  for (const n of [0, 1]) {
    const raw = fetchAnswer(parts(n, 1, 1));
    const lent = pool.take(8 * MiB).subarray(0, raw.length);
    raw.copy(lent);
    (await link.next(FETCH)).answer(lent);
    await settle();
    expect(pool.idleBytes >= 8 * MiB).toBe(n === 1);
  }
  for (const task of TASKS) expect(read(task)).toEqual(['0', '1']);
});
