import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEdge } from '@verdikt/test/support/producer/edge.ts';
import { GOOD, JSON_TYPE } from '@verdikt/test/support/producer/raw-http.ts';

const edge = createEdge();
let port = 0;
beforeAll(async () => {
  port = await edge.listen();
});
afterAll(() => edge.app.close());

/** What is answered to the headers alone, up to `first`, then to the body, up to `last`; without these the body is not sent. */
const say = async (
  headers: readonly string[],
  first: RegExp,
  body?: string,
  last = first,
): Promise<[string, string]> => {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (d) => (text += String(d)));
  const answered = async (from: number, end: RegExp): Promise<string> => {
    while (!end.test(text.slice(from))) await once(socket, 'data');
    return text.slice(from);
  };
  socket.write(
    `POST /v1/words HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n${headers.join('\r\n')}\r\n\r\n`,
  );
  const before = await answered(0, first);
  if (body !== undefined) socket.write(body);
  const after = body === undefined ? '' : await answered(before.length, last);
  socket.destroy();
  return [before, after];
};
const LENGTH = `Content-Length: ${GOOD.length}`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
/** The end of an answer in JSON. */
const WHOLE = /\}$/;

test('a body that is wanted is asked for, once', async () => {
  const [before, after] = await say([JSON_TYPE, LENGTH], /\r\n\r\n$/, GOOD, WHOLE);
  expect(before).toBe(CONTINUE);
  expect(after).toMatch(/^HTTP\/1\.1 202 /);
  expect(after).not.toContain('100 Continue');
});

test('that of a stream is asked for before its answer begins', async () => {
  const [before, after] = await say(
    ['Content-Type: application/x-ndjson', LENGTH],
    /200 OK\r\n[^]*\r\n\r\n$/,
    GOOD,
    /\n\r\n$/,
  );
  expect(before.startsWith(`${CONTINUE}HTTP/1.1 200 OK\r\n`)).toBe(true);
  expect(after).toContain('"status":202');
});

test.each([
  ['the media type', ['Content-Type: text/plain', LENGTH], 415],
  ['the length', [JSON_TYPE, 'Content-Length: 1000000'], 413],
])('one that is refused for %s is not', async (_, headers, status) => {
  const [before] = await say(headers, WHOLE);
  expect(before).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(before).toMatch(/connection: close/i);
  expect(before).not.toContain('100 Continue');
});
