import { expect, test } from '@jest/globals';
import { failureOf } from './report-lines.ts';
import type { CellRun } from './run-cell.ts';

test('each law is told of, no matter how often another one is broken', () => {
  const lost = Array.from({ length: 200 }, (_, i) => ({ law: 'no-loss', detail: `word ${i}` }));
  const findings = [...lost, { law: 'standstill', detail: 'transactions:\nt1 Ongoing' }];
  const run: CellRun = {
    ...{ number: 22, name: 'a cell', holds: 'nothing', seed: 7, words: 200, accepted: 200, ms: 1, findings },
    ...{ results: 0, deadLetters: 0, marks: [], throughput: [], stalls: [] },
  };
  expect(failureOf(run).split('\n')).toEqual([
    'FAILED: cell 22, seed 7, 201 violations',
    ...['word 0', 'word 1', 'word 2', 'and 197 more'].map((w) => `  no-loss: ${w}`),
    '  standstill: transactions:',
    '    t1 Ongoing',
  ]);
});
