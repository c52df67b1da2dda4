import { describe, expect, test } from '@jest/globals';
import { quarantineTopic, topicNames } from '@verdikt/core/record/topics.ts';
import type { TopicAdmin, TopicSpec, TopicState } from '@verdikt/core/ports/topics.ts';
import { applyTopics, planTopics, topicsText } from './topics.ts';
import { wantedTopics } from './wanted.ts';

const names = topicNames('t.', 'g');
const ALL = [...Object.values(names), quarantineTopic(names)];
const DEFAULTS = { 'retention.ms': '604800000', 'cleanup.policy': 'delete', 'segment.bytes': '1073741824' };

/** A cluster in memory. */
function memoryAdmin() {
  const topics = new Map<string, TopicState>();
  const calls: string[] = [];
  const put = (t: TopicSpec): unknown =>
    topics.set(t.name, {
      name: t.name,
      partitions: t.partitions,
      replicationFactor: Math.abs(t.replicationFactor),
      configs: { ...DEFAULTS, ...t.configs },
      overrides: t.configs,
    });
  const admin: TopicAdmin = {
    describe: (wanted) => Promise.resolve([...topics.values()].filter((t) => wanted.includes(t.name))),
    create: (specs) => {
      calls.push(...specs.map((t) => `create ${t.name}`));
      specs.filter((t) => !topics.has(t.name)).forEach(put);
      return Promise.resolve();
    },
    replaceOverrides: (name, overrides) => {
      calls.push(`replace ${name}`);
      topics.set(name, {
        ...(topics.get(name) as TopicState),
        configs: { ...DEFAULTS, ...overrides },
        overrides,
      });
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return { admin, topics, calls, put };
}

describe('wanted topics', () => {
  test('are six, equally partitioned, none compacted', () => {
    const wanted = wantedTopics(names);
    expect(
      wanted.map((t) => [t.name, t.partitions, t.replicationFactor, t.configs['cleanup.policy']]),
    ).toEqual(ALL.map((name) => [name, 12, -1, 'delete']));
  });

  test('keep their records as long as promised', () => {
    const kept = Object.fromEntries(wantedTopics(names).map((t) => [t.name, t.configs['retention.ms']]));
    expect(kept).toEqual({
      't.words': '604800000',
      't.results': '2592000000',
      't.words.retry.g': '-1',
      't.words.dlq': '2592000000',
      't.words.control.g': '2592000000',
      't.words.quarantine': '7776000000',
    });
    expect(wantedTopics(names)[2].configs['retention.bytes']).toBe('-1');
  });

  test('take the time of the log where it is read by time', () => {
    const logTime = wantedTopics(names).filter(
      (t) => t.configs['message.timestamp.type'] === 'LogAppendTime',
    );
    expect(logTime.map((t) => t.name)).toEqual([
      names.results,
      names.retry,
      names.deadLetters,
      names.control,
      quarantineTopic(names),
    ]);
  });

  test('leave room for our headers around the largest word', () => {
    const [words, ...others] = wantedTopics(names, { wordsMaxBytes: 1_000 }).map(
      (t) => t.configs['max.message.bytes'],
    );
    expect(words).toBe('1000');
    expect(new Set(others)).toEqual(new Set(['66536']));
    expect(wantedTopics(names)[0].configs['max.message.bytes']).toBe('1048576');
  });

  test('take partitions, replicas and in-sync replicas from the options', () => {
    for (const t of wantedTopics(names, { partitions: 3, replicationFactor: 3, minInsyncReplicas: 2 })) {
      expect([t.partitions, t.replicationFactor, t.configs['min.insync.replicas']]).toEqual([3, 3, '2']);
    }
    expect(Object.keys(wantedTopics(names)[0].configs)).not.toContain('min.insync.replicas');
  });
});

describe('applyTopics', () => {
  test('creates all in an empty cluster and nothing the second time', async () => {
    const { admin, calls, topics } = memoryAdmin();
    expect((await applyTopics(admin, names)).create.map((t) => t.name)).toEqual(ALL);
    expect([...topics.keys()]).toEqual(ALL);
    calls.length = 0;
    const again = await applyTopics(admin, names);
    expect(calls).toEqual([]);
    expect(again).toEqual({
      create: [],
      change: [],
      unchanged: ALL,
      warnings: [],
      problems: [],
    });
  });

  test('changes what differs and keeps other settings of the topic', async () => {
    const { admin, topics, put } = memoryAdmin();
    await applyTopics(admin, names);
    const results = wantedTopics(names)[1];
    put({ ...results, configs: { ...results.configs, 'retention.ms': '1000', 'segment.bytes': '5000' } });
    const { change } = await applyTopics(admin, names);
    expect(change.map((c) => [c.name, c.differences])).toEqual([
      [names.results, [{ key: 'retention.ms', from: '1000', to: '2592000000' }]],
    ]);
    expect(topics.get(names.results)?.overrides).toEqual({ ...results.configs, 'segment.bytes': '5000' });
  });

  test('refuses another partition count before it touches anything', async () => {
    const { admin, calls, put } = memoryAdmin();
    put({ ...wantedTopics(names)[1], partitions: 6 });
    put({ ...wantedTopics(names)[3], partitions: 24 });
    const error: unknown = await applyTopics(admin, names).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'TOPIC_INVALID',
      details: { problems: [expect.any(String), expect.any(String)] },
    });
    expect(String(error)).toContain('t.results has 6 partitions, wanted 12');
    expect(String(error)).toContain('t.words.dlq has 24 partitions, wanted 12');
    expect(calls).toEqual([]);
  });

  test('notices a topic that somebody else created meanwhile', async () => {
    const { admin, put } = memoryAdmin();
    const { create } = admin;
    admin.create = async (specs) => {
      put({ ...wantedTopics(names)[0], partitions: 1 });
      await create(specs);
    };
    await expect(applyTopics(admin, names)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
  });

  test('with dryRun only says what it would do', async () => {
    const { admin, calls, put } = memoryAdmin();
    put({ ...wantedTopics(names)[0], configs: {} });
    const plan = await applyTopics(admin, names, { dryRun: true });
    expect(calls).toEqual([]);
    expect([plan.create.length, plan.change.length]).toEqual([5, 1]);
  });

  test('warns about other replicas; only the operator can move them', () => {
    const wanted = wantedTopics(names, { replicationFactor: 3 }).slice(0, 1);
    const state = { ...wanted[0], replicationFactor: 1, overrides: wanted[0].configs };
    expect(planTopics(wanted, [state])).toMatchObject({
      unchanged: [names.words],
      warnings: [expect.stringContaining('factor 1')],
    });
    const anyFactor = wantedTopics(names).slice(0, 1);
    expect(planTopics(anyFactor, [state]).warnings).toEqual([]);
  });
});

test('topicsText says what was done, and what would be', () => {
  const wanted = wantedTopics(names).slice(0, 3);
  const state = (t: TopicSpec, configs: TopicState['configs']): TopicState => ({
    ...t,
    configs,
    overrides: configs,
  });
  const changed = state(wanted[1], { ...wanted[1].configs, 'retention.ms': '5', 'max.message.bytes': '6' });
  const plan = planTopics(wanted, [changed, state(wanted[2], wanted[2].configs)]);
  const change = 't.results: max.message.bytes 6 → 1114112, retention.ms 5 → 2592000000';
  expect(topicsText(plan, false).split('\n')).toEqual([
    'created t.words (12 partitions)',
    `changed ${change}`,
    'as wanted t.words.retry.g',
  ]);
  expect(topicsText(plan, true)).toContain(`would create t.words (12 partitions)\nwould change ${change}\n`);
});
