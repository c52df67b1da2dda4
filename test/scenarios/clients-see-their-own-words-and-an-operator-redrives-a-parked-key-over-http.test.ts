import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import { openEventStream, type ServerEvent } from '../support/system/event-stream.ts';
import { openSystem, type Edge, type System } from '../support/system/system.ts';
import { lastAnswer } from '../support/wait.ts';

const FORECAST_TOKEN = 'of-edge-and-processor';
const folder = mkdtempSync(join(tmpdir(), 'verdikt-operators-'));
const pair = await generateKeyPair('ES256');
/** While false, the service that checks has no answer for `gone`. */
let works = false;
let system: System;
let service: CheckService;
let issuer: Server;
let edge: Edge;

const tokenOf = (principal: string, scopes?: readonly string[]): object => ({
  ...{ principal, sha256: createHash('sha256').update(principal).digest('hex') },
  ...(scopes === undefined ? {} : { scopes }),
});
const issuerUrl = (): string => `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
const jwtOf = (sub: string, scope: string, exp = '5m'): Promise<string> =>
  new SignJWT({ scope })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer('https://issuer')
    .setAudience('verdikt')
    .setSubject(sub)
    .setExpirationTime(exp)
    .sign(pair.privateKey);

beforeAll(async () => {
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] });
  issuer = createServer((_, res) => res.end(keys));
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  service = await startCheckService((word) => (word === 'gone' && !works ? 1_000 : 0));
  system = await openSystem({
    partitions: 3,
    processor: {
      chain: JSON.stringify(['palindrome', { http: { url: service.url } }]),
      ...{ retryMaxAttempts: '2', retryBaseDelayMs: '200', onDeadLetter: 'park' },
      forecastToken: FORECAST_TOKEN,
    },
  });
  edge = await system.edge({
    ...{ view: 'true', viewDirectory: join(folder, 'view'), operators: 'true' },
    forecastToken: FORECAST_TOKEN,
    tokens: JSON.stringify([tokenOf('shop'), tokenOf('ops', ['operate', 'read', 'read:all'])]),
    ...{ jwtIssuer: 'https://issuer', jwtAudience: 'verdikt', jwtJwksUrl: issuerUrl() },
  });
  await system.processor();
});
afterAll(async () => {
  await system?.stop();
  await service?.stop();
  issuer?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Json = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly body: Json;
}
const ask = async (
  token: string | undefined,
  path: string,
  payload?: object,
  more: Json = {},
): Promise<Answer> => {
  const r = await fetch(`${edge.url}${path}`, {
    method: payload === undefined ? 'GET' : 'POST',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(more as Record<string, string>),
    },
    ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
  });
  const text = await r.text();
  return { status: r.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
};
const verdictIds = (events: readonly ServerEvent[]): unknown[] =>
  events.flatMap((e) => (e.event === 'verdict' ? [(JSON.parse(e.data ?? '') as Json)['id']] : []));

test('a client sees its own words: by id, by key, and on the stream; others are not there', async () => {
  const till = await jwtOf('till', 'submit read');
  expect((await ask(undefined, '/v1/words/x')).status).toBe(401);
  expect((await ask(await jwtOf('till', 'read', '-1m'), '/v1/words/x')).status).toBe(401);
  expect((await ask(till, '/v1/me')).body).toMatchObject({ principal: 'till', scopes: ['submit', 'read'] });
  const headers = { authorization: `Bearer ${till}` };
  const stream = await openEventStream(`${edge.url}/v1/results/stream?from=start`, headers);

  const wait = { prefer: 'wait=30' };
  const theirs = await ask('shop', '/v1/words', { word: 'noon', key: 'shared' }, wait);
  const own = await ask(till, '/v1/words', { word: 'level', key: 'shared' }, wait);
  expect([theirs.body, own.body]).toMatchObject([
    { state: 'verdict', verdict: { word: 'noon' } },
    { state: 'verdict', verdict: { word: 'level' } },
  ]);

  // As for an id that nobody has: one that is so new may still be on its way.
  const foreign = (token: string, of: Answer): Promise<Answer> =>
    lastAnswer(
      () => ask(token, `/v1/words/${of.body['id'] as string}`),
      (a) => a.status !== 503,
    );
  expect((await foreign(till, theirs)).status).toBe(404);
  expect((await foreign('shop', own)).status).toBe(404);
  const words = async (token: string): Promise<unknown[]> =>
    ((await ask(token, '/v1/keys/shared')).body['words'] as { id: string }[]).map((w) => w.id);
  expect(await words(till)).toEqual([own.body['id']]);
  expect(await words('ops')).toEqual([own.body['id'], theirs.body['id']]);
  // Who sees everybody's words does not read them for that.
  const seen = await ask('ops', `/v1/words/${own.body['id'] as string}`);
  expect(seen.body).toMatchObject({ key: '***', verdict: { word: '***', accepted: false } });
  await stream.until((e) => verdictIds(e).includes(own.body['id']));
  expect(verdictIds(stream.events)).toEqual([own.body['id']]);
  stream.close();
});

test('an Idempotency-Key that is used for something else is refused once the view knows it', async () => {
  // Once it has its verdict, the view knows it.
  const key = { 'idempotency-key': '"order-1"', prefer: 'wait=30' };
  const first = await ask('shop', '/v1/words', { word: 'civic' }, key);
  expect(first.status).toBe(200);
  const other = await ask('shop', '/v1/words', { word: 'radar' }, key);
  expect([other.status, other.body]).toMatchObject([422, { code: 'KEY_REUSED' }]);
  const again = await ask('shop', '/v1/words', { word: 'civic' }, key);
  expect([again.status, again.body['id']]).toEqual([first.status, first.body['id']]);
  // The same for items of a batch and lines of a stream.
  const item = (word: string) => ({ word, idempotencyKey: 'order-1' });
  const batch = await ask('shop', '/v1/words:batch', [item('radar'), item('civic')]);
  const { id } = first.body;
  expect(batch.body['submissions']).toMatchObject([{ code: 'KEY_REUSED' }, { status: 202, id }]);
  const line = async (word: string): Promise<Json> =>
    (await ask('shop', '/v1/words', item(word), { 'content-type': 'application/x-ndjson' })).body;
  expect(await line('radar')).toMatchObject({ line: 1, status: 422, code: 'KEY_REUSED' });
  expect(await line('civic')).toMatchObject({ line: 1, status: 202, id });
  const till = await jwtOf('till', 'submit');
  expect((await ask(till, '/v1/words', { word: 'radar' }, key)).status).toBe(202);
});

test('a parked key is found, tried, redriven with its follower, and it is noted who did so', async () => {
  const head = await ask('shop', '/v1/words', { word: 'gone', key: 'lane' });
  const follower = await ask('shop', '/v1/words', { word: 'kayak', key: 'lane' });
  expect((await ask('shop', '/v1/dead-letters')).status).toBe(403);
  const parked = await lastAnswer(
    () => ask('ops', '/v1/parked-keys'),
    (a) => (a.body['keys'] as { followers: number }[] | undefined)?.[0]?.followers === 1,
  );
  const id = head.body['id'] as string;
  expect(parked.body).toMatchObject({ total: 1, keys: [{ key: '***', head: { id }, followers: 1 }] });

  const groups = await ask('ops', '/v1/dead-letters/groups?status=parked');
  expect(groups.body).toMatchObject({ groups: [{ count: 1, statuses: { parked: 1 } }], complete: true });
  const list = await ask('ops', `/v1/dead-letters?id=${id}`);
  const [letter] = list.body['letters'] as { partition: number; offset: number; keyText: string }[];
  expect(letter).toMatchObject({ keyText: '***', status: 'parked' });
  const shown = await ask('ops', `/v1/dead-letters/${letter.partition}/${letter.offset}`);
  expect(shown.body).toMatchObject({ id, payload: { format: 'avro', content: { word: '***' } } });
  const tasks = await ask('ops', '/v1/tasks');
  expect(tasks.body).toMatchObject({ group: { members: 1 }, waits: [{ for: 'operator', kind: 'parked' }] });

  const dry = await ask('ops', '/v1/dead-letters/redrive', { ids: [id], dryRun: true });
  expect(dry.body).toMatchObject({ counts: { selected: 1, send: 1 } });
  const forecast = (more: Json = {}): Promise<Answer> =>
    ask('ops', '/v1/dead-letters/what-if', { filter: { statuses: ['parked'] }, ...more });
  expect((await forecast()).body).toMatchObject({
    ...{ counts: { selected: 1, unknown: 1 }, checks: ['palindrome'], notRun: 'http' },
  });
  expect((await forecast({ allChecks: true })).body).toMatchObject({
    counts: { selected: 1, fail: 1, followersFreed: 0 },
    letters: [{ id, key: '***', followers: 1, outcome: 'fail', stage: 'http', reason: 'http-5xx' }],
  });
  works = true;
  expect((await forecast({ allChecks: true })).body).toMatchObject({
    ...{ counts: { selected: 1, pass: 1, followersFreed: 1 }, notRun: null },
  });
  const done = await ask('ops', '/v1/dead-letters/redrive?wait=30s', { ids: [id] });
  expect([done.status, done.body]).toMatchObject([
    200,
    { state: 'done', counts: { selected: 1, applied: 1 } },
  ]);
  for (const [at, word] of [
    [id, 'gone'],
    [follower.body['id'] as string, 'kayak'],
  ]) {
    const told = await ask('shop', `/v1/words/${at}?wait=30s`);
    expect(told.body).toMatchObject({ state: 'verdict', verdict: { word } });
  }

  const audit = await ask('ops', '/v1/audit');
  const noted = (audit.body['audits'] as { action: string; by: string }[]).map((a) => [a.action, a.by]);
  expect(noted).toEqual([
    ['redrive-end', 'ops'],
    ['redrive-begin', 'ops'],
    ['dry-run', 'ops'],
  ]);
  // The command line reads the same notes.
  const history = await system.tool(['dlq', 'history', '--json']);
  expect((JSON.parse(history.stdout) as Json)['audits']).toEqual(audit.body['audits']);
  const reset = await ask('ops', '/v1/dead-letters/reset', { tasks: [0] });
  expect(reset.body).toMatchObject({ tasks: { 0: 'stale' } });
});
