import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKafka, type LocalKafka } from '@verdikt/local/kafka.ts';
import { sendWords } from '../support/system/load.ts';
import { judge } from '../support/system/judge.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { palindromeVerdict, wordOf } from '../support/system/words.ts';

const AWAY_MS = Number(process.env.VERDIKT_SCENARIO_AWAY_MS ?? 30_000);

let kafka: LocalKafka;
let system: System;
beforeAll(async () => {
  // A broker of its own: the others go on.
  kafka = await startKafka();
  system = await openSystem({ brokers: kafka.brokers.join(',') });
});
afterAll(async () => {
  await system.stop();
  await kafka.stop();
});

test('the same processes go on by themselves once it is back', async () => {
  const edge = await system.edge();
  const processors = await Promise.all([system.processor(), system.processor()]);
  let outage: Promise<void> = Promise.resolve();
  const sent = await sendWords({
    url: () => edge.url,
    rounds: 40,
    keys: 250,
    word: wordOf,
    pauseMs: 150,
    sent: (round) => {
      if (round !== 15) return;
      outage = (async () => {
        await kafka.kill('SIGKILL');
        await pause(AWAY_MS);
        await kafka.restart();
      })();
    },
  });
  await outage;
  const { violations, results } = await judge(system, { sent, expected: palindromeVerdict });
  expect(violations).toEqual([]);
  expect(results).toBe(40 * 250);
  expect([edge, ...processors].map((p) => p.child.exit())).toEqual([undefined, undefined, undefined]);
}, 400_000);
