import { describe, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import type { TaskStatus } from '@verdikt/core/service/processor-status.ts';
import {
  answered,
  groupOf,
  processorStatus,
  taskFacts,
  taskStatus,
} from '../../operate/status/status.fixture.ts';
import { diagnose } from './diagnose.ts';
import type { Asked, Expected, Facts } from './facts.ts';
import type { Finding } from './findings.ts';
import { exitCodeOf } from './text.ts';

const ok = <T>(value: T): Asked<T> => ({ ok: true, value });
const expected: Expected = {
  ...{ names: topicNames('', 'g'), group: 'words/g', partitions: 2, acls: [] },
  ...{ retryMaxAttempts: 5, retryBaseDelayMs: 1_000, retryMultiplier: 3, retryMaxDelayMs: 20_000 },
  ...{ dedupWindowMs: 1_000, maxBatchBytes: 1, recordMaxBytes: 1 },
  ...{ sessionTimeoutMs: 1_000, transactionTimeoutMs: 1_000 },
};
/** One processor that has both tasks. */
const facts: Facts = {
  ...{ expected, settings: [], skewMs: ok(0), now: 0, topics: ok([]), partitions: [], tasks: [], later: [] },
  ...{ brokers: ok([]), open: [], acls: ok(undefined), subjects: [] },
  looked: [ok(taskFacts(0)), ok(taskFacts(1))],
  group: ok(groupOf([{ tasks: [0, 1] }])),
  processors: [answered(processorStatus([taskStatus(0), taskStatus(1)]))],
};
const running = (first: Partial<TaskStatus>, second: Partial<TaskStatus> = {}): Partial<Facts> => ({
  processors: [answered(processorStatus([taskStatus(0, first), taskStatus(1, second)]))],
});
const found = (more: Partial<Facts>): Finding[] => diagnose({ ...facts, ...more });
const silent = (member: string, url?: string) => ({
  ...{ url, member, status: undefined },
  problem: url === undefined ? 'it does not tell its management port' : 'not reachable: ECONNREFUSED',
});

test('nothing waits at rest', () => expect(found({})).toEqual([]));

describe('what waits for an operator', () => {
  test('parked keys: per task, how many, since when and why', () => {
    const lanes = { parkedKeys: 2, parkedMs: 7_200_000, parkedFor: new Map([['http-5xx', 2]]) };
    const [only, ...more] = found({ looked: [ok(taskFacts(0)), ok(taskFacts(1, lanes))] });
    expect(more).toEqual([]);
    expect(only).toMatchObject({ code: 'KEYS_PARKED', severity: 'warning' });
    expect(only.what).toBe('task 1: 2 keys are parked, the oldest for 2 h: http-5xx (2)');
    expect(only.remedy).toContain('`verdikt dlq list --status parked --partition 1`');
  });

  test('parked keys by the processor, where the retry topic cannot be read', () => {
    const no: Asked<never> = { ok: false, what: 'logs of task 0', code: 'ACCESS_DENIED', message: 'no' };
    const seen = found({
      ...running({ parked: { keys: 1, oldestMs: 60_000 } }),
      looked: [no, ok(taskFacts(1))],
    });
    expect(seen.map((f) => f.code)).toEqual(['CHECK_FAILED', 'KEYS_PARKED']);
  });

  test('the dead-letter limit, with what a reset will do', () => {
    const [only] = found(running({ limit: { state: 'operator', held: 3, max: 100 } }));
    expect(only).toMatchObject({ code: 'DEAD_LETTER_LIMIT', severity: 'warning' });
    expect(only.what).toMatch(/^task 0: 3 dead letters are held back/);
    expect(only.remedy).toMatch(/`verdikt dlq reset --partition 0`: the held records .* up to 100 of them/);
  });

  test('a stopped task, with its code and what to do about it: an error, and not that it stands still', () => {
    const trouble = { code: 'ACCESS_DENIED', waitsForOperator: true, message: 'no right' };
    const at = { start: 0, end: 9, stable: 9 };
    const task = (n: number) => ok({ task: n, committed: 3, words: at, results: at, deadLetters: at });
    const sampled = { tasks: [task(0), task(1)], later: [task(0), task(1)] };
    const seen = found({ ...running({}, { phase: 'waiting', trouble }), ...sampled });
    expect(seen.map((f) => [f.code, f.severity, f.what])).toEqual([
      ['TASK_STOPPED', 'error', 'task 1: ACCESS_DENIED: no right'],
      ['NO_PROGRESS', 'warning', 'words-0: 6 wait, committed is 3'],
    ]);
    expect(seen[0].remedy).toContain('Grant the access rights');
  });

  test('a stop that the logs tell is not told twice', () => {
    const stop = { code: 'OFFSET_LOST', message: 'gone' } as const;
    const looked = [ok(taskFacts(0, {}, { stop, lanes: undefined })), ok(taskFacts(1))];
    const trouble = { code: 'OFFSET_LOST', waitsForOperator: true, message: 'gone' };
    const seen = found({ ...running({ phase: 'waiting', trouble }), looked });
    expect(seen.map((f) => [f.code, f.what])).toEqual([['OFFSET_LOST', 'gone']]);
  });

  test('a processor that the group does not take', () => {
    const refusal = { code: 'GROUP_TAKEN', message: 'taken' };
    const status = processorStatus([taskStatus(0), taskStatus(1)], { refusal });
    expect(found({ processors: [answered(status)] })).toEqual([
      expect.objectContaining({ code: 'PROCESSOR_REFUSED', severity: 'error' }),
    ]);
  });

  test('partitions that were added, unless the topics tell it already', () => {
    const grown = [{ topic: 'words', partitions: 3 }];
    const processors = [answered(processorStatus([taskStatus(0), taskStatus(1)], { grown }))];
    expect(found({ processors }).map((f) => f.code)).toEqual(['PARTITIONS_ADDED']);
    const one = { leader: 1, inSync: 3, replicas: 3 };
    const partitions = [ok({ topic: 'words', partitions: [one, one, one] })];
    expect(found({ processors, partitions }).map((f) => f.what)).toEqual([
      'words has 3, VERDIKT_PARTITIONS is 2',
    ]);
  });
});

describe('what waits for a dependency', () => {
  test('tasks that take no new words, once for each reason; they need not move on', () => {
    const at = { start: 0, end: 9, stable: 9 };
    const task = (n: number) => ok({ task: n, committed: 3, words: at, results: at, deadLetters: at });
    const stopped = { intake: { reason: 'http' } };
    const seen = found({
      ...running(stopped, stopped),
      ...{ tasks: [task(0), task(1)], later: [task(0), task(1)] },
    });
    expect(seen.map((f) => [f.code, f.severity, f.what])).toEqual([
      ['INTAKE_STOPPED', 'warning', 'tasks 0, 1: no new words are taken: http'],
    ]);
    const full = found(running({ intake: { reason: 'lanes-full' } }, stopped));
    expect(full.map((f) => f.what)).toEqual([
      'task 0: no new words are taken: lanes-full',
      'task 1: no new words are taken: http',
    ]);
  });

  test('circuits that are not closed', () => {
    const circuits = [
      { check: 'http', state: 'half-open' as const },
      { check: 'other', state: 'closed' as const },
    ];
    const processors = [answered(processorStatus([taskStatus(0), taskStatus(1)], { circuits }))];
    expect(found({ processors }).map((f) => [f.code, f.what])).toEqual([
      ['CIRCUIT_OPEN', 'http://10.0.0.0:9464: the circuit of check http is half-open'],
    ]);
  });

  test('a task without its brokers, and a limit that tries now and then', () => {
    const trouble = { code: 'BROKER_UNAVAILABLE', waitsForOperator: false, message: 'away' };
    const limit = { state: 'open' as const, held: 1, max: 9 };
    const seen = found(running({ phase: 'fencing', trouble }, { limit }));
    expect(seen.map((f) => [f.code, f.severity])).toEqual([
      ['TASK_WAITS', 'warning'],
      ['DEAD_LETTER_LIMIT', 'warning'],
    ]);
    expect(exitCodeOf(seen, false)).toBe(0);
  });
});

describe('what cannot be looked at ends with 1, and is named', () => {
  const told = (more: Partial<Facts>): [number, string[]] => {
    const seen = found(more);
    return [exitCodeOf(seen, false), seen.map((f) => f.what)];
  };
  const group = ok(groupOf([{ tasks: [0] }, { tasks: [1] }]));
  const other = answered(processorStatus([taskStatus(0)]));

  test('a member that does not answer', () => {
    expect(told({ group, processors: [other, silent('m1', 'http://h:1')] })).toEqual([
      1,
      [
        'http://h:1: not reachable: ECONNREFUSED; not known of tasks 1: phase, dead-letter limit, circuits, intake',
      ],
    ]);
  });

  test('one without tasks that does not say where it is', () => {
    const spare = ok(groupOf([{ tasks: [0, 1] }, { tasks: [] }]));
    const both = answered(processorStatus([taskStatus(0), taskStatus(1)]));
    expect(told({ group: spare, processors: [both, silent('m1')] })).toEqual([
      1,
      ['member m1: it does not tell its management port'],
    ]);
  });

  test('members that the addresses given do not cover, once the group has settled', () => {
    expect(told({ group, processors: [other] })).toEqual([
      1,
      ['not all processors were asked; not known of tasks 1: phase, dead-letter limit, circuits, intake'],
    ]);
    const moving = ok(groupOf([{ tasks: [0, 1] }], { state: 'PreparingRebalance' }));
    expect(told({ group: moving, processors: [other] })).toEqual([0, []]);
  });

  test('an answer hides nothing of one that is missing', () => {
    const limited = answered(
      processorStatus([taskStatus(0, { limit: { state: 'operator', held: 1, max: 9 } })]),
    );
    const seen = found({ group, processors: [limited, silent('m1', 'http://h:1')] });
    expect(seen.map((f) => f.code)).toEqual(['PROCESSOR_UNREACHABLE', 'DEAD_LETTER_LIMIT']);
  });

  test('nobody to ask is a group without members', () => {
    const seen = found({ group: ok(groupOf([])), processors: [] });
    expect(seen.map((f) => f.code)).toEqual(['GROUP_EMPTY']);
  });
});
