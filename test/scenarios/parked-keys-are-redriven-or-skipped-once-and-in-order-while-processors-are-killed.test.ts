import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import type { Expected } from '../engine/facts.ts';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import type { SeenRecord } from '../support/system/console-reader.ts';
import { createEnds } from '../support/system/ends.ts';
import { sendWords } from '../support/system/load.ts';
import {
  commandFor,
  openOperator,
  untilMany,
  type Operator,
  type Placed,
} from '../support/system/operator.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { verdictAfter, wordOf } from '../support/system/words.ts';

const KEYS = 200;
const ROUNDS = Math.ceil(Number(process.env.VERDIKT_SCENARIO_WORDS ?? 4_000) / KEYS);
const ATTEMPTS = 2;
/** Of the keys that are parked: these are redriven once, these twice, these skipped. */
const [ONCE, TWICE, SKIPPED] = [5, 5, 10];
const PARKED = ONCE + TWICE + SKIPPED;
const BAD_ROUND = 2;

const bad = (from: number, n: number): string[] =>
  Array.from({ length: n }, (_, i) => wordOf(`key-${from + i}`, BAD_ROUND));
const failing = new Set(bad(0, PARKED));
const wordsOf = { once: bad(0, ONCE), twice: bad(ONCE, TWICE), skipped: bad(ONCE + TWICE, SKIPPED) };

let system: System;
let service: CheckService;
let operator: Operator;

beforeAll(async () => {
  service = await startCheckService((word) => (failing.has(word) ? 1_000 : 0));
  system = await openSystem({
    partitions: 6,
    processor: {
      chain: JSON.stringify(['palindrome', { http: { url: service.url } }]),
      onDeadLetter: 'park',
      retryMaxAttempts: String(ATTEMPTS),
      retryBaseDelayMs: '100',
      retryMaxDelayMs: '1000',
      deadLetterMax: '100000',
      sessionTimeoutMs: '6000',
    },
  });
  operator = await openOperator(system);
});

afterAll(async () => {
  await operator.stop();
  await system.stop();
  await service.stop();
});

const idOf = (r: Placed): string => r.record.headerText(H.id) ?? '';
const seen = ({ partition, record: r }: Placed): SeenRecord => ({
  ...{ partition, offset: r.offset, timestamp: r.timestamp, key: String(r.key), value: String(r.value) },
  headers: new Map(r.headers().map(([name, value]) => [name, String(value)])),
});

const expected = (word: string): Expected =>
  wordsOf.skipped.includes(word)
    ? { kind: 'dead-letter', reason: 'http-5xx', attempts: ATTEMPTS }
    : verdictAfter(() => 0, ATTEMPTS)(word);

test('order and exactly once hold through redrives and skips of parked keys', async () => {
  const edge = await system.edge();
  const [victim, second] = await Promise.all([system.processor(), system.processor()]);
  const replace = async (killed: typeof victim): Promise<typeof victim> => {
    killed.child.kill('SIGKILL');
    return system.processor();
  };
  let replacing: Promise<typeof victim> | undefined;
  const sent = await sendWords({
    url: () => edge.url,
    rounds: ROUNDS,
    keys: KEYS,
    word: wordOf,
    pauseMs: 100,
    sent: (round) => {
      if (round === Math.floor(ROUNDS / 2)) replacing = replace(victim);
    },
  });
  const third = await replacing;
  const ids = (words: readonly string[]): Set<string> =>
    new Set(sent.filter((s) => words.includes(s.word)).map((s) => s.id));
  const [once, twice, skipped] = [ids(wordsOf.once), ids(wordsOf.twice), ids(wordsOf.skipped)];

  // The dependency is fixed for some; then each command is sent twice, between wrong ones, and an owner dies at once.
  const parked = await untilMany('parked', () => operator.parked(0), PARKED);
  expect(new Set(parked.map(idOf))).toEqual(new Set([...once, ...twice, ...skipped]));
  for (const word of wordsOf.once) failing.delete(word);
  const commands = parked.flatMap((p) => {
    const right = commandFor(p, skipped.has(idOf(p)) ? 'skip' : 'redrive');
    const wrong = commandFor(p, 'redrive', { redrive: 3 });
    return [wrong, right, right];
  });
  await operator.send(commands);
  await replace(second);
  await untilMany('answers', operator.answers, commands.length);
  const again = await untilMany('parked again', () => operator.parked(1), TWICE);
  for (const word of wordsOf.twice) failing.delete(word);
  await operator.send(again.map((p) => commandFor(p, 'redrive')));
  if (third !== undefined) await replace(third);
  const answers = await untilMany('answers', operator.answers, commands.length + TWICE);
  const results = await untilMany(
    'results',
    () => operator.read(system.topics.results),
    sent.length - SKIPPED,
  );

  const count = (name: string): number => answers.filter((a) => a.result === name).length;
  expect([count('applied'), count('duplicate'), count('stale'), count('refused')]).toEqual([
    ...[PARKED + TWICE, PARKED, PARKED, 0],
  ]);
  expect(answers).toHaveLength(commands.length + TWICE);

  const redrives = (id: string): number => (once.has(id) ? 1 : twice.has(id) ? 2 : 0);
  const ends = createEnds(
    sent.map((s) => ({ ...s, redrive: redrives(s.id), inOrder: true })),
    expected,
  );
  for (const r of results) ends.result(seen(r));
  const letters = await operator.read(system.topics.deadLetters);
  for (const r of letters) ends.deadLetter(seen(r));
  expect(ends.violations()).toEqual([]);
  expect(letters).toHaveLength(PARKED + TWICE + SKIPPED);
}, 600_000);
