import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';

const start = (args: string[]): ChildProcess => {
  if (!process.env.KAFKA_BROKERS || !process.env.SCHEMA_REGISTRY_URL)
    throw new Error('KAFKA_BROKERS and SCHEMA_REGISTRY_URL must be set; npm test does it.');
  return spawn(process.execPath, [join(import.meta.dirname, 'start.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', VERDIKT_TOPIC_PREFIX: `start-${randomUUID().slice(0, 8)}.` },
  });
};
const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('close', resolve));
const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('--once ends well when every sample has reached its expected end', async () => {
  const child = start(['--once', '--json']);
  let out = '';
  child.stdout?.on('data', (b: Buffer) => (out += String(b)));
  const code = await exitOf(child);
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
  expect(events.at(-1)).toEqual({ event: 'end', ok: true, decided: 12, problems: [] });
  expect(events.filter((e) => e.event === 'retry')).toHaveLength(2);
  expect(events.filter((e) => e.event === 'dead-letter')).toHaveLength(1);
  expect(code).toBe(0);
});

test('without it all stays up until Ctrl-C, a killed processor too, and then nothing is left running', async () => {
  const child = start([]);
  const exited = exitOf(child);
  let out = '';
  await new Promise<void>((resolve, reject) => {
    void exited.then((code) => reject(new Error(`ended with ${code}:\n${out}`)));
    child.stdout?.on('data', (b: Buffer) => {
      out += String(b);
      if (out.includes('logs in ')) resolve();
    });
  });
  const services = /Processes: (.*); logs/.exec(out)?.[1] ?? '';
  const pids = [...services.matchAll(/ (\d+)/g)].map((m) => Number(m[1]));
  expect(pids.map(runs)).toEqual([true, true, true]);
  process.kill(pids[1], 'SIGKILL');
  let again: RegExpExecArray | null = null;
  while ((again = /is up again with pid (\d+)/.exec(out)) === null) await pause(50);
  const next = Number(again[1]);
  expect([...pids, next].map(runs)).toEqual([true, false, true, true]);
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect(await exited).toBe(0);
  expect([...pids, next].map(runs)).toEqual([false, false, false, false]);
});

test('--check judges with a module of your own, and loads it again when it is saved', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verdikt-check-'));
  const file = join(folder, 'own.ts');
  const save = (text: string): void => writeFileSync(file, text);
  save('export default (word: string): boolean => word.length < 6;');
  const child = start(['--check', file, '--json']);
  const exited = exitOf(child);
  interface Line {
    readonly event: string;
    readonly word?: string;
    readonly accepted?: boolean;
    readonly text?: string;
  }
  const events: Line[] = [];
  let rest = '';
  child.stdout?.on('data', (b: Buffer) => {
    const lines = (rest + String(b)).split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map((line) => JSON.parse(line) as Line));
  });
  /** The next event that is so. */
  const event = async (is: (e: Line) => boolean): Promise<Line> => {
    for (;;) {
      const at = events.findIndex(is);
      if (at >= 0) return events.splice(0, at + 1)[at];
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${JSON.stringify(events)}`);
      await pause(50);
    }
  };
  const verdict = async (word: string): Promise<boolean | undefined> =>
    (await event((e) => e.event === 'verdict' && e.word === word)).accepted;
  try {
    expect(await verdict('Racecar')).toBe(false);
    save('export default (word: string): boolean => wrong(;');
    await event((e) => e.text?.includes('chain/0/module') === true && e.text.includes('to try again'));
    save('export default (word: string): boolean => word.length > 6;');
    expect(await verdict('Racecar')).toBe(true);
    child.kill('SIGINT');
    expect(await exited).toBe(0);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

test.each(['short.ts', 'profanity.ts'])(
  '--once --check judges all samples with examples/%s',
  async (file) => {
    const child = start(['--once', '--check', join(import.meta.dirname, '..', 'examples', file)]);
    let out = '';
    child.stdout?.on('data', (b: Buffer) => (out += String(b)));
    expect([await exitOf(child), out]).toEqual([0, expect.stringContaining('accepted')]);
  },
);
