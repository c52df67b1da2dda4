import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createEdge } from '@verdikt/test/support/producer/edge.ts';
import {
  batch,
  exchange,
  GOOD,
  http,
  JSON_TYPE,
  one,
  word,
} from '@verdikt/test/support/producer/raw-http.ts';

const MIB = 1024 * 1024;
const edge = createEdge();
/** Only for those that are to be late. */
const impatient = createEdge({ limits: { bodyTimeoutMs: 150, headersTimeoutMs: 200 } });
let port = 0;
let impatientPort = 0;
beforeAll(async () => {
  [port, impatientPort] = [await edge.listen(), await impatient.listen()];
});
afterAll(() => Promise.all([edge, impatient].map(({ app }) => app.close())));
beforeEach(() => {
  edge.sink.appends.length = 0;
  edge.sink.stored.length = 0;
});

describe('connections', () => {
  test('a body that drips in is ended by 408, whatever arrives', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(impatientPort, '127.0.0.1');
      let text = '';
      socket.on('data', (d) => (text += String(d)));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(drip);
        resolve(text);
      });
      socket.write(http('/v1/words', [JSON_TYPE, 'Content-Length: 1000'], '{"word":"'));
      const drip = setInterval(() => socket.write('a'), 20);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toMatch(/"code":"INPUT_INVALID","field":"body"/);
    expect(impatient.sink.appends).toEqual([]);
  });

  test('headers that never end are ended by 408', async () => {
    const [answer] = await exchange(impatientPort, Buffer.from('POST /v1/words HTTP/1.1\r\nHost: x\r\nX'));
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'INPUT_INVALID', field: 'headers' });
  });

  // A client would take an answer for that to the request that it sends at the same time.
  test('a connection that says nothing is closed without an answer', async () => {
    const socket = connect(impatientPort, '127.0.0.1');
    let text = '';
    socket.on('data', (d) => (text += String(d)));
    await new Promise((resolve) => socket.on('close', resolve));
    expect(text).toBe('');
  });

  test('a client that goes away in the middle of its body leaves nothing', async () => {
    const gone = new Promise((resolve) =>
      edge.app.server.once('connection', (s) => s.once('close', resolve)),
    );
    const socket = connect(port, '127.0.0.1');
    socket.write(http('/v1/words', [JSON_TYPE, 'Content-Length: 1000'], '{"word":"a'), () =>
      socket.destroy(),
    );
    await gone;
    expect(edge.sink.appends).toEqual([]);
    expect((await exchange(port, one(GOOD)))[0].status).toBe(202);
  });

  test('a client that goes away before its answer gets none, and what it sent stays stored', async () => {
    edge.sink.hold = true;
    const gone = new Promise((resolve) =>
      edge.app.server.once('connection', (s) => s.once('close', resolve)),
    );
    const socket = connect(port, '127.0.0.1');
    const appended = edge.sink.appended();
    socket.write(one(GOOD));
    await appended;
    socket.destroy();
    await gone;
    edge.sink.hold = false;
    edge.sink.release();
    expect(edge.sink.stored).toHaveLength(1);
  });

  test('pipelined requests are answered in order, one refusal spoils no other', async () => {
    const answers = await exchange(
      port,
      Buffer.concat([one(word('a')), one(word('')), batch(`[${word('b')}]`), one(word('c'))]),
      4,
    );
    expect(answers.map((a) => a.status)).toEqual([202, 400, 202, 202]);
    expect(edge.words()).toEqual(['a', 'b', 'c']);
  });

  test('pipelined requests are answered in order, also where a later one is done first', async () => {
    edge.sink.hold = true;
    const both = exchange(port, Buffer.concat([one(word('slow')), one(word('')), one(word('last'))]), 3);
    await edge.sink.appended();
    await pause(20);
    edge.sink.hold = false;
    edge.sink.release();
    const answers = await both;
    expect(answers.map((a) => a.status)).toEqual([202, 400, 202]);
    expect(edge.words()).toEqual(['slow', 'last']);
  });

  test('while it drains, each answer ends its connection', async () => {
    const draining = createEdge({ draining: () => true });
    const at = await draining.listen();
    const answers = await exchange(at, Buffer.concat([one(word('a')), one(word('b'))]), 2);
    expect(answers.map((a) => a.status)).toEqual([202]);
    expect(answers[0].head).toMatch(/connection: close/i);
    await draining.app.close();
  });

  test('while stopping, an open connection gets 503, and nothing is stored', async () => {
    const stopping = createEdge();
    const at = await stopping.listen();
    stopping.sink.hold = true;
    const appended = stopping.sink.appended();
    const socket = connect(at, '127.0.0.1');
    let text = '';
    socket.on('data', (d) => (text += String(d)));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    // One in the hands of the sink keeps the connection open; the other comes after the stop has begun.
    socket.write(one(word('a')));
    await appended;
    const closed = stopping.app.close();
    await new Promise((resolve) => socket.write(one(word('b')), resolve));
    await pause(20);
    stopping.sink.release();
    await Promise.all([closed, ended]);
    expect(text).toMatch(/^HTTP\/1\.1 202 /);
    expect(stopping.words()).toEqual(['a']);
    expect(stopping.sink.appends).toHaveLength(1);
  });

  test('what follows a request that breaks the framing is never read as a request', async () => {
    const smuggled = one(word('smuggled'));
    const answers = await exchange(
      port,
      Buffer.concat([one('0\r\n\r\n', 'Content-Length: 5', 'Transfer-Encoding: chunked'), smuggled]),
      2,
    );
    expect(answers.map((a) => a.status)).toEqual([400]);
    expect(edge.sink.appends).toEqual([]);
  });

  test('a client that sends all of a large body before it reads still gets its refusal', async () => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let received = '';
      socket.pause();
      socket.on('data', (d) => (received += String(d)));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(received));
      socket.write(http('/v1/words', [JSON_TYPE], 'a'.repeat(16 * MIB)), () => socket.resume());
    });
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toMatch(/"code":"INPUT_TOO_LARGE","field":"body"/);
  });

  test('broken framing ends the stream without an answer that could be taken for one', async () => {
    edge.sink.hold = true;
    const begun = exchange(
      port,
      http(
        '/v1/words',
        ['Content-Type: application/x-ndjson', 'Transfer-Encoding: chunked'],
        `11\r\n${GOOD}\n\r\nzz\r\n`,
      ),
    );
    expect(await begun).toEqual([]);
    edge.sink.hold = false;
    edge.sink.release();
  });
});
