// Runs what stands in examples/, as its comments say.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { run } from '@verdikt/local/run.ts';
import { openSystem, type System } from '@verdikt/test/support/system/system.ts';
import { createClient } from 'verdikt/client';

const root = join(import.meta.dirname, '..');
const children: ChildProcess[] = [];
const systems: System[] = [];
const env = { ...process.env, NODE_OPTIONS: '' };

/** Resolves once its output matches. */
const start = (args: readonly string[], more: NodeJS.ProcessEnv, sign: RegExp): Promise<RegExpExecArray> => {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...env, ...more } });
  children.push(child);
  let out = '';
  return new Promise((resolve, reject) => {
    child.on('close', (code) => reject(new Error(`${args.join(' ')} ended with ${code}:\n${out}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (b: Buffer) => {
        out += String(b);
        const found = sign.exec(out);
        if (found !== null) resolve(found);
      });
  });
};
const variables = (s: System): NodeJS.ProcessEnv => ({
  KAFKA_BROKERS: s.brokers,
  VERDIKT_TOPIC_PREFIX: s.prefix,
  VERDIKT_PARTITIONS: String(s.partitions),
  VERDIKT_MANAGEMENT_PORT: '0',
  VERDIKT_MANAGEMENT_HOST: '127.0.0.1',
});
/** Verdicts by word, once there are so many. */
const verdicts = async (s: System, count: number): Promise<Record<string, boolean>> => {
  const { stdout } = await s.tool([
    'tail',
    '--json',
    '--follow',
    '--from',
    'beginning',
    '--max',
    String(count),
  ]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { word: string; accepted: boolean });
  return Object.fromEntries(lines.map(({ word, accepted }) => [word, accepted]));
};

beforeAll(async () => {
  systems.push(await openSystem({ partitions: 1 }), await openSystem({ partitions: 1 }));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(systems.map((s) => s.stop()));
});

test('a test of a check', async () => {
  const { code, stdout } = await run(process.execPath, ['--test', 'examples/profanity.test.ts'], {
    cwd: root,
    env,
  });
  expect([code, stdout]).toEqual([0, expect.stringContaining('pass 4')]);
});

test('an http check, then a bridge to a processor of your own', async () => {
  const [first, second] = systems;
  const [, url] = await start(['examples/http-check/server.ts'], { PORT: '0' }, /listening at (\S+)/);
  const chain = readFileSync(join(root, 'examples/http-check/chain.json'), 'utf8');
  const here = chain.replace('http://127.0.0.1:7070/check', url);
  expect(here).not.toBe(chain);
  const [edge, next] = [await first.edge(), await second.edge(), await first.processor({ chain: here })];
  await start(['examples/library.ts'], variables(second), /the processor is up/);
  const words = ['level', 'rotator', 'word', 'noon', 'a a'].map((word) => ({ word, key: 'k' }));
  for await (const { ok } of createClient({ url: edge.url }).submitAll(words)) expect(ok).toBe(true);

  expect(await verdicts(first, 4)).toEqual({ level: true, rotator: true, word: false, noon: true });
  const tail = ['cli/main.ts', 'tail', '--json', '--answer', 'true', '--from', 'beginning'].join(' ');
  const bridge = `"${process.execPath}" ${tail} | "${process.execPath}" examples/two-stages/bridge.ts`;
  const more = { ...variables(first), NEXT_EDGE_URL: next.url };
  const bridged = await run('/bin/sh', ['-c', bridge], { cwd: root, env: { ...env, ...more } });
  expect(bridged.stdout.match(/\w+(?= continues as)/g)).toEqual(['level', 'rotator', 'noon']);
  // Once more: nothing is evaluated twice.
  await run('/bin/sh', ['-c', bridge], { cwd: root, env: { ...env, ...more } });
  expect(await verdicts(second, 3)).toEqual({ level: true, rotator: true, noon: false });
  const { stdout } = await second.tool(['audit', '--json']);
  expect(JSON.parse(stdout)).toHaveProperty('findings', []);
});
