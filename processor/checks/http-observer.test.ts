import { expect, test } from '@jest/globals';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { createHttpCheck } from './http.ts';
import { fetchTransport } from './http-transport.ts';

/** Every call takes 250 ms of this clock. */
const setUp = (status: () => number) => {
  let now = 1_000_000;
  const told: unknown[] = [];
  const clock: Clock = { now: () => now, after: () => () => undefined };
  const fetch = (): Promise<Response> => {
    now += 250;
    return Promise.resolve(new Response('{"answer":true}', { status: status() }));
  };
  const options = { timeoutMs: 5000, maxResponseBytes: 100, concurrency: 4, breakerHalfOpenMs: 20 };
  const unused = {
    ...{
      keepAliveMs: 4000,
      connectionMaxMs: 60_000,
      publicAddressesOnly: false,
      batchMax: 1,
      batchWaitMs: 0,
    },
  };
  const check = createHttpCheck(
    { name: 'shop', url: 'http://host/', breakerFailures: 2, ...options, ...unused },
    {
      transport: fetchTransport('http://host/', fetch),
      clock,
      observer: {
        called: (name, seconds) => told.push([name, seconds]),
        circuit: (name, state) => told.push([name, state]),
      },
    },
  );
  const pass = (ms: number): void => void (now += ms);
  return { told, pass, run: async () => (await check.run({ word: 'w', id: 'i', attempt: 1 })).kind };
};

test('calls are told with their time, and the circuit when it opens, tries and closes', async () => {
  let status = 503;
  const { told, pass, run } = setUp(() => status);
  expect([await run(), await run(), await run()]).toEqual(['retry', 'retry', 'wait']);
  status = 200;
  pass(19);
  expect(await run()).toBe('wait');
  pass(1);
  expect(await run()).toBe('pass');
  expect(told).toEqual([
    ['shop', 'closed'],
    ['shop', 0.25],
    ['shop', 0.25],
    ['shop', 'open'],
    ['shop', 'half-open'],
    ['shop', 0.25],
    ['shop', 'closed'],
  ]);
});
