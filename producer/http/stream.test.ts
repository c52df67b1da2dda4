import { afterEach, describe, expect, test } from '@jest/globals';
import { closeEdges, openEdge as open, type Edge } from '@verdikt/test/support/producer/edge.ts';
import { brief, line, parseLines } from '@verdikt/test/support/producer/stream-client.ts';

afterEach(closeEdges);

const inject = async (edge: Edge, payload: string | Buffer, headers: Record<string, string> = {}) => {
  const r = await edge.app.inject({
    method: 'POST',
    url: '/v1/words',
    payload,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  expect(r.statusCode).toBe(200);
  expect(r.headers['content-type']).toBe('application/x-ndjson');
  return parseLines(r.body);
};

describe('status lines', () => {
  test('one per line, in order, whatever became of it', async () => {
    const edge = open();
    edge.sink.result = (s) =>
      String(s.record.value) === 'bad' ? { ok: false, code: 'APPEND_UNCONFIRMED' } : { ok: true, offset: 0 };
    const body = Buffer.concat([
      Buffer.from(line('a') + '\n' + '{"word":""}\n' + 'x\n' + '{"word":"b"}\r\n' + '\r\n' + line('bad')),
      Buffer.from([0xff, 10]),
      Buffer.from('{"word":"a","word":"b"}\n[]\n' + `{"word":"${'a'.repeat(17_000)}"}\n` + '{"word":"last"}'),
    ]);
    const lines = await inject(edge, body);
    expect(lines.map(brief)).toEqual([
      '1 202',
      '3 400 INPUT_INVALID word',
      '4 400 INPUT_INVALID body',
      '5 202',
      '7 503 APPEND_UNCONFIRMED',
      '8 400 INPUT_INVALID body',
      '9 400 INPUT_INVALID body',
      '10 400 INPUT_INVALID body',
      '11 413 INPUT_TOO_LARGE body',
      '12 202',
    ]);
    expect(edge.words()).toEqual(['a', 'b', 'last']);
    const ids = edge.sink.stored.map((s) => s.record.headers[0][1]);
    expect(lines.filter((l) => l.status === 202).map((l) => l.id)).toEqual(ids);
  });

  test('an empty stream has none', async () => {
    expect(await inject(open(), '')).toEqual([]);
    expect(await inject(open(), '\n\n')).toEqual([]);
  });

  test('10,000 lines keep their order', async () => {
    const edge = open();
    const words = Array.from({ length: 10_000 }, (_, i) => `w${i}`);
    const lines = await inject(edge, words.map(line).join(''));
    expect(lines.map((l) => l.line)).toEqual(words.map((_, i) => i + 1));
    expect(edge.words()).toEqual(words);
  });

  test('under an Idempotency-Key equal lines are one submission, wherever they stand', async () => {
    const edge = open();
    const send = (...words: string[]) =>
      inject(edge, '\n' + words.map(line).join(''), { 'idempotency-key': 'k' });
    const first = await send('a', 'b', 'a');
    expect(first.map((l) => l.line)).toEqual([2, 3, 4]);
    expect(first[2].id).toBe(first[0].id);
    expect(first[1].id).not.toBe(first[0].id);
    expect((await send('b', 'c', 'a')).map((l) => l.id)).toEqual([
      first[1].id,
      expect.any(String),
      first[0].id,
    ]);
  });

  test('bad headers are refused before the stream begins', async () => {
    const edge = open();
    const r = await edge.app.inject({
      method: 'POST',
      url: '/v1/words',
      payload: line('a'),
      headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'k'.repeat(256) },
    });
    expect([r.statusCode, r.json().field]).toEqual([400, 'idempotency-key']);
    expect(edge.sink.appends).toEqual([]);
  });
});
