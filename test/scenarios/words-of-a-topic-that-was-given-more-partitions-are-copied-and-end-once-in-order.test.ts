import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import { chance, sendWords, type Sent } from '../support/system/load.ts';
import { openOperator, untilMany, type Operator } from '../support/system/operator.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { wordOf } from '../support/system/words.ts';

const KEYS = 100;
const [JUDGED, UNREAD, GROWN] = [6, 3, 3];
const ROUNDS = JUDGED + UNREAD + GROWN;
const HAD = 3;
const HAS = 6;

let broken = true;
let system: System;
let service: CheckService;
const operators: Operator[] = [];

beforeAll(async () => {
  // A tenth of the words fail for as long as the check is broken, so that there are lanes.
  service = await startCheckService((word) => (broken && chance(`${word}?`) < 0.1 ? 1_000 : 0));
  system = await openSystem({
    partitions: HAD,
    processor: {
      chain: JSON.stringify(['palindrome', { http: { url: service.url } }]),
      ...{ retryMaxAttempts: '1000', retryBaseDelayMs: '500', retryMaxDelayMs: '1000' },
    },
  });
});

afterAll(async () => {
  await Promise.all(operators.map((o) => o.stop()));
  await system.stop();
  await service.stop();
});

const verdikt = async (...args: string[]): Promise<[number, string]> => {
  const { code, stdout, stderr } = await system.tool(args);
  return [code, stdout + stderr];
};

interface Shown {
  readonly tasks: readonly { readonly committed: number | null; readonly end: number }[];
}

/** What `verdikt copy` ends with and tells. */
const copy = async (to: string): Promise<readonly [code: number, Record<string, number>]> => {
  const [code, text] = await verdikt('copy', '--to-prefix', to, '--yes', '--json');
  return [code, (JSON.parse(text) as { copied: Record<string, number> }).copied];
};

/** Makes the topics of the new system with the command that the one who refuses to copy names. */
const initAsTold = async (to: string): Promise<void> => {
  const [code, why] = await verdikt('copy', '--to-prefix', to, '--yes');
  expect([code, why]).toEqual([1, expect.stringContaining('does not exist')]);
  const init = /VERDIKT_TOPIC_PREFIX=(\S+) .* npm run verdikt -- (init)/.exec(why);
  const options = ['--topic-prefix', init?.[1] ?? '', '--partitions', String(HAS)];
  expect((await verdikt(init?.[2] ?? '', ...options))[0]).toBe(0);
};

/** Ids of verdicts by key, in the order of their partition. */
const verdicts = async (operator: Operator, topic: string): Promise<Map<string, string[]>> => {
  const byKey = new Map<string, string[]>();
  for (const { record } of await operator.read(topic)) {
    const key = String(record.key);
    byKey.set(key, [...(byKey.get(key) ?? []), record.headerText('id') ?? '']);
  }
  return byKey;
};

test('3 partitions become 6, and a new system goes on where the old one stopped', async () => {
  const sent: Sent[] = [];
  const send = async (url: string, rounds: number): Promise<void> => {
    const from = sent.length / KEYS;
    const word = (key: string, n: number): string => wordOf(key, from + n);
    const more = await sendWords({ url: () => url, keys: KEYS, rounds, word });
    sent.push(...more.map((s) => ({ ...s, counter: from + s.counter })));
  };
  const edge = await system.edge();
  const old = await system.processor();
  await send(edge.url, JUDGED);
  const allRead = async (): Promise<Shown['tasks']> => {
    const [, text] = await verdikt('offsets', 'show', '--json');
    return (JSON.parse(text) as Shown).tasks.filter((t) => t.committed === t.end);
  };
  await untilMany('tasks that have read all', allRead, HAD);

  const to = `${system.prefix}new.`;
  await initAsTold(to);
  expect(await verdikt('copy', '--to-prefix', to, '--yes')).toEqual([
    1,
    expect.stringContaining('1 processor of'),
  ]);

  await old.child.stop(30_000);
  await send(edge.url, UNREAD);
  await edge.child.stop(30_000);
  const alter = ['--alter', '--topic', system.topics.words, '--partitions', String(HAS)];
  await kafkaTool('topics', ['--bootstrap-server', system.brokers, ...alter]);
  const grown = await system.edge({ partitions: String(HAS) });
  await send(grown.url, GROWN);
  await grown.child.stop(30_000);

  const [looked, shown] = await verdikt('offsets', 'show', '--json');
  expect([looked, JSON.parse(shown)]).toMatchObject([1, { added: [3, 4, 5] }]);

  const [done, copied] = await copy(to);
  expect([done, copied]).toMatchObject([0, { there: 0, leftOut: [] }]);
  expect(copied['fromLanes']).toBeGreaterThan(0);
  expect(copied['fromWords']).toBe(KEYS * (UNREAD + GROWN));
  const there = copied['fromLanes'] + copied['fromWords'];
  expect(await copy(to)).toMatchObject([0, { fromLanes: 0, fromWords: 0, there }]);

  broken = false;
  await system.processor({ topicPrefix: to, partitions: String(HAS) });
  const topics = topicNames(to, system.group);
  const before = await openOperator(system);
  const after = await openOperator({ ...system, topics, partitions: HAS });
  operators.push(before, after);
  const decided = [...(await verdicts(before, system.topics.results)).values()].flat().length;
  const rest = KEYS * ROUNDS - decided;
  expect(rest).toBe(there);
  await untilMany('verdicts of the new system', () => after.read(topics.results), rest);

  const [earlier, later] = [
    await verdicts(before, system.topics.results),
    await verdicts(after, topics.results),
  ];
  for (let k = 0; k < KEYS; k++) {
    const key = `key-${k}`;
    const wanted = sent.filter((s) => s.key === key).map((s) => s.id);
    expect([key, [...(earlier.get(key) ?? []), ...(later.get(key) ?? [])]]).toEqual([key, wanted]);
  }
  expect([
    ...(await before.read(system.topics.deadLetters)),
    ...(await after.read(topics.deadLetters)),
  ]).toEqual([]);
  const audited = await verdikt('audit', '--topic-prefix', to, '--json');
  expect([audited[0], JSON.parse(audited[1])]).toMatchObject([0, { clean: true, counts: { words: rest } }]);
});
