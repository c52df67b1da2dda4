// `npm test`: one broker and one registry for the whole run, then jest over them. Arguments go to jest, and a folder stands for
// the tests in it; `--unit` leaves out what needs a broker.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isServiceError } from '@verdikt/core/errors.ts';
import { openEnvironment } from '@verdikt/local/environment.ts';
import type { Environment } from '@verdikt/local/environment.ts';
import { run, tail } from '@verdikt/local/run.ts';
import { exitCodeOf, jestArgsOf, needsBroker, phasesOf, totalLine, totalsOf } from './test-plan.ts';
import type { JestCounts, Phase } from './test-plan.ts';

/** A run that has its results but does not end holds a handle open; that is a failure, not a reason to hang. */
const END_MS = 60_000;
const root = join(import.meta.dirname, '..');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const scratch = mkdtempSync(join(tmpdir(), 'verdikt-test-'));
const unit = process.argv.includes('--unit');
const jestArgs = jestArgsOf(
  process.argv.slice(2).filter((arg) => arg !== '--unit' && arg !== '--'),
  root,
  (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true,
);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let interrupted = false;
let running: ChildProcess | undefined;
let environment: Environment | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill('SIGTERM');
  });
}

const jestEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...environment?.variables,
  NODE_OPTIONS:
    `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings=ExperimentalWarning`.trim(),
});

const selectFiles = async (): Promise<string[]> => {
  const listed = await run(process.execPath, [jest, '--listTests', '--json', ...jestArgs], {
    cwd: root,
    env: jestEnv(),
  });
  if (listed.code !== 0)
    throw new Error(`jest could not list the tests: ${tail(listed.stdout + listed.stderr)}`);
  return JSON.parse(listed.stdout) as string[];
};

const runPhase = async (phase: Phase): Promise<JestCounts | undefined> => {
  say(`\n== ${phase.name}: ${phase.files.length} files`);
  const output = join(scratch, `${phase.name}.json`);
  // Ours come last: this option takes every word that follows it.
  const others = phase.ignore.map((pattern) => `--testPathIgnorePatterns=${pattern}`);
  const workers = phase.workers === 1 ? '--runInBand' : `--maxWorkers=${phase.workers}`;
  const args = [jest, ...jestArgs, '--json', `--outputFile=${output}`, workers, ...others];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: jestEnv(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running = child;
  let hung = false;
  let end: NodeJS.Timeout | undefined;
  const poll = setInterval(() => {
    if (end !== undefined || !existsSync(output)) return;
    end = setTimeout(() => (hung = child.kill('SIGKILL')), END_MS);
  }, 500);
  const code = await new Promise<number | null>((resolve) => {
    child.on('exit', resolve);
    child.on('error', () => resolve(1));
  });
  clearInterval(poll);
  clearTimeout(end);
  running = undefined;
  if (!existsSync(output)) {
    say(`jest ended with ${code} and left no results.`);
    return undefined;
  }
  const counts = JSON.parse(readFileSync(output, 'utf8')) as JestCounts;
  if (hung) say(`jest did not end ${END_MS / 1000} s after its last test: a test left something open.`);
  const unseen = hung || (code !== 0 && counts.numFailedTests + counts.numRuntimeErrorTestSuites === 0);
  return unseen ? { ...counts, numRuntimeErrorTestSuites: counts.numRuntimeErrorTestSuites + 1 } : counts;
};

const runs: (JestCounts | undefined)[] = [];
try {
  const phases = phasesOf(await selectFiles(), unit, availableParallelism());
  if (phases.length === 0) say('No test matches.');
  if (!interrupted && phases.some((p) => p.files.some(needsBroker))) {
    environment = await openEnvironment({ registry: true, heapMb: 512, say });
  }
  for (const phase of phases) if (!interrupted) runs.push(await runPhase(phase));
} catch (e) {
  say(isServiceError(e) ? `${e.code}: ${e.message}` : String(e));
  runs.push(undefined);
} finally {
  await environment?.stop();
  rmSync(scratch, { recursive: true, force: true });
}
const totals = totalsOf(interrupted ? [...runs, undefined] : runs);
say(`\n${totalLine(totals)}`);
process.exitCode = exitCodeOf(totals);
