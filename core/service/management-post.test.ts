import { request as ask } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRegistry } from './metrics.ts';
import { serveManagement, type Management } from './management.ts';
import type { PostAnswer, PostRoute } from './management-post.ts';

let management: Management;
let asked: unknown[];
let answer: () => Promise<PostAnswer>;

beforeEach(async () => {
  asked = [];
  answer = () => Promise.resolve([200, { fine: true }]);
  const route: PostRoute = {
    maxBytes: 100,
    refuse: (token) => (token === 'wrong' ? [401, { problem: 'who?' }] : undefined),
    answer: (body) => {
      asked.push(body);
      return answer();
    },
  };
  management = await serveManagement({
    ...{ host: '127.0.0.1', port: 0, registry: createRegistry(), live: () => true, ready: () => true },
    posts: { '/question': route },
  });
});
afterEach(() => management.close());

const url = (): string => `http://127.0.0.1:${management.port}/question`;
const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: string, headers: Record<string, string> = JSON_TYPE): Promise<Response> =>
  fetch(url(), { method: 'POST', body, headers });

test('a question is answered with its status', async () => {
  const r = await post('{"n":1}', { 'content-type': 'application/json; charset=utf-8' });
  expect([r.status, await r.json(), asked]).toEqual([200, { fine: true }, [{ n: 1 }]]);
  answer = () => Promise.resolve([400, { problem: 'no' }]);
  expect((await post('{}')).status).toBe(400);
});

test.each<[string, number, string, Record<string, string>]>([
  ['of whom it does not serve', 401, '{}', { ...JSON_TYPE, authorization: 'Bearer wrong' }],
  ['of a page', 403, '{}', { ...JSON_TYPE, origin: 'http://a.example' }],
  ['that is not JSON', 400, '{', JSON_TYPE],
  ['of another type', 415, '{}', { 'content-type': 'text/plain' }],
  ['that is too large', 413, `"${'x'.repeat(99)}"`, JSON_TYPE],
])('a question %s is refused', async (_, status, body, headers) => {
  const r = await post(body, headers);
  expect([r.status, asked]).toEqual([status, []]);
  expect(await r.json()).toEqual({ problem: expect.any(String) });
});

test('a body that does not say how large it is may not be larger either', async () => {
  const status = await new Promise((resolve, reject) => {
    const r = ask(url(), { method: 'POST', headers: JSON_TYPE }, (answered) => {
      answered.resume();
      resolve(answered.statusCode);
    });
    r.on('error', reject);
    r.write('x'.repeat(60));
    r.write('x'.repeat(60));
  });
  expect([status, asked]).toEqual([413, []]);
});

test('one is answered at a time, and others are told to come back', async () => {
  let end = (): void => undefined;
  answer = () =>
    new Promise((resolve) => {
      end = () => resolve([200, {}]);
    });
  const first = post('{}');
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await post('{}')).status).toBe(503);
  end();
  expect((await first).status).toBe(200);
  answer = () => Promise.reject(new Error('a fault'));
  expect((await post('{}')).status).toBe(500);
  answer = () => Promise.resolve([200, {}]);
  expect((await post('{}')).status).toBe(200);
});

test('it is asked by POST alone', async () => {
  const r = await fetch(url());
  expect([r.status, r.headers.get('allow')]).toEqual([405, 'POST']);
});
