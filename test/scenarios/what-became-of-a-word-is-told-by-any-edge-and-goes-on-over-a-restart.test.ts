import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import { openEventStream, type ServerEvent } from '../support/system/event-stream.ts';
import { openSystem, type Edge, type System } from '../support/system/system.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdikt-view-'));
let system: System;
let service: CheckService;
/** The last answer for `noon` waits for it. */
const followerSeen = Promise.withResolvers<void>();

beforeAll(async () => {
  let asked = 0;
  service = await startCheckService(
    (word) => (word === 'noon' ? 2 : word === 'gone' ? 1_000 : 0),
    (word) => (word === 'noon' && ++asked === 3 ? followerSeen.promise : 0),
  );
  system = await openSystem({
    partitions: 3,
    edge: { view: 'true' },
    processor: {
      chain: JSON.stringify(['palindrome', { http: { url: service.url, timeoutMs: 60_000 } }]),
      ...{ retryMaxAttempts: '3', retryBaseDelayMs: '300' },
    },
  });
});
afterAll(async () => {
  await system?.stop();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const edgeAt = (name: string): Promise<Edge> => system.edge({ viewDirectory: join(folder, name) });

interface Told {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly asOf: number;
  readonly behind?: { readonly id: string; readonly ahead: number };
  readonly verdict?: { readonly word: string; readonly accepted: boolean };
  readonly attempts: readonly { readonly outcome: string; readonly reason?: string }[];
  readonly receipt: readonly { readonly what: string; readonly topic: string; readonly offset: number }[];
}
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Told;
}
/** Comes back after `Retry-After` while the view does not know yet, as clients should. */
const ask = async (url: string, path: string, init: RequestInit = {}): Promise<Answer> => {
  let r = await fetch(`${url}${path}`, init);
  for (let n = 0; r.status === 503 && n < 20; n++) {
    await r.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, Number(r.headers.get('retry-after')) * 1_000));
    r = await fetch(`${url}${path}`, init);
  }
  const text = await r.text();
  return { status: r.status, headers: r.headers, body: (text === '' ? {} : JSON.parse(text)) as Told };
};
const post = (
  url: string,
  word: string,
  key: string,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  ask(url, '/v1/words', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ word, key }),
  });
const locationOf = (a: Answer): string => a.headers.get('location') ?? '';
const verdictIds = (events: readonly ServerEvent[]): string[] =>
  events.flatMap((e) => (e.event === 'verdict' ? [(JSON.parse(e.data ?? '') as { id: string }).id] : []));

test('one that fails twice, and its follower, from POST to verdict', async () => {
  const edge = await edgeAt('first');
  const stream = await openEventStream(`${edge.url}/v1/results/stream?key=lane`);
  await stream.until((e) => e.some((x) => x.id !== undefined));
  const head = await post(edge.url, 'noon', 'lane');
  const follower = await post(edge.url, 'level', 'lane');
  expect([head.status, head.headers.get('retry-after')]).toEqual([202, '1']);
  // Nobody judges yet, and the edge says that it has it in any case.
  const early = await ask(edge.url, locationOf(head));
  expect([early.status, early.body.state]).toEqual([200, 'accepted']);

  await system.processor();
  let waiting = await ask(edge.url, locationOf(follower));
  const { version } = { version: () => waiting.headers.get('etag') ?? '' };
  while (waiting.body.behind === undefined && waiting.body.state !== 'verdict')
    waiting = await ask(edge.url, `${locationOf(follower)}&wait=10s`, {
      headers: { 'if-none-match': version() },
    });
  expect(waiting.body).toMatchObject({ state: 'queued', behind: { id: head.body.id, ahead: 1 } });
  expect(waiting.body.reason).toContain(`waits behind ${head.body.id}`);
  followerSeen.resolve();

  const ended = await ask(edge.url, locationOf(follower), { headers: { prefer: 'wait=30' } });
  expect(ended.headers.get('preference-applied')).toBe('wait=30');
  expect(ended.body).toMatchObject({ state: 'verdict', verdict: { word: 'level', accepted: false } });
  const { body } = await ask(edge.url, locationOf(head));
  expect(body.attempts.map((a) => a.outcome)).toEqual(['failed', 'failed', 'passed']);
  expect(body.receipt.map((r) => [r.what, r.topic])).toEqual([
    ['accepted', system.topics.words],
    ['retrying', system.topics.retry],
    ['retrying', system.topics.retry],
    ['verdict', system.topics.results],
  ]);
  await stream.until((e) => verdictIds(e).length === 2);
  expect(verdictIds(stream.events)).toEqual([head.body.id, follower.body.id]);
  stream.close();

  // One that ends in time is answered in place of the 202.
  const at = Date.now();
  const fast = await post(edge.url, 'radar', 'alone', { prefer: 'wait=30' });
  expect([fast.status, fast.body.state]).toEqual([200, 'verdict']);
  expect(Date.now() - at).toBeLessThan(30_000);
  const known = { 'if-none-match': fast.headers.get('etag') ?? '' };
  expect((await ask(edge.url, locationOf(fast), { headers: known })).status).toBe(304);
  await edge.child.stop(10_000);
});

test('over a restart, and on another edge: no verdict of a stream is missing or comes twice', async () => {
  let edge = await edgeAt('first');
  let stream = await openEventStream(`${edge.url}/v1/results/stream?from=start`);
  await stream.until((e) => verdictIds(e).length === 3 && stream.lastId() !== undefined);
  const before = verdictIds(stream.events);
  const at = stream.lastId() ?? '';
  edge.child.kill('SIGKILL');

  const other = await edgeAt('second');
  const gone = await post(other.url, 'gone', 'lane');
  const sent = [];
  for (let i = 0; i < 50; i++) sent.push((await post(other.url, 'level', `k${i}`)).body.id);
  const dead = await ask(other.url, `${locationOf(gone)}&wait=30s`);
  expect(dead.body).toMatchObject({ state: 'dead-lettered' });
  expect(dead.body.reason).toContain('given up after 3 attempts');

  edge = await edgeAt('first');
  const found = await ask(edge.url, `/v1/words/${gone.body.id}`);
  expect(found.body).toMatchObject({ state: 'dead-lettered' });
  expect((await ask(edge.url, `/v1/words/${before[0]}`)).body.attempts).toHaveLength(3);
  for (const { url } of [edge, other]) {
    stream = await openEventStream(`${url}/v1/results/stream`, { 'last-event-id': at });
    await stream.until((e) => verdictIds(e).length >= 50);
    expect(verdictIds(stream.events).sort()).toEqual([...sent].sort());
    stream.close();
  }
  // What was never accepted is told from what the view has not come to.
  const never = await ask(edge.url, '/v1/words/00000000-0000-8000-8000-000000000000');
  expect(never.status).toBe(404);
  const keys = await fetch(`${edge.url}/v1/keys/lane`);
  const { words } = (await keys.json()) as { words: { state: string }[] };
  expect(words.map((w) => w.state)).toEqual(['dead-lettered', 'verdict', 'verdict']);
});

test('a store that is damaged is built again from Kafka, and submissions are taken meanwhile', async () => {
  mkdirSync(join(folder, 'third'));
  writeFileSync(join(folder, 'third', 'view.sqlite'), 'this is no database'.repeat(500));
  const edge = await edgeAt('third');
  const fresh = await post(edge.url, 'level', 'meanwhile');
  expect(fresh.status).toBe(202);
  const stream = await openEventStream(`${edge.url}/v1/results/stream?from=start`);
  // Three of the first test, fifty of the second.
  await stream.until((e) => new Set(verdictIds(e)).size >= 54);
  expect(verdictIds(stream.events)).toContain(fresh.body.id);
  expect(verdictIds(stream.events)).toHaveLength(54);
  stream.close();
  expect(await edge.log()).toContain('the store of the view cannot be used; it is made again from Kafka');
});
