import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Exit } from './child.ts';
import { runOwnCheck } from './own-check.ts';
import type { ServiceProcess } from './service-process.ts';
import { until } from '@verdikt/test/support/wait.ts';

let folder: string;
let file: string;
let said: string[];
let starts: number;
let fails: boolean;
let end: (exit: Exit) => void;
let over: (() => Promise<void>) | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verdikt-own-'));
  file = join(folder, 'own.ts');
  [said, starts, fails] = [[], 0, false];
});
afterEach(async () => {
  await over?.();
  rmSync(folder, { recursive: true });
});

const begin = async (): Promise<void> => {
  over = await runOwnCheck({
    ...{ file, drainMs: 10, say: (text) => void said.push(text), up: () => Promise.resolve() },
    start: () => {
      starts++;
      if (fails) return Promise.reject(new Error('wrong'));
      const exited = new Promise<Exit>((resolve) => (end = resolve));
      const stop = (): Promise<Exit> => (end({ code: 0, signal: null }), exited);
      return Promise.resolve({
        name: 'p',
        child: { exited, stop },
        logFile: '',
      } as unknown as ServiceProcess);
    },
  });
};
const again = (n: number): Promise<void> => until(`start ${n}`, () => starts === n);

test('starts again when the file has other content, not when it is the same', async () => {
  writeFileSync(file, 'a');
  await begin();
  expect(starts).toBe(1);
  writeFileSync(file, 'a');
  await pause(400);
  expect(starts).toBe(1);
  writeFileSync(file, 'b');
  await again(2);
});

test('a start that fails is told, and tried again by the next save, the same content or not', async () => {
  writeFileSync(file, 'a');
  fails = true;
  await begin();
  expect(said.join()).toContain('wrong');
  fails = false;
  writeFileSync(file, 'a');
  await again(2);
});

test('a processor that ends by itself is told, and started again by the next save', async () => {
  writeFileSync(file, 'a');
  await begin();
  end({ code: 3, signal: null });
  await until('the end', () => said.some((text) => text.includes('ended with 3')));
  writeFileSync(file, 'a');
  await again(2);
});

test('a file that is not there is told, and loaded once it is', async () => {
  await begin();
  expect([starts, said.join()]).toEqual([0, expect.stringContaining('cannot be read')]);
  writeFileSync(file, 'a');
  await again(1);
});
