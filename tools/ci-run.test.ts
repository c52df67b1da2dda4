import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `.ci/run` itself, in a folder where every command that it calls is a script that ends with the code asked for. */
const PROOFS = ['model', 'torture', 'observability', 'browser', 'chart', 'workflows', 'compose', 'kube'];
const STEPS = ['ci', 'typecheck', 'lint', 'format:check', 'generate', 'imports', 'test'];

let folder: string;

const script = (path: string, body: string): void => {
  writeFileSync(join(folder, path), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, path), 0o755);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-run-'));
  for (const name of ['.ci', 'bin']) mkdirSync(join(folder, name));
  for (const name of ['run', 'what-failed']) copyFileSync(`.ci/${name}`, join(folder, '.ci', name));
  // Each ends with the code in the variable of its name.
  const ending = (name: string): string => `echo "this is ${name}"; exit "\${${variable(name)}:-0}"`;
  for (const name of [...PROOFS, 'build-tools']) script(`.ci/${name}`, ending(name));
  for (const name of ['node', 'java', 'mvn', 'python3']) script(`bin/${name}`, 'echo 1');
  const cases = STEPS.map((step) => `*" ${step} "*) ${ending(step)};;`).join('\n');
  const counts = `case " $* " in *" test "*) echo "3 passed, 0 failed";; esac`;
  script('bin/npm', `trap '${counts}' EXIT\ncase " $* " in\n${cases}\nesac`);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const variable = (name: string): string => `END_OF_${name.replaceAll(/\W/g, '_')}`;

/** Runs it with the given ends: its exit code, and the lines after the headline of the last stage. */
const run = (
  ends: Readonly<Record<string, number>> = {},
): { code: number | null; all: string; last: string } => {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}` };
  for (const [name, code] of Object.entries(ends)) Object.assign(env, { [variable(name)]: String(code) });
  const { status, stdout } = spawnSync('bash', ['.ci/run'], { cwd: folder, env, encoding: 'utf8' });
  return { code: status, all: stdout, last: stdout.slice(stdout.indexOf('== what was found')) };
};

test('a run in which nothing is found ends with 0, and its last line is that of the tests', () => {
  const { code, all, last } = run();
  expect(code).toBe(0);
  expect(last.trim().split('\n').at(-1)).toBe('3 passed, 0 failed');
  for (const name of PROOFS) expect(all).toContain(`${name}: passed in `);
});

test.each(STEPS.filter((step) => step !== 'test'))('what %s finds ends the run', (step) => {
  const { code, all } = run({ [step]: 3 });
  expect(code).not.toBe(0);
  expect(all).not.toContain('proof: model');
});

test('what the tests find fails the run, which goes on to tell what else it finds', () => {
  const { code, all, last } = run({ test: 3 });
  expect(code).toBe(1);
  expect(all).toContain('kube: passed in ');
  expect(last).toContain('FAILED: tests\n  ');
});

test('tests that do not end are ended, and told as a failure', () => {
  script(
    'bin/timeout',
    `case " $* " in *" npm test "*) echo "FAIL a.test.ts"; exit 124;; esac\nwhile [ "\${1#.ci}" = "$1" ]; do shift; done\nexec "$@"`,
  );
  const { code, all, last } = run();
  expect(code).toBe(1);
  expect(all).toContain('kube: passed in ');
  expect(last).toContain('FAILED: tests\n  FAIL a.test.ts\n');
});

test('each proof that finds something fails the run, and is told at its end', () => {
  expect(run({ kube: 3 }).code).toBe(1);
  const { code, last } = run(Object.fromEntries(PROOFS.map((name, i) => [name, i + 2])));
  expect(code).toBe(1);
  for (const [i, name] of PROOFS.entries())
    expect(last).toContain(`FAILED: ${name} ended with ${String(i + 2)}\n  this is ${name}\n`);
});

test('what the machine cannot carry is named, and is no failure', () => {
  const { code, last } = run({ compose: 77 });
  expect(code).toBe(0);
  expect(last).toContain('not run: compose: this machine cannot carry it');
});

test('tools that cannot be built do not end the run: the proof that lacks them fails', () => {
  expect(run({ 'build-tools': 1 }).code).toBe(0);
});
