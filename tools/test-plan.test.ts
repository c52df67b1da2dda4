import { describe, expect, test } from '@jest/globals';
import { exitCodeOf, phasesOf, totalLine, totalsOf } from './test-plan.ts';

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
  test('every file is in exactly one phase, scenarios last and one by one', () => {
    const phases = phasesOf(files, false);
    expect(phases.map((p) => [p.files, p.serial])).toEqual([
      [files.slice(0, 2), false],
      [files.slice(2), true],
    ]);
  });

  test('what a phase lets jest ignore is what is not in it', () => {
    for (const unit of [true, false]) {
      for (const phase of phasesOf(files, unit)) {
        const kept = files.filter((f) => !phase.ignore.some((pattern) => new RegExp(pattern).test(f)));
        expect(kept).toEqual(phase.files);
      }
    }
  });

  test('unit leaves out what needs a broker, and an empty phase is none', () => {
    expect(phasesOf(files, true).flatMap((p) => p.files)).toEqual(['/r/core/a.test.ts']);
    expect(phasesOf([], false)).toEqual([]);
  });
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
