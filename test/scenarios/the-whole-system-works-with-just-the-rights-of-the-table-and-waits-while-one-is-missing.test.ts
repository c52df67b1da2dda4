import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient } from '../../client/public.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyAcls, planAcls } from '../../cli/acls/plan.ts';
import { aclNames, aclTable, bindingsFor, ROLES, type Role } from '@verdikt/cli/acls/table.ts';
import type { AclAdmin } from '@verdikt/core/ports/acls.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { passwordOf, startSecureBroker, type SecureBroker } from '../support/kafka/secure-broker.ts';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import { sendWords } from '../support/system/load.ts';
import { openSystem, type Edge, type Service, type System } from '../support/system/system.ts';
import { until as waitUntil } from '../support/wait.ts';

const GROUP = 'verdikt';
const PARTITIONS = 2;
const ATTEMPTS = 3;
const folder = mkdtempSync(join(tmpdir(), 'verdikt-view-'));
const principals = Object.fromEntries(ROLES.map((role) => [role, `User:${role}`])) as Record<Role, string>;
/** In each round of ten, one word fails once and one always. */
const failures = (word: string): number => (word.endsWith('3') ? 1 : word.endsWith('7') ? 1_000 : 0);

let broker: SecureBroker;
let service: CheckService;
let system: System;
let root: Kafka;
let operator: Kafka;
let acls: AclAdmin;
let edge: Edge;
let processor: Service;

/** Config fields of a service that logs in as `user`. */
const as = (user: string): Record<string, string> => ({
  kafkaTlsEnabled: 'true',
  kafkaTlsCaFile: broker.certificates.caFile,
  kafkaSaslMechanism: 'scram-sha-512',
  kafkaSaslUsername: user,
  kafkaSaslPassword: passwordOf(user),
});
const variables = (fields: Record<string, string>): [string, string][] =>
  Object.entries(fields).map(([name, value]) => [
    `VERDIKT_${name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`,
    value,
  ]);

beforeAll(async () => {
  [broker, service] = await Promise.all([startSecureBroker(ROLES), startCheckService(failures)]);
  for (const [name, value] of variables(as('root'))) process.env[name] = value;
  system = await openSystem({
    brokers: broker.sasl,
    partitions: PARTITIONS,
    edge: {
      ...as('edge'),
      ...{ view: 'true', viewDirectory: folder },
      ...{ viewSaslUsername: 'view', viewSaslPassword: passwordOf('view') },
    },
    processor: {
      ...as('processor'),
      // What is left in the end only fails: that must not open the circuit.
      chain: JSON.stringify([{ http: { url: service.url, breakerFailures: 1_000 } }]),
      retryMaxAttempts: String(ATTEMPTS),
      ...{ retryBaseDelayMs: '50', retryMaxDelayMs: '200', deadLetterMax: '100000' },
      // Rewrites and cuts the retry topic at every opportunity.
      ...{ compactionSlack: '0', trimAfterRecords: '1', sessionTimeoutMs: '6000' },
    },
  });
  root = createKafka(broker.connection('root'));
  operator = createKafka(broker.connection('operator'));
  acls = root.acls();
  await applyAcls(acls, wanted(), { prune: false, dryRun: false });
  [edge, processor] = await Promise.all([system.edge(), system.processor()]);
});

afterAll(async () => {
  for (const [name] of variables(as('root'))) delete process.env[name];
  await system.stop();
  await Promise.all([root.close(), operator.close(), service.stop()]);
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

const wanted = () => bindingsFor(aclTable(aclNames(system.topics, GROUP)), principals);

const send = (rounds: number, name: string) =>
  sendWords({
    ...{ url: () => edge.url, rounds, keys: 10 },
    word: (key, counter) => `${name}${counter}${key.slice(-1)}`,
  });

/** Ids of verdicts and of dead letters, as an operator reads them. */
const ended = async (): Promise<{ results: Set<string>; deadLetters: Set<string> }> => {
  const logs = operator.logs();
  const idsIn = async (topic: string): Promise<Set<string>> => {
    const ids = new Set<string>();
    for (let p = 0; p < PARTITIONS; p++) {
      const { start, end } = await logs.bounds(topic, p);
      await logs.scan(
        topic,
        p,
        start,
        end,
        (r) => void ids.add(r.headerText('id') ?? `no id at ${r.offset}`),
      );
    }
    return ids;
  };
  return {
    results: await idsIn(system.topics.results),
    deadLetters: await idsIn(system.topics.deadLetters),
  };
};

const until = (what: string, so: () => Promise<boolean>): Promise<void> =>
  waitUntil(async () => `${what}\n${await processor.log()}`, so, { everyMs: 100 });

test('words are judged, tried again, given up, and the retry topic is cut', async () => {
  const sent = await send(10, 'a');
  await until('an end for each word', async () => {
    const { results, deadLetters } = await ended();
    return results.size + deadLetters.size >= sent.length;
  });
  const { results, deadLetters } = await ended();
  for (const { id, word } of sent)
    expect([word, deadLetters.has(id), results.has(id)]).toEqual([
      word,
      failures(word) >= ATTEMPTS,
      failures(word) < ATTEMPTS,
    ]);
  const partition = partitionOf(Buffer.from('key-3'), PARTITIONS);
  await until(
    'a retry topic that does not begin at 0',
    async () => (await operator.logs().bounds(system.topics.retry, partition)).start > 0,
  );
});

test('another processor takes the tasks over, which reads what was decided', async () => {
  await processor.child.stop();
  processor = await system.processor();
  const sent = await send(2, 'c');
  await until('an end for each word', async () => {
    const { results, deadLetters } = await ended();
    return sent.every(({ id }) => results.has(id) || deadLetters.has(id));
  });
});

test('a task whose right is taken away waits and says so, and goes on once it is given back', async () => {
  const write = wanted().find((b) => b.name === system.topics.results && b.operation === 'write');
  if (write === undefined) throw new Error('no such row');
  await acls.removeAcls([write]);
  // The broker hears of it a moment later: until then words would be judged.
  await until('a right that is gone', async () =>
    planAcls(wanted(), await acls.acls()).create.some((b) => b.name === write.name),
  );
  const before = (await ended()).results.size;
  const sent = await send(3, 'b');
  await until('a word about it', async () => (await processor.log()).includes('"code":"ACCESS_DENIED"'));
  expect(await processor.log()).toContain(system.topics.results);
  expect((await ended()).results.size).toBe(before);
  expect(processor.child.exit()).toBeUndefined();

  await acls.addAcls([write]);
  await until('an end for each word', async () => {
    const { results, deadLetters } = await ended();
    return sent.every(({ id }) => results.has(id) || deadLetters.has(id));
  });
});

test('an edge that may not write answers 503 and takes words again once it may', async () => {
  const [write] = wanted();
  await acls.removeAcls([write]);
  const post = async (): Promise<number> =>
    (await createClient({ url: edge.url }).call('submitWord', { body: { word: 'level' } })).status;
  await until('a refusal', async () => (await post()) === 503);
  await acls.addAcls([write]);
  await until('a word that is taken', async () => (await post()) === 202);
});

test('the view of the edge reads as a principal of its own, which the edge is not', async () => {
  const client = createClient({ url: edge.url });
  const answer = await client.call('submitWord', { body: { word: 'level' }, query: { wait: '30s' } });
  expect(answer).toMatchObject({ status: 200, body: { state: 'verdict' } });
  const { edge: own, view } = principals;
  expect(wanted().filter((b) => b.principal === own && b.operation === 'read')).toEqual([]);
  expect(
    wanted()
      .filter((b) => b.principal === view)
      .every((b) => b.operation === 'read'),
  ).toBe(true);
});
