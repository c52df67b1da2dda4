import { expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { ServiceError } from '@verdikt/core/errors.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { startTask } from './task.ts';

type Deps = Parameters<typeof startTask>[0];

/** A task whose fence fails as told, and what it logs. */
const failing = (owns = true) => {
  const logged: unknown[][] = [];
  const clock = manualClock();
  const fence = { reject: (_: Error): void => undefined, tries: 0 };
  const task = startTask({
    ...{ task: 3, clock, random: () => 0.999 },
    transactions: {
      fence: () => {
        fence.tries++;
        return new Promise<never>((_, reject) => (fence.reject = reject));
      },
    },
    ...{ source: { close: () => undefined }, control: { close: () => undefined } },
    ...{ pace: { join: () => ({}) }, owns: () => Promise.resolve(owns), events: { failed: () => undefined } },
    log: { ...silentLog, warn: (...line: unknown[]) => void logged.push(line) },
  } as unknown as Deps);
  const fail = async (error: Error): Promise<void> => {
    fence.reject(error);
    await turn();
  };
  return { task, clock, logged, fence, fail };
};

test('a failure is told with the time of the next try, without a stack', async () => {
  const { task, clock, logged, fence, fail } = failing();
  const lost = new ServiceError('OFFSET_LOST', 'They are gone.', { origins: [7] });
  await fail(lost);
  await turn();
  clock.advance(100);
  await turn();
  expect(fence.tries).toBe(2);
  await fail(new ServiceError('BROKER_UNAVAILABLE', 'no broker answers', {}, new Error('refused')));
  expect(logged).toEqual([
    [
      { task: 3, action: 'pause', code: 'OFFSET_LOST', againInMs: 100, details: { origins: [7] } },
      'They are gone; task starts again from Kafka, if it is still ours, within 0.1 s',
    ],
    [
      { task: 3, action: 'retry', code: 'BROKER_UNAVAILABLE', againInMs: 200, cause: 'refused' },
      'no broker answers; task starts again from Kafka within 0.2 s',
    ],
  ]);
  await task.stop();
});

test('a failure while it stops announces no start', async () => {
  const { task, logged, fail } = failing();
  const stopped = task.stop();
  await fail(new ServiceError('BROKER_UNAVAILABLE', 'no broker answers'));
  await stopped;
  expect([task.phase(), logged]).toEqual([
    'stopped',
    [[{ task: 3, code: 'BROKER_UNAVAILABLE', cause: 'no broker answers' }, 'the task stopped with an error']],
  ]);
});
