import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemId } from '@verdikt/core/record/system.ts';
import { moveOffsets } from '../support/kafka/move-offset.ts';
import { judge } from '../support/system/judge.ts';
import { sendWords } from '../support/system/load.ts';
import { metricsOf } from '../support/system/metrics.ts';
import { untilMany } from '../support/system/operator.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { palindromeVerdict, wordOf } from '../support/system/words.ts';

const KEYS = 200;
const ROUNDS = 20;

let system: System;
beforeAll(async () => {
  system = await openSystem({ partitions: 4 });
});
afterAll(() => system.stop());

interface Offsets {
  readonly tasks: readonly {
    readonly task: number;
    readonly committed: number | null;
    readonly setBy: string | null;
    readonly outputs: number;
    readonly end: number;
    readonly code: string | null;
    readonly complaint: string | null;
  }[];
}

const verdikt = async (...args: string[]): Promise<[number, string]> => {
  const { code, stdout, stderr } = await system.tool(['offsets', ...args]);
  return [code, stdout + stderr];
};
const shown = async (): Promise<[number, Offsets]> => {
  const [code, text] = await verdikt('show', '--json');
  return [code, JSON.parse(text) as Offsets];
};

test('forward, back and past the end: nothing is judged twice or skipped, and the command puts each right', async () => {
  const edge = await system.edge();
  const first = await system.processor();
  const load = { url: () => edge.url, keys: KEYS, rounds: ROUNDS, word: wordOf };
  const sent = await sendWords(load);
  await untilMany(
    'tasks that are done',
    async () => (await shown())[1].tasks.filter((t) => t.committed === t.end),
    4,
  );
  expect((await shown())[0]).toBe(0);
  await first.child.stop(30_000);
  const more = await sendWords({ ...load, word: (key, n) => wordOf(key, ROUNDS + n) });
  sent.push(...more.map((s) => ({ ...s, counter: ROUNDS + s.counter })));

  const before = (await shown())[1].tasks;
  const { brokers, topics, group } = system;
  await moveOffsets(brokers.split(','), systemId(topics.words, group), topics.words, {
    0: 0,
    1: before[1].end,
    2: before[2].outputs - 1,
  });
  const [code, { tasks }] = await shown();
  expect(code).toBe(1);
  expect(tasks.map((t) => [t.setBy, t.code, t.complaint])).toEqual([
    ...[0, 1, 2].map((t) => [
      ...['foreign', 'OFFSET_MOVED'],
      expect.stringContaining(`offsets set --partition ${t} --to ${before[t].outputs}`),
    ]),
    ['commit', null, null],
  ]);

  const second = await system.processor({}, { until: (_, body) => body.includes('OFFSET_MOVED') });
  await untilMany(
    'blocked tasks',
    async () => (await metricsOf(second)).match(/code="OFFSET_MOVED"/g) ?? [],
    3,
  );
  const readyz = await (await fetch(`${second.management}/readyz`)).text();
  expect(readyz).toContain(`offsets set --partition 1 --to ${before[1].outputs}`);
  for (const t of [0, 1, 2]) {
    const [status, text] = await verdikt('set', '--partition', String(t), '--json');
    expect([status, JSON.parse(text)]).toMatchObject([0, { task: t, to: before[t].outputs }]);
  }

  const judgement = await judge(system, { sent, expected: palindromeVerdict });
  expect(judgement).toEqual({ violations: [], results: KEYS * ROUNDS * 2, deadLetters: 0 });
  expect((await shown())[0]).toBe(0);
  expect(await verdikt('set', '--partition', '9')).toEqual([
    1,
    expect.stringContaining('there is no task 9'),
  ]);
  expect(await verdikt('set', '--partition', '0', '--to', '999999999')).toEqual([
    1,
    expect.stringContaining('the log has offsets 0 to'),
  ]);
});
