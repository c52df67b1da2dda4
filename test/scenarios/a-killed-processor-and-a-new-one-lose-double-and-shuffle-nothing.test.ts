import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendWords } from '../support/system/load.ts';
import { judge } from '../support/system/judge.ts';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { someFail, verdictAfter, wordOf } from '../support/system/words.ts';

const KEYS = 1_000;
const ROUNDS = Number(process.env.VERDIKT_SCENARIO_WORDS ?? 10_000) / KEYS;
const ATTEMPTS = 5;

let system: System;
let service: CheckService;

beforeAll(async () => {
  service = await startCheckService(someFail);
  system = await openSystem({
    processor: {
      chain: JSON.stringify(['palindrome', { http: { url: service.url } }]),
      retryMaxAttempts: String(ATTEMPTS),
      retryBaseDelayMs: '100',
      retryMaxDelayMs: '1000',
      deadLetterMax: '100000',
      sessionTimeoutMs: '6000',
    },
  });
});

afterAll(async () => {
  await system.stop();
  await service.stop();
});

test('every id ends exactly once, in order per key, while a processor is killed and one is added', async () => {
  const edge = await system.edge();
  const [, victim] = await Promise.all([system.processor(), system.processor(), system.processor()]);
  let added: Promise<unknown> = Promise.resolve();
  const sent = await sendWords({
    url: () => edge.url,
    rounds: ROUNDS,
    keys: KEYS,
    word: wordOf,
    pauseMs: 200,
    sent: (round) => {
      if (round === Math.floor(ROUNDS * 0.3)) victim.child.kill('SIGKILL');
      if (round === Math.floor(ROUNDS * 0.6)) added = system.processor();
    },
  });
  await added;
  const judgement = await judge(system, { sent, expected: verdictAfter(someFail, ATTEMPTS) });
  expect(judgement.violations).toEqual([]);
  expect(judgement.results + judgement.deadLetters).toBe(ROUNDS * KEYS);
  expect(judgement.deadLetters).toBe(sent.filter((s) => someFail(s.word) >= ATTEMPTS).length);
}, 600_000);
