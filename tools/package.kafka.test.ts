import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts } from '@verdikt/local/ports.ts';
import { consoleProblems } from '@verdikt/test/support/system/console-files.ts';
import { lastAnswer } from '@verdikt/test/support/wait.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'verdikt-package-'));
const run = promisify(execFile);
const env = {
  ...process.env,
  NODE_OPTIONS: '',
  VERDIKT_TOPIC_PREFIX: `package-${randomUUID().slice(0, 8)}.`,
};
const verdikt = async (args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> => {
  const options = { cwd: folder, env: { ...env, ...more } };
  // With our own Node: that of the machine may be older.
  return (await run(process.execPath, [join(folder, 'node_modules/.bin/verdikt'), ...args], options)).stdout;
};

const CHECK = `import { defineCheck, pass, reject, Type } from 'verdikt';
export default defineCheck({
  name: 'length',
  options: Type.Object({ most: Type.Integer({ default: 6 }) }),
  setup: ({ most }) => ({ most }),
  run: ({ word }, { most }) => (word === '' ? reject('empty') : pass(word.length <= most, \`at most \${most}\`)),
});
`;
const CHECK_TEST = `import { test } from 'node:test';
import { reject } from 'verdikt/check';
import { testCases, testChain } from 'verdikt/testing';
import length from './length.ts';

test('counts characters', async () => {
  await testCases(length, [['level', true], ['verdict', false]]);
  await testCases(length, [['verdict', true]], { options: { most: 7 } });
  const [end] = await testChain({ chain: [length, () => reject('never')] }, ['level']);
  if (end.kind !== 'dead-letter' || end.reason !== 'never') throw new Error(JSON.stringify(end));
});
`;
const SUBMIT = `import { createClient, VerdiktError, type Submitted } from 'verdikt/client';
const client = createClient({ url: 'http://127.0.0.1:1', timeLimitMs: 10 });
const results: Submitted[] = [];
for await (const result of client.submitAll(['level', { word: 'word', key: 'k' }])) results.push(result);
const error: unknown = await client.submit('level', { key: 'k' }).catch((e: unknown) => e);
const state = async (id: string): Promise<string | undefined> => {
  const answer = await client.call('getWord', { path: { id }, query: { wait: '5s' } });
  return answer.ok ? answer.body.state : answer.problem?.code;
};
await state('a').catch((e: unknown) => results.push({ index: 2, word: { word: '' }, ok: false, error: e as VerdiktError }));
console.log(results.map((r) => (r.ok ? r.id : r.error.code)).join(), error instanceof VerdiktError && error.stored);
`;
const OWN = `import { startProcessor } from 'verdikt';
import length from './length.ts';
await startProcessor({ chain: [length, (word: string) => word !== 'x'] });
`;
const TSCONFIG = {
  compilerOptions: {
    ...{ module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: ['node'] },
    ...{ allowImportingTsExtensions: true, skipLibCheck: false, lib: ['es2024'] },
  },
  include: ['*.ts'],
};

beforeAll(() => {
  const at = (cwd: string) => ({ cwd, stdio: ['ignore', 'ignore', 'inherit'] as ('ignore' | 'inherit')[] });
  execFileSync(process.execPath, [join(root, 'tools/build.ts')], at(root));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, join(root, 'dist')], at(folder));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  writeFileSync(join(folder, 'length.ts'), CHECK);
  writeFileSync(join(folder, 'own.ts'), OWN);
  writeFileSync(join(folder, 'length.test.ts'), CHECK_TEST);
  writeFileSync(join(folder, 'submit.ts'), SUBMIT);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const quiet = ['--silent', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...quiet, './verdikt-0.1.0.tgz', '@types/node@24'], at(folder));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('has no tests in it', async () => {
  const { stdout } = await run('tar', ['tzf', join(folder, 'verdikt-0.1.0.tgz')]);
  const paths = stdout.split('\n').filter((path) => !path.startsWith('package/testing/'));
  expect(paths.filter((path) => /test|fixture|\/bench|generators/.test(path))).toEqual([]);
  expect(stdout).not.toContain('.test.');
});

test('types a check, strictly and as Node resolves it', async () => {
  const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
  await expect(run(process.execPath, [tsc, '-p', folder])).resolves.toMatchObject({ stdout: '' });
  writeFileSync(join(folder, 'wrong.ts'), CHECK.replace('word.length <= most', 'word.length'));
  await expect(run(process.execPath, [tsc, '-p', folder])).rejects.toMatchObject({
    stdout: expect.stringContaining('wrong.ts'),
  });
  rmSync(join(folder, 'wrong.ts'));
});

test('tests a check', async () => {
  await expect(
    run(process.execPath, ['--test', 'length.test.ts'], { cwd: folder, env }),
  ).resolves.toMatchObject({
    stdout: expect.stringContaining('pass 1'),
  });
});

test('has a client', async () => {
  const { stdout } = await run(process.execPath, ['submit.ts'], { cwd: folder, env });
  expect(stdout).toBe('UNREACHABLE,UNREACHABLE,UNREACHABLE unknown\n');
});

test('has the command line', async () => {
  expect(await verdikt(['--version'])).toBe('0.1.0\n');
  expect(await verdikt(['--help'])).toContain('doctor');
});

test('runs everything with a check of your own, and the tools on it', async () => {
  // Another test may begin on the usual one at the same moment.
  const [port] = await freePorts(1);
  const dev = ['dev', '--check', './length.ts', '--once', '--json'];
  const out = await verdikt(dev, { VERDIKT_PORT: String(port) });
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; word?: string; accepted?: boolean });
  const accepted = (word: string): unknown => events.find((e) => e.word === word)?.accepted;
  expect([accepted('level'), accepted('verdict')]).toEqual([true, false]);
  const audit = await verdikt(['audit', '--json']).catch((e: { stdout: string }) => e.stdout);
  expect(JSON.parse(audit)).toHaveProperty('findings', []);
});

test('serves the console, with every file that its page imports', async () => {
  const [port] = await freePorts(1);
  const more = { VERDIKT_PORT: String(port), VERDIKT_TOPIC_PREFIX: `console-${randomUUID().slice(0, 8)}.` };
  const args = [join(folder, 'node_modules/.bin/verdikt'), 'dev', '--check', './length.ts', '--json'];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...env, ...more }, stdio: 'ignore' });
  const exited = new Promise((resolve) => child.on('close', resolve));
  try {
    const edge = `http://127.0.0.1:${port}`;
    const up = await lastAnswer(
      () =>
        fetch(`${edge}/console`)
          .then(() => true)
          .catch(() => false),
      (there) => there,
      { everyMs: 500 },
    );
    expect([up, await consoleProblems(edge)]).toEqual([true, []]);
  } finally {
    child.kill('SIGINT');
    await exited;
  }
});

test('runs a processor with checks that are values', async () => {
  const fields = { VERDIKT_MANAGEMENT_PORT: '0', VERDIKT_MANAGEMENT_HOST: '127.0.0.1' };
  const child = spawn(process.execPath, ['own.ts'], { cwd: folder, env: { ...env, ...fields } });
  let out = '';
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    void exited.then((code) => reject(new Error(`ended with ${code}:\n${out}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (b: Buffer) => {
        out += String(b);
        if (out.includes('the processor is up')) resolve();
      });
  });
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});
