import { expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { Registry } from 'prom-client';
import type { Task } from '@verdikt/engine/task/task.ts';
import type { TaskState } from '@verdikt/engine/state/state.ts';
import { patience } from './live.ts';
import { createReport } from './report.ts';

/** Task 3, whose lag and due records the test sets. */
const setUp = () => {
  const world = {
    ...{ now: 0, lag: 0, due: 0, running: true, full: false, parked: { keys: 0, oldest: Infinity } },
    trouble: undefined as ServiceError | undefined,
    grown: new Map<string, number>(),
  };
  const state = {
    countDue: () => world.due,
    gates: { stopped: () => undefined },
    figures: {
      ...{ dueAt: Infinity, records: 0, cachedBytes: 0, logLength: 0, dedupIds: 0, dedupMs: 0 },
      get parkedKeys() {
        return world.parked.keys;
      },
      get oldestParked() {
        return world.parked.oldest;
      },
    },
    limitState: () => 'closed',
    get full() {
      return world.full;
    },
  } as unknown as TaskState;
  const task: Task = {
    phase: () => 'running',
    state: () => (world.running ? state : undefined),
    trouble: () => world.trouble,
    fail: () => undefined,
    verify: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const registry = new Registry();
  const report = createReport({
    ...{ registry, topic: 'words', deadLetterTopic: 'words.dlq', partitions: 12, version: '1' },
    patience: patience(30_000),
    source: { lag: () => world.lag } as never,
    tasks: () => new Map([[3, task]]),
    joined: () => true,
    grown: () => world.grown,
    now: () => world.now,
  });
  const value = async (name: string): Promise<string | undefined> =>
    (await registry.metrics())
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1);
  return { world, report, value };
};
const STALLED = 'verdikt_stalled_seconds{partition="3"}';

test('a task is stalled from when it has work, not from when it was idle', async () => {
  const { world, report, value } = setUp();
  report.restored(3, 0.1);
  world.now = 3_600_000;
  expect(await value(STALLED)).toBe('0');
  world.lag = 5;
  expect(await value(STALLED)).toBe('0');
  world.now += 30_000;
  expect(await value(STALLED)).toBe('30');
  world.lag = 0;
  expect(await value(STALLED)).toBe('0');
  world.due = 1;
  expect(await value(STALLED)).toBe('0');
  world.now += 7_000;
  expect(await value(STALLED)).toBe('7');
  world.running = false;
  expect(await value(STALLED)).toBeUndefined();
});

test('circuits of checks and the number of partitions are told', async () => {
  const { report, value } = setUp();
  expect(await value('verdikt_check_circuit_state{')).toBeUndefined();
  report.checks.circuit('http', 'closed');
  report.checks.circuit('http', 'open');
  report.checks.called('http', 0.3);
  expect(await value('verdikt_check_circuit_state{check="http"}')).toBe('2');
  expect(await value('verdikt_check_seconds_count{check="http"}')).toBe('1');
  expect(await value('verdikt_partitions')).toBe('12');
});

test('what is committed is counted from 0, so that the first increase is seen', async () => {
  const { value } = setUp();
  expect(await value('verdikt_transactions_total{result="committed"}')).toBe('0');
});

test('parked keys are counted, with the age of the oldest', async () => {
  const { world, value } = setUp();
  world.now = 100_000;
  expect(await value('verdikt_parked_keys{partition="3"}')).toBe('0');
  expect(await value('verdikt_parked_oldest_seconds{partition="3"}')).toBe('0');
  world.parked.keys = 2;
  world.parked.oldest = 40_000;
  expect(await value('verdikt_parked_keys{partition="3"}')).toBe('2');
  expect(await value('verdikt_parked_oldest_seconds{partition="3"}')).toBe('60');
});

test('a task that waits for somebody to act is told with its code, and so are topics with other partitions', async () => {
  const { world, value } = setUp();
  expect(await value('verdikt_task_blocked{')).toBeUndefined();
  expect(await value('verdikt_topic_changed{')).toBeUndefined();
  world.trouble = new ServiceError('BROKER_UNAVAILABLE', 'away');
  expect(await value('verdikt_task_blocked{')).toBeUndefined();
  world.trouble = new ServiceError('OFFSET_LOST', 'gone');
  world.grown.set('words', 15);
  expect(await value('verdikt_task_blocked{partition="3",code="OFFSET_LOST"}')).toBe('1');
  expect(await value('verdikt_topic_changed{topic="words"}')).toBe('1');
});

test('a task that takes no new words has no backlog, though it lags', async () => {
  const { world, value } = setUp();
  world.lag = 9;
  expect(await value('verdikt_backlog_records{topic="words",partition="3"}')).toBe('9');
  expect(await value('verdikt_intake_stopped{')).toBeUndefined();
  world.full = true;
  expect(await value('verdikt_backlog_records{topic="words",partition="3"}')).toBe('0');
  expect(await value('verdikt_lag_records{topic="words",partition="3"}')).toBe('9');
  expect(await value('verdikt_intake_stopped{partition="3",reason="lanes-full"}')).toBe('1');
  world.now += 60_000;
  expect(await value(STALLED)).toBe('0');
});

test('the time of each verdict of a slice is counted', async () => {
  const { report, value } = setUp();
  const submitted = Array.from({ length: 5_000 }, (_, i) => (i < 4_999 ? 900 : -60_000));
  const none = new Map<string, number>();
  const tally = {
    ...{ consumed: 0, queued: 0, duplicates: 0, held: 0, accepted: 5_000, refused: 0, newest: -1, submitted },
    ...{ commands: none, retries: none, waits: none, rejected: none, exhausted: none },
  };
  const plan = { tally, outputs: [] } as unknown as Parameters<typeof report.committed>[1];
  report.committed(3, plan, { begun: 990, sent: 995, committed: 1_000 });
  expect(await value('verdikt_end_to_end_seconds_count')).toBe('5000');
  expect(await value('verdikt_end_to_end_seconds_bucket{le="0.1"}')).toBe('4999');
  expect(await value('verdikt_end_to_end_seconds_bucket{le="60"}')).toBe('4999');
});
