import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendWords } from '../support/system/load.ts';
import { judge } from '../support/system/judge.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { palindromeVerdict, wordOf } from '../support/system/words.ts';
import { until } from '../support/wait.ts';

let system: System;
beforeAll(async () => {
  system = await openSystem({ processor: { sessionTimeoutMs: '6000', transactionTimeoutMs: '4000' } });
});
afterAll(() => system.stop());

test('a zombie is fenced, and everything is judged once', async () => {
  const edge = await system.edge();
  const zombie = await system.processor();
  const sending = sendWords({ url: () => edge.url, rounds: 80, keys: 200, word: wordOf, pauseMs: 250 });
  await pause(2_000);
  // It owns every task and is in the middle of its slices.
  zombie.child.kill('SIGSTOP');
  await system.processor();
  await pause(11_000);
  zombie.child.kill('SIGCONT');
  const { violations, results } = await judge(system, { sent: await sending, expected: palindromeVerdict });
  expect(violations).toEqual([]);
  expect(results).toBe(80 * 200);
  // It did try, or was told that it is out: either way it says so.
  await until('a word of it', async () => /PRODUCER_FENCED|no longer a member/.test(await zombie.log()));
});
