import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createClient, type ClientOptions, type Submitted } from './public.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

/**
 * A server whose first `times` answers have no end: `write` is called whenever there is room for more, until the client hangs up.
 * Then it accepts.
 */
const endless = async (
  status: number,
  write: (response: ServerResponse) => boolean,
  times = Number.POSITIVE_INFINITY,
) => {
  const ended: Promise<unknown>[] = [];
  const server = createServer((request, response) => {
    ended.push(once(response, 'close'));
    request.resume();
    if (ended.length > times) return void response.writeHead(202).end('{"id":"i"}');
    response.writeHead(status);
    const go = (): void => {
      while (!response.destroyed && write(response));
    };
    response.on('drain', go);
    go();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
  const { port } = server.address() as AddressInfo;
  const client = (options: Partial<ClientOptions> = {}) =>
    createClient({ url: `http://127.0.0.1:${port}`, ...options });
  return { client, ended };
};
const spaces = (response: ServerResponse): boolean => response.write(' '.repeat(10_000));

test.each([202, 200, 404])('an answer %s that never ends is given up', async (status) => {
  const { client, ended } = await endless(status, spaces);
  await expect(client().submit('w')).rejects.toMatchObject({
    ...{ code: 'ANSWER_INVALID', status, stored: 'unknown', attempts: 1 },
    message: expect.stringContaining('more than 16384 bytes'),
  });
  await Promise.all(ended);
  expect(ended).toHaveLength(1);
});

test('a 503 that never ends is tried again', async () => {
  const { client, ended } = await endless(503, spaces, 2);
  await expect(client().submit('w')).resolves.toEqual({ id: 'i' });
  await Promise.all(ended);
  expect(ended).toHaveLength(3);
});

test('where it says when to come back, that counts', async () => {
  const headers = { 'retry-after': '9' };
  const fetch = (() =>
    Promise.resolve(new Response('<html>', { status: 503, headers }))) as typeof globalThis.fetch;
  const client = createClient({ url: 'http://edge', fetch, maxAnswerBytes: 5, timeLimitMs: 5_000 });
  await expect(client.submit('w')).rejects.toMatchObject({ retryAfterMs: 9_000, attempts: 1 });
});

test('of an answer in lines that never ends, those that came count', async () => {
  const lines = ['{"line":1,"status":202,"id":"i"}\n', '{"line":3,"status":202,"id":"other"}\n'];
  const { client, ended } = await endless(200, (response) => response.write(lines.shift() ?? ' '));
  const results: Submitted[] = [];
  for await (const result of client().submitAll(['a', 'b'])) results.push(result);
  expect(results).toMatchObject([
    { ok: true, id: 'i' },
    { ok: false, error: { code: 'ANSWER_INVALID', stored: 'unknown', attempts: 1 } },
  ]);
  expect(results[1]).toHaveProperty('error.message', expect.stringContaining('more than 32768 bytes'));
  await Promise.all(ended);
});

test('the limit is an option', async () => {
  const answer = JSON.stringify({ id: 'i' });
  const fetch = (() => Promise.resolve(new Response(answer, { status: 202 }))) as typeof globalThis.fetch;
  const client = (maxAnswerBytes: number) => createClient({ url: 'http://edge', fetch, maxAnswerBytes });
  await expect(client(answer.length).submit('w')).resolves.toEqual({ id: 'i' });
  await expect(client(answer.length - 1).submit('w')).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
  expect(() => client(0)).toThrow('maxAnswerBytes is 0');
});
