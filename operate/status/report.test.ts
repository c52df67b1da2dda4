import { expect, test } from '@jest/globals';
import type { StatusFacts } from './facts.ts';
import { reportOf, statusCode } from './report.ts';
import { answered, factsOf, groupOf, processorStatus, taskFacts, taskStatus } from './status.fixture.ts';
import { statusText } from './text.ts';

const seen = (more: Partial<StatusFacts>) => {
  const report = reportOf(factsOf(more));
  return {
    report,
    code: statusCode(report),
    waits: report.waits.map((w) => [w.for, w.kind, w.task, w.code]),
  };
};
const running = (...tasks: Parameters<typeof taskStatus>[]) => ({
  processors: [answered(processorStatus(tasks.map((t) => taskStatus(...t))))],
});

test('at rest nothing waits, and all is known', () => {
  const { report, code, waits } = seen({});
  expect([code, waits, report.unknown]).toEqual([0, [], []]);
  expect(report.tasks[1]).toEqual({
    ...{ task: 1, owner: { member: 'm0', host: '10.0.0.0' }, phase: 'running', committed: 5, lag: 0 },
    ...{ records: 0, lanes: 0, due: 0, overdueMs: 0, parkedKeys: 0 },
    ...{ limit: { state: 'closed', held: 0 }, dedup: { ids: 0, windowMs: 600_000 } },
  });
});

test.each<[what: string, more: Partial<StatusFacts>, code: number, waits: unknown[]]>([
  [
    'parked keys',
    { tasks: [taskFacts(0, { parkedKeys: 2 }), taskFacts(1)] },
    1,
    [['operator', 'parked', 0, undefined]],
  ],
  [
    'a task that is stopped, by its processor',
    running(
      [0],
      [1, { phase: 'waiting', trouble: { code: 'ACCESS_DENIED', waitsForOperator: true, message: 'm' } }],
    ),
    1,
    [['operator', 'stopped', 1, 'ACCESS_DENIED']],
  ],
  [
    'one that would stop, by Kafka alone',
    {
      tasks: [
        taskFacts(0, {}, { stop: { code: 'OFFSET_LOST', message: 'm' }, lanes: undefined }),
        taskFacts(1),
      ],
    },
    1,
    [['operator', 'stopped', 0, 'OFFSET_LOST']],
  ],
  [
    'a broker that is away',
    running(
      [0],
      [
        1,
        { phase: 'fencing', trouble: { code: 'BROKER_UNAVAILABLE', waitsForOperator: false, message: 'm' } },
      ],
    ),
    0,
    [['dependency', 'stopped', 1, 'BROKER_UNAVAILABLE']],
  ],
  [
    'a limit for an operator',
    running([0, { limit: { state: 'operator', held: 3, max: 100 } }], [1]),
    1,
    [['operator', 'dead-letter-limit', 0, 'DEAD_LETTER_LIMIT']],
  ],
  [
    'a limit that closes by itself, and an intake that is stopped',
    running([0, { limit: { state: 'open', held: 3, max: 100 }, intake: { reason: 'lanes-full' } }], [1]),
    0,
    [
      ['dependency', 'dead-letter-limit', 0, 'DEAD_LETTER_LIMIT'],
      ['dependency', 'intake', 0, undefined],
    ],
  ],
  [
    'circuits and topics',
    {
      processors: [
        answered(
          processorStatus([taskStatus(0), taskStatus(1)], {
            circuits: [
              { check: 'http', state: 'open' },
              { check: 'other', state: 'closed' },
            ],
            grown: [{ topic: 'words', partitions: 9 }],
          }),
        ),
      ],
    },
    1,
    [
      ['dependency', 'circuit', undefined, undefined],
      ['operator', 'topic', undefined, 'TOPIC_CHANGED'],
    ],
  ],
  ['nobody works', { group: groupOf([]), processors: [] }, 1, [['operator', 'group', undefined, undefined]]],
  [
    'a task without an owner',
    { group: groupOf([{ tasks: [1] }]) },
    1,
    [['operator', 'group', undefined, undefined]],
  ],
  [
    'a group that is shared out just now',
    { group: groupOf([{ tasks: [] }], { state: 'PreparingRebalance' }) },
    0,
    [],
  ],
  [
    'a processor that the group does not take',
    {
      processors: [
        answered(
          processorStatus([taskStatus(0), taskStatus(1)], { refusal: { code: 'GROUP_TAKEN', message: 'm' } }),
        ),
      ],
    },
    1,
    [['operator', 'group', undefined, 'GROUP_TAKEN']],
  ],
])('%s', (_, more, code, waits) => {
  const found = seen(more);
  expect([found.code, found.waits]).toEqual([code, waits]);
});

test('what a processor alone knows is not guessed: it could not be looked at everything', () => {
  const gone = {
    url: 'http://10.0.0.0:9464',
    member: 'm0',
    status: undefined,
    problem: 'not reachable: ECONNREFUSED',
  };
  const { report, code } = seen({ processors: [gone], tasks: [taskFacts(0, { records: 4 }), taskFacts(1)] });
  expect([code, report.unknown]).toEqual([2, [0, 1]]);
  expect(report.tasks[0]).toMatchObject({ records: 4, phase: null, limit: null, dedup: null });
  const text = statusText(report);
  expect(text).toContain('http://10.0.0.0:9464  not reachable: ECONNREFUSED');
  expect(text).toContain('memory of 0, 1');
});

test('while a task is handed over, the one that runs it is believed', () => {
  const before = answered(processorStatus([taskStatus(0, { phase: 'waiting' })]), 'http://old:1');
  const after = answered(processorStatus([taskStatus(0), taskStatus(1)]));
  for (const processors of [
    [before, after],
    [after, before],
  ])
    expect(seen({ processors }).report.tasks[0].phase).toBe('running');
});

test('one screen: what waits with its remedy, memory against its limit', () => {
  const facts = factsOf({
    tasks: [taskFacts(0, { records: 3, keys: 2, parkedKeys: 1, parkedMs: 7_200_000 }), taskFacts(1)],
    ...running([0, { limit: { state: 'operator', held: 2, max: 100 } }], [1]),
  });
  const lines = statusText(reportOf(facts)).split('\n');
  expect(lines[0]).toBe('words/g: 2 tasks, 1 processor, Stable');
  expect(lines).toContain('  http://10.0.0.0:9464  tasks 0, 1  100 MiB of 400 MiB');
  expect(lines).toContain('  task 0: 1 key is parked, the oldest for 2 h');
  expect(lines.at(-1)).toContain('`verdikt dlq reset --partition 0`');
});

test('parked keys are told with the most frequent reasons', () => {
  const parkedFor = new Map([
    ['undecodable', 1],
    ['http-5xx', 7],
    ['http-timeout', 2],
    ['refused', 1],
  ]);
  const facts = factsOf({ tasks: [taskFacts(0, { parkedKeys: 11, parkedMs: 7_200_000, parkedFor })] });
  expect(reportOf(facts).waits[0].what).toBe(
    '11 keys are parked, the oldest for 2 h: http-5xx (7), http-timeout (2), undecodable (1) and others',
  );
});

test('what is parked is taken from the processor where the log does not tell', () => {
  const facts = factsOf({
    tasks: [taskFacts(0, {}, { lanes: undefined })],
    ...running([0, { parked: { keys: 2, oldestMs: 7_200_000 } }]),
  });
  const { tasks, waits } = reportOf(facts);
  expect([tasks[0].parkedKeys, waits.map((w) => w.what)]).toEqual([
    2,
    ['2 keys are parked, the oldest for 2 h'],
  ]);
});

test('many tasks at rest do not fill the screen', () => {
  const n = 100;
  const all = Array.from({ length: n }, (_, i) => i);
  const facts = factsOf({
    group: groupOf([{ tasks: all }]),
    tasks: all.map((i) => taskFacts(i, {}, i === 70 ? { lag: 9 } : {})),
    processors: [answered(processorStatus(all.map((i) => taskStatus(i))))],
  });
  const text = statusText(reportOf(facts));
  expect(text.split('\n').length).toBeLessThan(10);
  expect(text).toContain('and 99 more, all at rest; --json lists all');
});
