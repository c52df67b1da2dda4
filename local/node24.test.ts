import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** A copy that takes every Node for too old; in its cache the Node of this run stands in for the fetched one. */
let root: string;
const script = (text: string): string => {
  const path = join(root, `${Math.random()}.ts`);
  writeFileSync(path, text);
  return path;
};
const start = (file: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, [join(root, 'local/node24.mjs'), file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
const ended = async (child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> => {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (b: Buffer) => (out += String(b)));
  child.stderr?.on('data', (b: Buffer) => (err += String(b)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
};
const firstOutput = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => child.stdout?.once('data', (b: Buffer) => resolve(String(b))));

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'verdikt-node24-'));
  mkdirSync(join(root, 'local'));
  const source = readFileSync(join(import.meta.dirname, 'node24.mjs'), 'utf8');
  writeFileSync(join(root, 'local/node24.mjs'), source.replace('MINIMUM = [24, 12]', 'MINIMUM = [999, 0]'));
  cpSync(join(import.meta.dirname, 'end-with-parent.mjs'), join(root, 'local/end-with-parent.mjs'));
  const [platform, arch] = [process.platform, process.arch];
  const version = /PINNED = '([^']+)'/.exec(source)?.[1];
  const bin = join(
    root,
    '.cache/node24',
    `${platform}-${arch}-${version}`,
    'node_modules',
    `node-${platform}-${arch}`,
    'bin',
  );
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, 'node'));
});
afterAll(() => rmSync(root, { recursive: true }));

const COUNT_SIGNALS = `
  let n = 0;
  for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => { n++; console.log('got'); setTimeout(() => { console.log(s, n); process.exit(7); }, 300); });
  setInterval(() => {}, 1000); console.log(process.pid);`;

describe('an older Node hands over', () => {
  test('arguments, the exit code and the path of its children', async () => {
    const file = script(
      `const a: string[] = process.argv.slice(2); console.log(JSON.stringify([a, process.env.PATH])); process.exit(5);`,
    );
    const { code, out } = await ended(start(file, ['a b', '--c']));
    const [args, path] = JSON.parse(out) as [string[], string];
    expect(args).toEqual(['a b', '--c']);
    expect(path.split(':')[0]).toContain(join(root, '.cache/node24'));
    expect(code).toBe(5);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s once, however often the same key press comes',
    async (signal) => {
      const child = start(script(COUNT_SIGNALS));
      await firstOutput(child);
      child.kill(signal);
      await firstOutput(child); // else the system may join the two
      child.kill(signal);
      const { code, out } = await ended(child);
      expect([code, out.trim()]).toEqual([7, `${signal} 1`]);
    },
  );

  test('and its own death, which it can not announce', async () => {
    const child = start(script(COUNT_SIGNALS));
    await firstOutput(child);
    let out = '';
    child.stdout?.on('data', (b: Buffer) => (out += String(b)));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve)); // the grandchild holds the pipe until it ends
    expect(out.trim()).toBe('got\nSIGTERM 1');
  });
});

test('when npm can not fetch Node it says so, with the remedy', async () => {
  rmSync(join(root, '.cache'), { recursive: true });
  const { code, err } = await ended(start(script(''), [], { PATH: '', npm_execpath: '' }));
  expect(code).toBe(1);
  expect(err).toMatch(/Could not fetch Node 24[\s\S]*Remedy: install Node 24\.12/);
});
