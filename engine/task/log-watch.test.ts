import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { ServiceError } from '@verdikt/core/errors.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { startLogWatch } from './log-watch.ts';
import { commit, failing, newState, offered, topics } from '../state/state.fixture.ts';

/** A task with one entry at offset 0 of its retry partition. */
const setup = async (partitions = 1, expected = 1) => {
  const clock = manualClock();
  const broker = new MemoryBroker({ clock });
  for (const topic of Object.values(topics)) broker.createTopic(topic, { partitions });
  const state = newState();
  state.resolve(offered(state, 0, 'k'), failing('retry'), 0);
  const plan = state.endSlice();
  commit(state, plan, 0);
  for (const { topic, records } of plan?.outputs ?? [])
    for (const r of [...records, outRecord({})]) broker.append(topic, 0, r);
  const failed: ServiceError[] = [];
  let verified = 0;
  const task = {
    state: () => state,
    fail: (e: ServiceError) => void failed.push(e),
    verify: () => Promise.resolve(void verified++),
  };
  const watch = startLogWatch({
    ...{ topics, partitions: expected, logs: memoryLogReader(broker), clock, log: silentLog },
    tasks: () => new Map([[0, task]]),
  });
  return { broker, clock, failed, state, watch, verified: () => verified };
};

describe('the watch over the logs of a task', () => {
  test('finds nothing while they are what the state says', async () => {
    const { failed, watch, verified } = await setup();
    await watch.look();
    expect([failed, watch.grown().size, verified()]).toEqual([[], 0, 1]);
  });

  test('looks again and again, until it is stopped', async () => {
    const { broker, clock, failed, watch } = await setup();
    broker.log(topics.retry, 0).trim(1);
    clock.advance(14_999);
    await turn();
    expect(failed).toEqual([]);
    clock.advance(1);
    await turn();
    expect(failed.map((e) => e.code)).toEqual(['OFFSET_LOST']);
    watch.stop();
    clock.advance(60_000);
    await turn();
    expect(failed).toHaveLength(1);
  });

  test('finds entries that were cut, and a cut of what is dead harmless', async () => {
    const { broker, failed, state, watch } = await setup();
    broker.log(topics.retry, 0).trim(1);
    await watch.look();
    expect(failed.map((e) => e.details)).toMatchObject([{ topic: topics.retry, base: 0, start: 1 }]);
    const a = state.nextAttempt(10_000);
    if (a === undefined) throw new Error('nothing is due');
    state.resolve(a, { kind: 'done', results: [], facts: { submittedAt: 1 } }, 10_000);
    await watch.look();
    expect(failed).toHaveLength(1);
  });

  /** The state has committed a record that no log shows. */
  const shorter = async () => {
    const s = await setup();
    commit(s.state, s.state.claim(), 2);
    const looked = s.watch.look();
    await turn();
    return { ...s, looked };
  };

  test('finds outputs that have become shorter, and stay so', async () => {
    const { clock, failed, looked } = await shorter();
    clock.advance(1_999);
    await turn();
    expect(failed).toEqual([]);
    clock.advance(1);
    await looked;
    expect(failed.map((e) => e.code)).toEqual(['OFFSET_LOST']);
  });

  test('waits for the marker of a commit, which comes a moment after its answer', async () => {
    const { broker, clock, failed, looked } = await shorter();
    broker.append(topics.retry, 0, outRecord({}));
    broker.append(topics.retry, 0, outRecord({}));
    clock.advance(2_000);
    await looked;
    expect(failed).toEqual([]);
  });

  test('tells of topics that have more partitions, and lets the tasks go on', async () => {
    const { failed, watch } = await setup(3, 1);
    await watch.look();
    expect(failed).toEqual([]);
    expect([...watch.grown()]).toEqual(Object.values(topics).map((topic) => [topic, 3]));
  });

  test('finds topics with too few partitions', async () => {
    const { failed, watch } = await setup(1, 2);
    await watch.look();
    expect(failed.map((e) => e.code)).toEqual(['TOPIC_CHANGED']);
  });
});
