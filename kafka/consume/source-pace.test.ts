import { afterEach, expect, test } from '@jest/globals';
import type { WatchedSource } from '@verdikt/core/ports/source.ts';
import { batchBytes, out } from '@verdikt/test/support/kafka/batches.ts';
import { createFakeLink, fetchAnswer, settle, type FakeLink } from '@verdikt/test/support/kafka/fake-link.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { createSource } from './source.ts';

const FETCH = 1;
let source: WatchedSource;
let link: FakeLink;
let clock: ManualClock;
/** How far the clock of the machine was set back. */
let back: number;

const start = (): void => {
  clock = manualClock();
  back = 0;
  link = createFakeLink([1]);
  const { after } = clock;
  source = createSource({
    link,
    topic: 't',
    clock: { now: () => clock.now() - back, after },
    leastFetchMs: 10,
  });
  source.open(0, 0n, () => undefined);
};
const answered = async (offset: number): Promise<void> => {
  const records = batchBytes({ baseOffset: offset, records: [out('x')] });
  (await link.next(FETCH)).answer(fetchAnswer([{ partition: 0, records }]));
  await settle();
};
afterEach(async () => {
  await source.stop();
  clock.advance(10);
});

test('a broker is not asked again before its time, counted from when it was asked', async () => {
  start();
  await answered(0);
  expect(link.waiting).toEqual([]);
  clock.advance(9);
  await settle();
  expect(link.waiting).toEqual([]);
  clock.advance(1);
  await settle();
  expect(link.waiting).toHaveLength(1);
  // What comes later than that is followed by the next fetch at once.
  clock.advance(10);
  await answered(1);
  expect(link.waiting).toHaveLength(1);
});

test('a clock that is set back does not hold it up', async () => {
  start();
  await settle();
  back = 3_600_000;
  await answered(0);
  clock.advance(10);
  await settle();
  expect(link.waiting).toHaveLength(1);
});
