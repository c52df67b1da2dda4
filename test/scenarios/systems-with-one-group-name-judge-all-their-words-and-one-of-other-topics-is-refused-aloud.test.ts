import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { judge } from '../support/system/judge.ts';
import { sendWords, type Sent } from '../support/system/load.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { palindromeVerdict, wordOf } from '../support/system/words.ts';

const KEYS = 100;
const ROUNDS = 10;

let systems: System[];

beforeAll(async () => {
  systems = [await openSystem({ partitions: 2 }), await openSystem({ partitions: 2 })];
});

afterAll(async () => {
  for (const system of systems) await system.stop();
});

const send = async (system: System): Promise<Sent[]> => {
  const edge = await system.edge();
  return sendWords({ url: () => edge.url, rounds: ROUNDS, keys: KEYS, word: wordOf, pauseMs: 100 });
};

const readyz = async (management: string): Promise<[number, string]> => {
  const answer = await fetch(`${management}/readyz`);
  return [answer.status, await answer.text()];
};

test('two systems judge everything; a processor without tasks says who has them; one of other topics says GROUP_TAKEN', async () => {
  const [one, two] = systems;
  expect(one.group).toBe(two.group);
  await Promise.all([one.processor(), one.processor(), two.processor()]);
  const loads = Promise.all([send(one), send(two)]);

  const third = await one.processor({}, { until: (_, body) => body.includes('standing by') });
  expect(await readyz(third.management)).toEqual([
    200,
    'ok, standing by: 2 other processors of this system hold all 2 tasks\n',
  ]);

  const intruder = await one.processor(
    { resultTopic: two.topics.results },
    { until: (_, body) => body.includes('GROUP_TAKEN') },
  );
  const [status, why] = await readyz(intruder.management);
  expect(status).toBe(503);
  for (const text of [
    'GROUP_TAKEN',
    `${one.topics.words}/${one.group}`,
    one.topics.results,
    two.topics.results,
  ])
    expect(why).toContain(text);
  expect(await intruder.log()).toMatch(/"level":"?(error|50)"?.*GROUP_TAKEN/);

  const sent = await loads;
  for (const [i, system] of systems.entries()) {
    const judgement = await judge(system, { sent: sent[i], expected: palindromeVerdict });
    expect(judgement).toEqual({ violations: [], results: KEYS * ROUNDS, deadLetters: 0 });
  }
  expect((await readyz(intruder.management))[0]).toBe(503);
});
