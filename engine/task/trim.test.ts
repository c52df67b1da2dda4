import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { trimRetry } from './trim.ts';

const setup = () => {
  const clock = manualClock();
  const log = { end: 11, cut: [] as number[], wanted: true, broken: false };
  const trimmer = {
    trim: (_: string, __: number, offset: number) =>
      log.broken ? Promise.reject(new Error('no broker')) : Promise.resolve(void log.cut.push(offset)),
  };
  const trimmed = trimRetry(
    {
      ...{ topic: 'retry', task: 3, clock, log: silentLog, trimmer, wanted: () => log.wanted },
      logs: { bounds: () => Promise.resolve({ start: 0, end: log.end }) },
    },
    9,
    12,
  );
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i += 100) {
      clock.advance(100);
      await turn();
    }
  };
  return { log, trimmed, pass };
};

test('the retry partition is cut once the end of the transaction is there', async () => {
  const { log, trimmed, pass } = setup();
  await pass(5_000);
  expect(log.cut).toEqual([]);
  log.end = 12;
  await pass(1_000);
  expect(await trimmed).toBe(true);
  expect(log.cut).toEqual([9]);
});

test('it is left alone when the task begins again before that', async () => {
  const { log, trimmed, pass } = setup();
  log.wanted = false;
  await pass(1_000);
  log.end = 12;
  expect(await trimmed).toBe(false);
  expect(log.cut).toEqual([]);
});

test('one that cannot be cut is left alone for ten seconds', async () => {
  const { log, trimmed, pass } = setup();
  Object.assign(log, { end: 12, broken: true });
  let done = false;
  void trimmed.then(() => (done = true));
  await pass(9_000);
  expect(done).toBe(false);
  await pass(2_000);
  expect(await trimmed).toBe(false);
});
