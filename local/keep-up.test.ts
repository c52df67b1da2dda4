import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Exit } from './child.ts';
import { keepUp } from './keep-up.ts';
import type { ServiceProcess } from './service-process.ts';

const setUp = (fails: (nth: number) => boolean = () => false) => {
  const said: string[] = [];
  const failures: unknown[] = [];
  let kill: () => Promise<void> = () => Promise.resolve();
  let stopping = false;
  let starts = 0;
  const start = (): Promise<ServiceProcess> => {
    const nth = ++starts;
    if (fails(nth)) return Promise.reject(new Error(`start ${nth} failed`));
    let end: (exit: Exit) => void = () => undefined;
    const exited = new Promise<Exit>((resolve) => (end = resolve));
    kill = async () => {
      end({ code: null, signal: 'SIGKILL' });
      await turn();
    };
    return Promise.resolve({
      name: 'p',
      child: { pid: nth, exited },
      logFile: '',
    } as unknown as ServiceProcess);
  };
  const up = keepUp({
    ...{ start, say: (text: string) => void said.push(text) },
    stopping: () => stopping,
    failed: (e) => void failures.push(String(e)),
  });
  return { up, said, failures, kill: () => kill(), stop: () => (stopping = true), starts: () => starts };
};

describe('a service that is killed', () => {
  test('is started again, and both are said', async () => {
    const { up, said, kill, starts } = setUp();
    await up;
    await kill();
    await kill();
    expect(starts()).toBe(3);
    expect(said).toEqual([
      'p ended with SIGKILL; its tasks move to the others. Starting it again.',
      'p is up again with pid 2.',
      'p ended with SIGKILL; its tasks move to the others. Starting it again.',
      'p is up again with pid 3.',
    ]);
  });

  test('is given up after the sixth time in a minute', async () => {
    const { up, failures, kill, starts } = setUp();
    await up;
    for (let i = 0; i < 6; i++) await kill();
    expect(starts()).toBe(6);
    expect(failures).toEqual(['Error: p ended with SIGKILL, for the 6th time in a minute']);
  });

  test('and cannot be started again is a failure', async () => {
    const { up, failures, kill } = setUp((nth) => nth === 2);
    await up;
    await kill();
    expect(failures).toEqual(['Error: start 2 failed']);
  });

  test('while all are to end stays down', async () => {
    const { up, said, kill, stop } = setUp();
    await up;
    stop();
    await kill();
    expect(said).toEqual([]);
  });
});

test('a first start that fails rejects', async () => {
  await expect(setUp(() => true).up).rejects.toThrow('start 1 failed');
});
