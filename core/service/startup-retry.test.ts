import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../errors.ts';
import { silentLog } from '../ports/log.ts';
import { createStartupRetry } from './startup-retry.ts';

const setup = () => {
  const waits: { ms: number; run: () => void }[] = [];
  const codes: string[] = [];
  const logged: unknown[][] = [];
  const startup = createStartupRetry({
    clock: {
      now: () => 0,
      after: (ms, run) => {
        const entry = { ms, run };
        waits.push(entry);
        return () => void waits.splice(waits.indexOf(entry), 1);
      },
    },
    log: { ...silentLog, warn: (...line: unknown[]) => void logged.push(line) },
    waitingFor: (code) => codes.push(code),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { waits, codes, logged, startup, settle };
};
const away = () => Promise.reject(new ServiceError('BROKER_UNAVAILABLE', 'away'));

describe('startup', () => {
  test('tries again with growing pauses until the step works', async () => {
    const { waits, codes, startup, settle } = setup();
    const pauses: number[] = [];
    let tries = 0;
    const done = startup.until(() => (++tries < 8 ? away() : Promise.resolve('up')));
    for (let i = 0; i < 7; i++) {
      await settle();
      const [wait] = waits.splice(0);
      pauses.push(wait.ms);
      wait.run();
    }
    expect(await done).toBe('up');
    expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(codes).toEqual(Array(7).fill('BROKER_UNAVAILABLE'));
  });

  test('does not wait for what only an operator can cure, nor for a defect', async () => {
    const { waits, startup } = setup();
    await expect(
      startup.until(() => Promise.reject(new ServiceError('TOPIC_INVALID', 'no'))),
    ).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
    await expect(startup.until(() => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
    expect(waits).toEqual([]);
  });

  test('says what is missing and when it tries again, without a stack', async () => {
    const { logged, waits, startup, settle } = setup();
    const cause = new Error('connect ECONNREFUSED', { cause: new Error('port 1') });
    void startup.until(() =>
      Promise.reject(new ServiceError('BROKER_UNAVAILABLE', 'no broker answers', {}, cause)),
    );
    await settle();
    waits[0].run();
    await settle();
    startup.end();
    const facts = { code: 'BROKER_UNAVAILABLE', cause: 'port 1' };
    expect(logged).toEqual([
      [{ ...facts, againInMs: 200 }, 'cannot start yet: no broker answers; trying again in 0.2 s'],
      [{ ...facts, againInMs: 400 }, 'cannot start yet: no broker answers; trying again in 0.4 s'],
    ]);
  });

  test('says nothing of a next try after its end', async () => {
    const { logged, codes, startup } = setup();
    let fail = (): void => undefined;
    const done = startup.until(
      () =>
        new Promise<never>((_, reject) => {
          fail = () => reject(new ServiceError('BROKER_UNAVAILABLE', 'the link is closed'));
        }),
    );
    startup.end();
    fail();
    expect([await done, logged, codes]).toEqual([undefined, [], []]);
  });

  test('ends a pause at once, and starts nothing after its end', async () => {
    const { waits, startup, settle } = setup();
    let tries = 0;
    const step = () => {
      tries++;
      return away();
    };
    const done = startup.until(step);
    await settle();
    startup.end();
    expect(await done).toBeUndefined();
    expect(waits).toEqual([]);
    expect(await startup.until(step)).toBeUndefined();
    expect(tries).toBe(1);
  });
});
