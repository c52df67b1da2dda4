import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSystem, type Edge, type System } from '@verdikt/test/support/system/system.ts';

const root = join(import.meta.dirname, '../..');
let system: System;
let edge: Edge;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  system = await openSystem({ partitions: 2 });
  const prefix = system.topics.words.slice(0, -'words'.length);
  env = { ...process.env, KAFKA_BROKERS: system.brokers, VERDIKT_TOPIC_PREFIX: prefix, NODE_OPTIONS: '' };
  edge = await system.edge();
});
afterAll(() => system?.stop());

const verdikt = (...args: string[]): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, ['cli/main.ts', ...args], { cwd: root, env }, (_, out) =>
      resolve({ code: child.exitCode ?? -1, out }),
    );
  });
const probe = (...args: string[]) => verdikt('probe', '--edge-url', edge.url, '--json', ...args);

test('a probe without processors is not decided, one without an edge not accepted', async () => {
  // Time enough for the word to be accepted on a slow machine.
  const undecided = await probe('--timeout', '15s');
  expect(undecided.code).toBe(1);
  expect(JSON.parse(undecided.out)).toMatchObject({
    ok: false,
    outcome: 'not-decided',
    acceptedMs: expect.any(Number),
  });

  const unheard = await verdikt('probe', '--edge-url', 'http://127.0.0.1:1', '--json', '--timeout', '1s');
  expect(unheard.code).toBe(1);
  expect(JSON.parse(unheard.out)).toMatchObject({ ok: false, outcome: 'not-accepted' });
});

test('with both it is decided, and verdicts can be followed into a pipe that closes', async () => {
  await system.processor();
  const { code, out } = await probe('--timeout', '60s');
  const answer = JSON.parse(out) as { id: string; key: string; acceptedMs: number; decidedMs: number };
  expect([code, answer]).toEqual([0, expect.objectContaining({ ok: true, outcome: 'verdict' })]);
  expect(answer.decidedMs).toBeGreaterThanOrEqual(answer.acceptedMs);

  const shown = await verdikt('tail', '--id', answer.id);
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.out)).toMatchObject({
    key: answer.key,
    id: answer.id,
    word: 'level',
    accepted: true,
    attempts: 1,
  });

  const refused = await probe('--word', '');
  expect([refused.code, JSON.parse(refused.out)]).toEqual([
    1,
    expect.objectContaining({ outcome: 'refused' }),
  ]);

  const follow = spawn(process.execPath, ['cli/main.ts', 'tail', '--follow', '--from', 'beginning'], {
    cwd: root,
    env,
  });
  const lines = createInterface({ input: follow.stdout })[Symbol.asyncIterator]();
  await lines.next();
  follow.stdout.destroy();
  const ended = once(follow, 'close');
  // What is written after the pipe has closed ends the command.
  await probe('--timeout', '60s');
  expect(await ended).toEqual([0, null]);
});

test('following ends with 0 on SIGINT', async () => {
  const follow = spawn(process.execPath, ['cli/main.ts', 'tail', '--follow', '--from', 'beginning'], {
    cwd: root,
    env,
  });
  const ended = once(follow, 'close');
  const lines = createInterface({ input: follow.stdout })[Symbol.asyncIterator]();
  await lines.next();
  follow.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});
