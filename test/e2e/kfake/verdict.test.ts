import { expect, test } from '@jest/globals';
import { verdictOf, type JestReport } from './verdict.ts';

const report = (...tests: readonly (readonly [string, string])[]): JestReport => ({
  testResults: [
    {
      ...{ name: 'a.test.ts', message: 'it did not load' },
      assertionResults: tests.map(([fullName, status]) => ({
        ...{ fullName, status },
        failureMessages: status === 'failed' ? [`Error in ${fullName}`] : [],
      })),
    },
  ],
});
const known = [{ test: 'stamps', why: 'it does not stamp' }];

test('what is known to differ and does is no problem', () => {
  const seen = verdictOf(report(['log stamps', 'failed'], ['log reads', 'passed']), 1, known);
  expect(seen).toEqual({
    ...{ passed: 1, problems: [] },
    differences: [{ name: 'log stamps', why: 'it does not stamp' }],
  });
});

test.each([
  [
    'a failure that nobody knows',
    report(['log stamps', 'failed'], ['log reads', 'failed']),
    1,
    'Error in log reads',
  ],
  ['a difference that is gone', report(['log stamps', 'passed']), 1, 'log stamps passes'],
  ['a difference that no test shows', report(['log reads', 'passed']), 1, 'no test is named stamps'],
  ['a file that could not run', report(), 1, 'it did not load'],
  ['a file that did not run', report(['log stamps', 'failed']), 2, '1 of 2 files'],
])('%s is a problem', (_, seen, files, problem) => {
  expect(verdictOf(seen, files, known).problems.join('\n')).toContain(problem);
});
