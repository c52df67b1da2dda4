import { describe, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { collect, type DoctorPorts } from './collect.ts';
import { doctorDocs } from './docs.ts';
import { diagnose } from './diagnose.ts';
import { answered, processorStatus, taskFacts, taskStatus } from '../../operate/status/status.fixture.ts';
import { longestRetryMs } from './checks/topics.ts';
import type { Asked, Expected, Facts } from './facts.ts';
import { finding, FINDINGS, type Finding } from './findings.ts';
import { doctorText, exitCodeOf, painted } from './text.ts';

const expected: Expected = {
  ...{ names: topicNames('', 'g'), group: 'g', partitions: 1, acls: [] },
  ...{ retryMaxAttempts: 5, retryBaseDelayMs: 1_000, retryMultiplier: 3, retryMaxDelayMs: 20_000 },
  ...{ dedupWindowMs: 1_000, maxBatchBytes: 1, recordMaxBytes: 1 },
  ...{ sessionTimeoutMs: 1_000, transactionTimeoutMs: 1_000 },
};
const ok = <T>(value: T): Asked<T> => ({ ok: true, value });
const broker = { nodeId: 1, address: 'a:1', unreachable: undefined, unsupported: [], lost: [] };
/** Three brokers that nobody asks for more. */
const facts: Facts = {
  expected,
  brokers: ok([broker, { ...broker, nodeId: 2 }, { ...broker, nodeId: 3 }]),
  ...{ settings: [], skewMs: ok(0), now: 0, topics: ok([]), partitions: [], tasks: [], later: [] },
  ...{ looked: [], open: [] },
  processors: [answered(processorStatus([taskStatus(0)]))],
  group: ok({
    state: 'Stable',
    protocol: 'p',
    foreign: false,
    members: [{ memberId: 'm0', clientId: '', host: '', managementPort: 9464, tasks: [0] }],
  }),
  acls: ok(undefined),
  subjects: [],
};
const found = (more: Partial<Facts>): string[][] =>
  diagnose({ ...facts, ...more }).map((f) => [f.code, f.what]);
const settings = (...each: Record<string, string>[]): Pick<Facts, 'settings'> => ({
  settings: each.map((s, i) => ok({ nodeId: i + 1, settings: { 'authorizer.class.name': 'x', ...s } })),
});

test('nothing is found where nothing is wrong', () => {
  expect(found({})).toEqual([]);
});

describe('brokers', () => {
  test('BROKER_UNSUPPORTED', () => {
    const old = { ...broker, unsupported: ['Produce 7 (12-13)', 'Fetch 11 (13-17)'] };
    const what = 'broker 1 does not speak Produce 7 (12-13), Fetch 11 (13-17)';
    expect(found({ brokers: ok([old, broker]) })).toEqual([['BROKER_UNSUPPORTED', what]]);
  });

  test('API_MISSING once, however many brokers lack it, and only as information', () => {
    const lost = ['without DeleteRecords the retry topic only grows'];
    const two = [
      { ...broker, lost },
      { ...broker, nodeId: 2, lost },
    ];
    expect(diagnose({ ...facts, brokers: ok(two) })).toEqual([
      expect.objectContaining({ code: 'API_MISSING', severity: 'info', what: lost[0] }),
    ]);
  });

  test.each([
    ['CLASSIC_GROUPS_OFF', { 'group.coordinator.rebalance.protocols': 'consumer,share' }],
    ['ACL_OPEN', { 'allow.everyone.if.no.acl.found': 'true' }],
  ])('%s names the brokers that have it', (code, bad) => {
    const [[name, value]] = Object.entries(bad);
    const seen = found({ acls: ok([]), ...settings(bad, { [name]: '' }, bad) });
    expect(seen).toEqual([[code, `broker 1, broker 3: ${name}=${value}`]]);
  });

  test('classic groups among others are fine', () => {
    const good = { 'group.coordinator.rebalance.protocols': 'classic, consumer' };
    expect(found({ acls: ok([]), ...settings(good) })).toEqual([]);
  });
});

test('a reason that many have is told once', () => {
  const failed = (what: string): Asked<never> => ({ ok: false, what, code: 'ACCESS_DENIED', message: 'no' });
  const tasks = [failed('offsets of task 0'), failed('offsets of task 1')];
  expect(found({ tasks })).toEqual([['CHECK_FAILED', 'offsets of task 0 and 1 more: no [ACCESS_DENIED]']]);
});

test('what a task would stop with is told as it is, and not that it stands still', () => {
  const at = { start: 0, end: 9, stable: 9 };
  const task = ok({ task: 0, committed: 3, words: at, results: at, deadLetters: at });
  const [tasks, later] = [[task], [task]];
  expect(found({ tasks, later })).toEqual([['NO_PROGRESS', expect.any(String)]]);
  const stop = { code: 'OFFSET_MOVED', message: 'set it to 7' } as const;
  const looked = [ok(taskFacts(0, {}, { stop, lanes: undefined }))];
  expect(found({ tasks, later, looked })).toEqual([['OFFSET_MOVED', 'set it to 7']]);
});

test('more partitions than configured are another thing than fewer', () => {
  const one = { leader: 1, inSync: 3, replicas: 3 };
  const having = (n: number): Partial<Facts> => ({
    partitions: [ok({ topic: 'words', partitions: Array.from({ length: n }, () => one) })],
  });
  const n = expected.partitions;
  const codes = [n - 1, n, n + 1].map((count) => found(having(count)).map(([code]) => code));
  expect(codes).toEqual([['PARTITIONS_DIFFER'], [], ['PARTITIONS_ADDED']]);
});

test('the longest retry is the sum of all waits, each at most the longest', () => {
  expect(longestRetryMs(expected)).toBe(1_000 + 3_000 + 9_000 + 20_000);
});

test('a collector whose every question fails still answers, and each failure is a finding', async () => {
  const fails = (): Promise<never> => Promise.reject(new RangeError('a bug'));
  const inspector = {
    brokers: fails,
    brokerSettings: fails,
    partitions: fails,
    bounds: fails,
    committed: fails,
  };
  const ports: DoctorPorts = {
    inspector: {
      ...inspector,
      group: fails,
      openTransactions: fails,
      transaction: fails,
      clusterTime: fails,
      close: fails,
    },
    ...{ admin: { describe: fails }, acls: { acls: fails }, subject: fails },
    ...{
      offsets: {
        logs: { describe: fails, bounds: fails, scan: fails, fetch: fails, offsetAt: fails },
        offset: fails,
      },
      ask: fails,
      now: () => 0,
      wait: fails,
      late: fails,
    },
  };
  const findings = diagnose(await collect(ports, expected, { sampleMs: 0, processors: [] }));
  const what = Object.fromEntries(findings.map((f) => [f.code, f.what]));
  expect(what).toEqual({
    CHECK_FAILED: expect.stringMatching(/ and \d+ more: a bug \[INTERNAL\]$/),
    PROCESSOR_UNREACHABLE: 'the group does not say where its processors are',
  });
  const given = diagnose(await collect(ports, expected, { sampleMs: 0, processors: ['http://h:1'] }));
  expect(given.map((f) => f.what)).toContain('http://h:1: not reachable: a bug');
});

describe('the report', () => {
  const error = finding('TOPIC_MISSING', 'words');
  const warning = finding('GROUP_EMPTY', 'g is Empty');
  const info = finding('SINGLE_BROKER', 'a:1');

  test.each<[Finding[], boolean, number]>([
    [[], true, 0],
    [[info], true, 0],
    [[warning, info], false, 0],
    [[warning, info], true, 3],
    [[error, warning], false, 1],
    [[error], true, 1],
  ])('%j, strict %p: exit code %i', (findings, strict, code) => {
    expect(exitCodeOf(findings, strict)).toBe(code);
  });

  test('puts the remedy below each finding', () => {
    const text = doctorText([error, info]);
    expect(text.split('\n').slice(0, 2)).toEqual([
      'error  TOPIC_MISSING  words',
      '                      → Run `verdikt topics apply`.',
    ]);
    expect(text).toMatch(/\n\n1 error, 1 info$/);
    expect(doctorText([])).toBe('nothing found');
  });

  test('colors the severity of each finding, and nothing else', () => {
    const red = (text: string): string => `<${text}>`;
    const text = painted(doctorText([finding('TOPIC_MISSING', 'a\nerror  b')]), {
      error: red,
      warning: red,
      info: red,
    });
    expect(text.match(/<.*?>/g)).toEqual(['<error  >']);
    expect(text).toContain('a\\nerror  b');
  });

  test('every code is in the documentation', () => {
    for (const code of Object.keys(FINDINGS)) expect(doctorDocs()).toContain(`| \`${code}\` |`);
  });
});
