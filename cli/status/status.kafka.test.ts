import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { openSystem, type Service, type System } from '@verdikt/test/support/system/system.ts';
import { lastAnswer } from '@verdikt/test/support/wait.ts';
import type { Finding } from '../doctor/findings.ts';
import type { StatusReport } from '@verdikt/operate/status/report.ts';

let system: System;
let processor: Service;

beforeAll(async () => {
  system = await openSystem({ partitions: 2 });
});
afterAll(() => system?.stop());

const status = async (...args: string[]): Promise<{ code: number | null; report: StatusReport }> => {
  const { code, stdout } = await system.tool(['status', '--json', ...args]);
  return { code, report: JSON.parse(stdout) as StatusReport };
};
const get = async (path: string): Promise<[number, string]> => {
  const answer = await fetch(`${processor.management}${path}`);
  return [answer.status, await answer.text()];
};

test('without a processor there is nobody to ask, which an operator should know', async () => {
  const { code, report } = await status();
  expect(code).toBe(1);
  expect(report.waits).toEqual([expect.objectContaining({ for: 'operator', kind: 'group' })]);
  expect(report.tasks.map((t) => [t.owner, t.lag, t.records])).toEqual([
    [null, 0, 0],
    [null, 0, 0],
  ]);
});

test('with one at rest all is well, and the group says where to ask it', async () => {
  processor = await system.processor({ onDeadLetter: 'park', deadLetterMax: '1' });
  // A member at first has no tasks that run.
  const { code, report } = await lastAnswer(
    () => status(),
    (seen) => seen.code === 0,
  );
  expect(code).toBe(0);
  expect(report.tasks.map((t) => [t.phase, t.limit?.state, t.dedup?.windowMs])).toEqual([
    ['running', 'closed', 600_000],
    ['running', 'closed', 600_000],
  ]);
  expect(report.processors).toEqual([expect.objectContaining({ reachable: true, tasks: [0, 1] })]);
  expect(report.processors[0].url).toContain(new URL(processor.management).port);
  expect(report.processors[0].memory?.rssBytes).toBeGreaterThan(10_000_000);
});

test('what waits for an operator is told with its remedy, and kills nobody', async () => {
  const kafka = createKafka({ brokers: system.brokers.split(','), clientId: 'test' });
  const sink = await kafka.sink({ topic: system.topics.words });
  // Nobody can decode these: the first is parked, and the limit holds the others.
  const records = [0, 1, 2].map((i) => ({
    partition: 0,
    record: { key: Buffer.from(`k${i}`), value: Buffer.from('no word'), headers: [] },
  }));
  await sink.append(records);
  await sink.stop();
  await kafka.close();
  const seen = await lastAnswer(
    () => status(),
    // The offset of the words is committed after they are held.
    ({ report: { tasks } }) => tasks[0].limit?.held === 2 && tasks[0].lag === 0 && tasks[0].parkedKeys === 1,
  );
  const [first, second] = seen.report.tasks;
  expect(seen.code).toBe(1);
  expect(first).toMatchObject({ lag: 0, records: 3, lanes: 3, parkedKeys: 1, limit: { state: 'operator' } });
  expect(second).toMatchObject({ records: 0, parkedKeys: 0, limit: { state: 'closed' } });
  expect(seen.report.waits).toEqual([
    expect.objectContaining({ for: 'operator', kind: 'parked', task: 0 }),
    expect.objectContaining({ for: 'operator', kind: 'dead-letter-limit', task: 0 }),
  ]);
  expect(seen.report.waits[1].remedy).toContain('`verdikt dlq reset --partition 0`');

  expect((await get('/livez'))[0]).toBe(200);
  const [ready, detail] = await get('/readyz');
  expect([ready, detail]).toEqual([200, expect.stringContaining('`verdikt dlq reset --partition 0`')]);
  const told = (await processor.log()).split('\n').filter((line) => line.includes('DEAD_LETTER_LIMIT'));
  expect(told).toEqual([expect.stringContaining('verdikt dlq reset --partition 0')]);

  const { stdout } = await system.tool(['status']);
  expect(stdout).toContain('waits for an operator\n  task 0: 1 key is parked');

  const doctor = await system.tool(['doctor', '--json', '--sample-ms', '0']);
  const { findings } = JSON.parse(doctor.stdout) as { findings: Finding[] };
  const about = (code: string): Finding[] => findings.filter((f) => f.code === code);
  expect(about('KEYS_PARKED')).toEqual([
    expect.objectContaining({
      severity: 'warning',
      what: expect.stringMatching(/^task 0: 1 key .*: \S+ \(1\)$/),
    }),
  ]);
  expect(about('DEAD_LETTER_LIMIT')).toEqual([
    expect.objectContaining({ remedy: expect.stringContaining('`verdikt dlq reset --partition 0`') }),
  ]);
  expect(about('PROCESSOR_UNREACHABLE')).toEqual([]);
});

test('what cannot be reached is said, and what Kafka tells is still there', async () => {
  const wrong = 'http://127.0.0.1:1';
  const { code, report } = await status('--processor', wrong);
  expect(report.processors).toEqual([
    expect.objectContaining({
      url: wrong,
      reachable: false,
      problem: expect.stringMatching(/^not reachable/),
    }),
  ]);
  expect([code, report.unknown]).toEqual([1, [0, 1]]);
  expect(report.tasks[0]).toMatchObject({ records: 3, parkedKeys: 1, phase: null, limit: null, dedup: null });
  const { stdout } = await system.tool(['status', '--processor', wrong]);
  expect(stdout).toContain(`${wrong}  not reachable`);
  const doctor = await system.tool(['doctor', '--json', '--sample-ms', '0', '--processor', wrong]);
  const { findings } = JSON.parse(doctor.stdout) as { findings: Finding[] };
  expect([doctor.code, findings.map((f) => f.code)]).toEqual([
    1,
    expect.arrayContaining(['PROCESSOR_UNREACHABLE', 'KEYS_PARKED']),
  ]);
});

test('2 where there is no Kafka to ask', async () => {
  const { code, stdout } = await system.tool(['status', '--json', '--brokers', '127.0.0.1:1']);
  expect([code, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'BROKER_UNAVAILABLE' } }]);
});
