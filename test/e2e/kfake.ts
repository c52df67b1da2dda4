// `npm run proof:kfake`: the contract suites and scenarios on a broker that is not Apache Kafka: kfake, of franz-go, in memory. What
// differs there is listed with its reason in kfake/differences.ts, and must fail: a difference that is gone is a failure too.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openEnvironment } from '@verdikt/local/environment.ts';
import { run, tail } from '@verdikt/local/run.ts';
import { DIFFERENCES, FILES } from './kfake/differences.ts';
import { verdictOf, type JestReport } from './kfake/verdict.ts';

const root = join(import.meta.dirname, '../..');
const say = (line: string): void => console.log(line);

const built = await run(join(import.meta.dirname, 'kube', 'tools.sh'), ['kfake']);
if (built.code !== 0) throw new Error(tail(built.stderr));
// It ends when we do: with its input.
const kfake = spawn(join(built.stdout.trim(), 'kfake'), { stdio: ['pipe', 'pipe', 'inherit'] });
const scratch = mkdtempSync(join(tmpdir(), 'verdikt-kfake-'));
const environments: { stop(): Promise<void> }[] = [];
try {
  const brokers = await new Promise<string>((resolve, reject) => {
    createInterface({ input: kfake.stdout }).once('line', resolve);
    kfake.once('exit', (code) => reject(new Error(`kfake ended with ${code}`)));
  });
  say(`kfake runs at ${brokers}`);
  const environment = await openEnvironment({
    ...{ registry: true, say },
    env: { ...process.env, KAFKA_BROKERS: brokers },
  });
  environments.push(environment);
  const output = join(scratch, 'report.json');
  const files = FILES.map((file) => `${root}/${file}`);
  const args = [
    join(root, 'node_modules/jest/bin/jest.js'),
    ...['--json', `--outputFile=${output}`, '--runInBand', '--silent', '--runTestsByPath', ...files],
  ];
  const env = {
    ...{ ...process.env, ...environment.variables },
    NODE_OPTIONS: '--experimental-vm-modules --no-warnings=ExperimentalWarning',
  };
  const jest = spawn(process.execPath, args, { cwd: root, env, stdio: 'ignore' });
  await new Promise((resolve) => jest.once('exit', resolve));
  const report = JSON.parse(readFileSync(output, 'utf8')) as JestReport;
  const verdict = verdictOf(report, FILES.length, DIFFERENCES);
  for (const { name, why } of verdict.differences) say(`differs: ${name}\n         ${why}`);
  for (const problem of verdict.problems) say(`FAILED ${problem.replaceAll(`${root}/`, '')}`);
  say(`\n${verdict.passed} tests passed on kfake, ${verdict.differences.length} differ`);
  process.exitCode = verdict.problems.length === 0 ? 0 : 1;
} finally {
  for (const environment of environments) await environment.stop();
  kfake.stdin.end();
  rmSync(scratch, { recursive: true, force: true });
}
