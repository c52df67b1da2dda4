import { expect, test } from '@jest/globals';
import { initAnswer, createFakeLink, settle } from '@verdikt/test/support/kafka/fake-link.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { createTransactions } from './transaction.ts';

const INIT = 22;
const CONCURRENT = 51;

test('a coordinator that still waits for an older transaction is doubted every five seconds, and its answer taken', async () => {
  const clock = manualClock();
  const link = createFakeLink([1]);
  const { fence } = createTransactions({ openLink: () => link, group: 'g', words: 'words', clock });
  const fencing = fence(0);
  /** For so long the same answer to each try. */
  const wait = async (ms: number): Promise<number> => {
    for (const until = clock.now() + ms; clock.now() < until; clock.advance(50)) {
      (await link.next(INIT)).answer(initAnswer(-1, -1, CONCURRENT));
      await settle();
    }
    return link.doubted;
  };
  expect([await wait(4_900), await wait(500), await wait(4_000), await wait(1_500)]).toEqual([0, 1, 1, 2]);
  (await link.next(INIT)).answer(initAnswer(7, 3));
  const writer = await fencing;
  await writer.close();
  expect(link.closed).toBe(true);
});
