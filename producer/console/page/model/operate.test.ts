import { expect, test } from '@jest/globals';
import {
  bodyOf,
  cell,
  forecastBodyOf,
  forecastNotes,
  forecastWhy,
  isOffered,
  operationText,
  overdue,
  progressOf,
  taskProblems,
} from './operate.ts';
import type { Forecast, Operation, Task, Tasks } from './operate.ts';

type Running = Extract<Operation, { startedAt: number }>;
const dryRun: Operation = {
  ...{ operation: 'o', action: 'redrive', dryRun: true, counts: { selected: 44, send: 41 } },
  ...{ letters: [], more: 41, cli: '' },
};

const task = (n: number, more: Partial<Task> = {}): Task => ({
  ...{ task: n, owner: { member: 'm', host: 'h' }, phase: 'running', lag: 0, records: 0, lanes: 0, due: 0 },
  ...{ overdueMs: 0, parkedKeys: 0, committed: 0, limit: null, dedup: null },
  ...more,
});
const processor = (more: Partial<Tasks['processors'][number]>): Tasks['processors'][number] => ({
  ...{ url: 'u', member: 'm', reachable: true, problem: null, tasks: [0], standby: null, circuits: [] },
  memory: null,
  ...more,
});
const tasks = (more: Partial<Tasks> = {}): Tasks => ({
  ...{
    system: 's',
    unknown: [],
    at: 1,
    group: { state: 'Stable', members: 1 },
    tasks: [task(0), task(1)],
    waits: [],
    cli: 'verdikt status',
  },
  processors: [processor({ circuits: [{ check: 'http', state: 'closed' }] })],
  ...more,
});
const operation = (more: Partial<Running> = {}): Operation => ({
  ...{
    by: 'ops',
    startedAt: 1,
    reasons: {},
    operation: 'o',
    action: 'redrive',
    state: 'running',
    counts: { selected: 44, applied: 12, stale: 2 },
    cli: '',
  },
  ...more,
});

test('is shown only where the edge offers it to the caller', () => {
  expect([200, 503, 500].map(isOffered)).toEqual([true, true, true]);
  expect([401, 403, 404, 501].map(isOffered)).toEqual([false, false, false, false]);
});

test('a system that is well needs no words', () => expect(taskProblems(tasks())).toEqual([]));

test('what waits is said as the command line says it, and parked keys are not said twice', () => {
  const found = taskProblems(
    tasks({
      processors: [processor({ reachable: false })],
      waits: [
        {
          for: 'operator',
          kind: 'stopped',
          task: 3,
          what: 'the offset is lost',
          remedy: 'run verdikt offsets',
        },
        { for: 'operator', kind: 'parked', task: 1, what: '1 key is parked' },
        { for: 'dependency', kind: 'circuit', what: 'u: the circuit of check http is open' },
      ],
    }),
  );
  expect(found).toEqual([
    '1 processor cannot be asked.',
    'Task 3: the offset is lost. Remedy: run verdikt offsets.',
    'u: the circuit of check http is open.',
  ]);
});

test('an action names what it is about, and a dry run says so', () => {
  expect(bodyOf({ reason: 'http_503', status: 'open' }, true)).toEqual({
    ...{ filter: { reasons: ['http_503'], statuses: ['open'] }, dryRun: true },
  });
  expect(bodyOf({ id: 'x' }, false)).toEqual({ ids: ['x'] });
});

test('a forecast names what it is about, what was run, and why each letter ends so', () => {
  expect(forecastBodyOf({ reason: 'http_503', status: 'open' }, true)).toEqual({
    ...{ filter: { reasons: ['http_503'], statuses: ['open'] }, allChecks: true },
  });
  expect(forecastBodyOf({ id: 'x' }, false)).toEqual({ ids: ['x'] });
  const forecast = (more: Partial<Forecast>): Forecast => ({
    ...{ summary: '', checks: [], notRun: null, letters: [], more: 0, cli: '' },
    counts: { selected: 0, pass: 0, fail: 0, unknown: 0, followersFreed: 0 },
    ...more,
  });
  expect(forecastNotes(forecast({}))).toEqual([]);
  expect(forecastNotes(forecast({ checks: ['palindrome'], notRun: 'http', more: 3 }))).toEqual([
    'Checks that were run: palindrome.',
    'http and what follows were not run, since they ask services or are modules.',
    '3 dead letters left out: too many for one forecast, or not asked about in time.',
  ]);
  expect(forecastNotes(forecast({ notRun: 'http' }))[0]).toBe('Checks that were run: none.');
  const letter = { partition: 0, offset: 1, id: null, key: null, followers: 0 };
  expect(forecastWhy({ ...letter, outcome: 'pass', accepted: true })).toBe('accepted');
  expect(forecastWhy({ ...letter, outcome: 'pass', accepted: false })).toBe('not accepted');
  const failed = { reason: 'http-5xx', stage: 'http', detail: '503' };
  expect(forecastWhy({ ...letter, outcome: 'fail', ...failed })).toBe('http: http-5xx: 503');
  expect(forecastWhy({ ...letter, outcome: 'unknown', ...failed, stage: '' })).toBe('http-5xx: 503');
});

test('an operation is told while it runs and when it has ended', () => {
  expect([progressOf(operation()), progressOf(operation({ state: 'done' }))]).toEqual([
    { done: 14, of: 44 },
    { done: 44, of: 44 },
  ]);
  expect(operationText(operation())).toBe('12 of 44 dead letters redriven so far.');
  expect(operationText(operation({ state: 'done', action: 'skip' }))).toBe('12 of 44 dead letters skipped.');
  expect(operationText(operation({ state: 'failed', error: { code: 'C', message: 'Kafka is away.' } }))).toBe(
    'Failed: Kafka is away. 12 of 44 dead letters redriven.',
  );
  expect(operationText(dryRun)).toBe('44 dead letters selected, 41 would be redriven. Nothing was changed.');
  expect(operationText(operation({ state: 'unknown' }))).toMatch(/^Another edge or tool began it/);
});

test('what is not known is not zero', () => {
  expect([cell(null), cell(1_200), overdue(null), overdue(20), overdue(3_000)]).toEqual([
    '?',
    '1,200',
    '?',
    '0 s',
    '3.0 s',
  ]);
});
