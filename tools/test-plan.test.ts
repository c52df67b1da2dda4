import { describe, expect, test } from '@jest/globals';
import { exitCodeOf, jestArgsOf, phasesOf, totalLine, totalsOf } from './test-plan.ts';

const none = {
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};
const files = [
  '/r/core/a.test.ts',
  '/r/kafka/b.kafka.test.ts',
  '/r/scenarios/c.test.ts',
  '/r/scenarios/d.kafka.test.ts',
];

describe('phases', () => {
  test('every file is in exactly one phase, scenarios last and in twos', () => {
    for (const [cores, most] of [
      [1, 3],
      [2, 3],
      [8, 9],
    ])
      expect(phasesOf(files, false, cores).map((p) => [p.files, p.workers])).toEqual([
        [files.slice(0, 2), most],
        [files.slice(2), 2],
      ]);
    expect([1, 2, 8].map((cores) => phasesOf(files, true, cores)[0].workers)).toEqual([2, 2, 8]);
  });

  test('what a phase lets jest ignore is what is not in it', () => {
    for (const unit of [true, false]) {
      for (const phase of phasesOf(files, unit, 2)) {
        const kept = files.filter((f) => !phase.ignore.some((pattern) => new RegExp(pattern).test(f)));
        expect(kept).toEqual(phase.files);
      }
    }
  });

  test('unit leaves out what needs a broker, and an empty phase is none', () => {
    expect(phasesOf(files, true, 2).flatMap((p) => p.files)).toEqual(['/r/core/a.test.ts']);
    expect(phasesOf([], false, 2)).toEqual([]);
  });
});

test('a folder stands for the tests in it, and for no others', () => {
  const folders = ['engine', 'kafka/client', 'cli/'];
  const given = (...args: string[]): string[] => jestArgsOf(args, '/r+d', (path) => folders.includes(path));
  const [pattern] = given('engine');
  const matches = (path: string): boolean => new RegExp(pattern).test(path);
  expect(matches('/r+d/engine/state/a.test.ts')).toBe(true);
  for (const path of ['/r+d/test/engine/b.test.ts', '/r+d/cli/engine.test.ts', '/rrd/engine/a.test.ts'])
    expect(matches(path)).toBe(false);
  expect(given('kafka/client', 'cli/')).toEqual([String.raw`^/r\+d/kafka/client/`, String.raw`^/r\+d/cli/`]);
  expect(given('-t', 'engine', '--silent', 'fold')).toEqual(['-t', 'engine', '--silent', 'fold']);
});

describe('totals', () => {
  test('phases add up; a file that could not run and a run without counts are failures', () => {
    const runs = [
      { ...none, numPassedTests: 3, numFailedTests: 1, numTodoTests: 1 },
      { ...none, numRuntimeErrorTestSuites: 2, numPendingTests: 1 },
      undefined,
    ];
    expect(totalsOf(runs)).toEqual({ passed: 3, failed: 4, skipped: 2 });
  });

  test('the line names skipped tests only where there are some', () => {
    expect(totalLine({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed');
    expect(totalLine({ passed: 2, failed: 1, skipped: 4 })).toBe('2 passed, 1 failed, 4 skipped');
  });

  test('nothing ran is a failure', () => {
    expect(exitCodeOf({ passed: 0, failed: 0, skipped: 5 })).toBe(1);
    expect(exitCodeOf({ passed: 5, failed: 1, skipped: 0 })).toBe(1);
    expect(exitCodeOf({ passed: 5, failed: 0, skipped: 0 })).toBe(0);
  });
});
