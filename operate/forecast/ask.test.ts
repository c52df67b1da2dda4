import { expect, test } from '@jest/globals';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import { FORECAST_MAX_BYTES, type ForecastLetter } from '@verdikt/core/service/forecast.ts';
import type { Asked } from '../status/processors.ts';
import { createProcessorAsk, type Post } from './ask.ts';

type Answer = Awaited<ReturnType<Post>> | Error;
const SYSTEM = 'words/verdikt';
const letter = (bytes = 1): ForecastLetter => {
  const value = Buffer.alloc(bytes);
  const record = makeRecord({ offset: 1, timestamp: 1, key: null, value, headers: [] });
  return { record, id: 'i', redrive: 0 };
};
const pass = { outcome: 'pass', accepted: true } as const;
const made = (letters: number, more: object = {}): Answer => ({
  status: 200,
  body: {
    ...{ system: SYSTEM, checks: ['palindrome'], notRun: null },
    forecasts: Array.from({ length: letters }, () => pass),
    ...more,
  },
});
const processor = (name: string, tasks: number): Asked => ({
  ...{ url: `http://${name}:1`, member: name, problem: undefined },
  status: {
    ...{ version: '1', system: SYSTEM, at: 1, joined: true, grown: [] },
    tasks: Array.from({ length: tasks }, (_, task) => ({ task, phase: 'running' as const })),
  },
});
const away: Asked = {
  ...{ url: undefined, member: 'm', status: undefined, problem: 'it does not tell its management port' },
};

const bench = (
  processors: readonly Asked[],
  answers: (host: string, n: number, letters: number) => Answer,
  until = 10_000,
) => {
  const asked: string[] = [];
  const bytes: number[] = [];
  let now = 0;
  const { ask, ran } = createProcessorAsk({
    ...{ processors, system: SYSTEM, token: 't', allChecks: true, until },
    pace: { now: () => now, pause: (ms) => Promise.resolve(void (now += ms)) },
    post: (url, body, token, withinMs) => {
      const { host, pathname } = new URL(url);
      expect([pathname, token, withinMs > 0]).toEqual(['/forecast', 't', true]);
      bytes.push(body.length);
      asked.push(host);
      const { letters } = JSON.parse(body) as { letters: unknown[] };
      const answer = answers(host, asked.length, letters.length);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { ask, ran, asked, bytes };
};

test('asks the processor that has tasks, and tells what it ran', async () => {
  const b = bench([processor('a', 0), processor('b', 2)], (_, __, n) => made(n, { notRun: 'rules' }));
  expect(await b.ask([letter(), letter()])).toEqual([pass, pass]);
  expect(b.asked).toEqual(['b:1']);
  expect(b.ran()).toEqual({ checks: ['palindrome'], notRun: 'rules' });
});

test.each<[string, Answer]>([
  ['does not answer', new Error('ECONNREFUSED')],
  ['has another token', { status: 401, body: { problem: 'who?' } }],
  ['is older', { status: 404, body: undefined }],
  ['is of another system', made(1, { system: 'others/verdikt' })],
  ['makes too few', made(0)],
  ['makes no forecasts', { status: 200, body: {} }],
])('one that %s is left out from then on', async (_, answer) => {
  const b = bench([processor('a', 2), processor('b', 1)], (host, __, n) =>
    host === 'a:1' ? answer : made(n),
  );
  await b.ask([letter()]);
  expect(await b.ask([letter()])).toEqual([pass]);
  expect(b.asked).toEqual(['a:1', 'b:1', 'b:1']);
});

test('one that others ask is asked again, until the time is over', async () => {
  const busy = { status: 503, body: { problem: 'another question is being answered' } };
  const b = bench([processor('a', 1)], (_, n, letters) => (n < 4 ? busy : made(letters)));
  expect(await b.ask([letter()])).toEqual([pass]);
  expect(b.asked).toHaveLength(4);
  const never = bench([processor('a', 1)], () => busy, 1_000);
  await expect(never.ask([letter()])).rejects.toMatchObject({
    code: 'PROCESSORS_AWAY',
    message: 'No processor makes a forecast: http://a:1: it has no answer in time.',
  });
  expect(never.asked).toHaveLength(5);
});

test('while others ask one, the next one is asked', async () => {
  const busy = { status: 503, body: { problem: 'another question is being answered' } };
  const b = bench([processor('a', 2), processor('b', 1)], (host, __, n) => (host === 'a:1' ? busy : made(n)));
  expect([await b.ask([letter()]), await b.ask([letter()])]).toEqual([[pass], [pass]]);
  expect(b.asked).toEqual(['a:1', 'b:1', 'b:1']);
});

test('when none answers, each says why', async () => {
  const b = bench([away, processor('a', 1)], () => ({ status: 403, body: { problem: 'no token' } }));
  await expect(b.ask([letter()])).rejects.toMatchObject({
    code: 'PROCESSORS_AWAY',
    message: 'No processor makes a forecast: m: it does not tell its management port; http://a:1: no token.',
  });
  await expect(bench([], () => made(1)).ask([letter()])).rejects.toThrow('the group has no members');
});

test('large letters are asked about in several questions, and one that is too large not at all', async () => {
  const b = bench([processor('a', 1)], (_, __, n) => made(n));
  const third = FORECAST_MAX_BYTES / 4;
  const forecasts = await b.ask([letter(third), letter(third), letter(FORECAST_MAX_BYTES), letter(third)]);
  expect(forecasts).toMatchObject([pass, pass, { outcome: 'unknown', reason: 'too-large' }, pass]);
  expect(b.asked).toHaveLength(2);
  expect(Math.max(...b.bytes)).toBeLessThanOrEqual(FORECAST_MAX_BYTES);
});
