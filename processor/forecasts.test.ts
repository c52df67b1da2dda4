import { expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import { letterText, questionText } from '@verdikt/core/service/forecast.ts';
import type { Forecaster } from './checks/forecast.ts';
import { createForecasts } from './forecasts.ts';

const TOKEN = 'a-token-that-is-long';
const record = makeRecord({ offset: 1, timestamp: 1, key: null, value: Buffer.from('v'), headers: [] });
const question = (all: boolean): unknown =>
  JSON.parse(questionText(all, [letterText({ record, id: 'i', redrive: 0 })]));

const bench = (token?: string) => {
  const opened: boolean[] = [];
  const closed: boolean[] = [];
  let fails: Error | undefined;
  const forecasts = createForecasts({
    ...{ system: 'words/verdikt', token },
    open: (all) => {
      opened.push(all);
      if (fails !== undefined) return Promise.reject(fails);
      const forecaster: Forecaster = {
        ask: (letters) => Promise.resolve(letters.map(() => ({ outcome: 'pass', accepted: all }))),
        ...{ checks: all ? ['palindrome', 'rules'] : ['palindrome'], notRun: all ? undefined : 'rules' },
        close: () => Promise.resolve(void closed.push(all)),
      };
      return Promise.resolve(forecaster);
    },
  });
  return { forecasts, opened, closed, fail: (e: Error | undefined) => (fails = e) };
};

test('without a token everybody may ask, but not for checks that ask services', async () => {
  const { forecasts, opened } = bench();
  expect(forecasts.refuse(undefined)).toBeUndefined();
  expect(await forecasts.answer(question(false))).toEqual([
    200,
    {
      ...{ system: 'words/verdikt', checks: ['palindrome'], notRun: 'rules' },
      forecasts: [{ outcome: 'pass', accepted: false }],
    },
  ]);
  expect((await forecasts.answer(question(true)))[0]).toBe(403);
  expect(opened).toEqual([false]);
});

test('with a token only who gives it is answered, and all checks may be run', async () => {
  const { forecasts } = bench(TOKEN);
  for (const wrong of [undefined, '', `${TOKEN}x`]) expect(forecasts.refuse(wrong)?.[0]).toBe(401);
  expect(forecasts.refuse(TOKEN)).toBeUndefined();
  expect(await forecasts.answer(question(true))).toMatchObject([200, { notRun: null }]);
});

test('a chain is begun with the first question, kept, and ended with the processor', async () => {
  const { forecasts, opened, closed } = bench(TOKEN);
  for (const all of [false, true, false, true]) await forecasts.answer(question(all));
  expect([opened, closed]).toEqual([[false, true], []]);
  await forecasts.close();
  expect(closed).toEqual([false, true]);
  expect((await forecasts.answer(question(false)))[0]).toBe(503);
  expect(opened).toHaveLength(2);
});

test('a chain that cannot be begun is said, and begun again later', async () => {
  const { forecasts, fail } = bench();
  fail(new ServiceError('CONFIG_INVALID', 'chain/0: no such file'));
  expect(await forecasts.answer(question(false))).toEqual([
    ...[500, { problem: 'the chain cannot be begun: chain/0: no such file' }],
  ]);
  fail(undefined);
  expect((await forecasts.answer(question(false)))[0]).toBe(200);
  await forecasts.close();
});

test('what is no question is refused', async () => {
  expect(await bench().forecasts.answer({ letters: [] })).toEqual([
    ...[400, { problem: 'it is no question for forecasts' }],
  ]);
});
