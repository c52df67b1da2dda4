import { afterEach, describe, expect, test } from '@jest/globals';
import { closeEdges, openEdge as open } from '@verdikt/test/support/producer/edge.ts';

afterEach(closeEdges);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PROBLEM = 'application/problem+json; charset=utf-8';

describe('POST /v1/words:batch', () => {
  test('all accepted: 202, one append, ids in order', async () => {
    const { post, sink, words } = open();
    const r = await post('/v1/words:batch', [{ word: 'a' }, { word: 'b', key: 'k' }]);
    expect(r.statusCode).toBe(202);
    const ids = sink.stored.map((s) => ({ status: 202, id: s.record.headers[0][1] }));
    expect(r.json()).toEqual({ accepted: 2, submissions: ids });
    expect(words()).toEqual(['a', 'b']);
    expect(sink.appends).toHaveLength(1);
  });

  test('some accepted: 207, each with its own status', async () => {
    const { post, sink, words } = open();
    sink.result = (s) =>
      String(s.record.value) === 'c' ? { ok: false, code: 'APPEND_UNCONFIRMED' } : { ok: true, offset: 0 };
    const r = await post(
      '/v1/words:batch',
      '[{"word":"a"},{"word":""},{"word":"c"},{"word":"d","word":"e"},{"word":"f"}]',
    );
    expect(r.statusCode).toBe(207);
    expect(r.json()).toMatchObject({
      accepted: 2,
      submissions: [
        { status: 202 },
        { status: 400, code: 'INPUT_INVALID', field: 'word' },
        { status: 503, code: 'APPEND_UNCONFIRMED', id: expect.stringMatching(UUID) },
        { status: 400, code: 'INPUT_INVALID', field: 'body' },
        { status: 202 },
      ],
    });
    expect(words()).toEqual(['a', 'f']);
  });

  test('none valid: a problem with all of them', async () => {
    const { post, sink } = open();
    const r = await post('/v1/words:batch', [{ word: '' }, 7]);
    expect(r.statusCode).toBe(400);
    expect(r.headers['content-type']).toBe(PROBLEM);
    expect(r.json()).toMatchObject({
      code: 'INPUT_INVALID',
      field: 'word',
      accepted: 0,
      submissions: [{ field: 'word' }, { field: 'body' }],
    });
    expect(sink.appends).toEqual([]);
  });

  test('none stored: 503 where sending again may help, whatever else was wrong', async () => {
    const { post, sink } = open();
    sink.full = true;
    const r = await post('/v1/words:batch', [{ word: '' }, { word: 'a' }]);
    expect([r.statusCode, r.headers['retry-after'], r.json().code]).toEqual([503, '1', 'BUFFER_FULL']);
    expect(r.json().submissions).toMatchObject([{ status: 400 }, { status: 503, code: 'BUFFER_FULL' }]);
  });

  test('under an Idempotency-Key equal items are one submission, and a rest that is sent again is another', async () => {
    const { post } = open();
    const send = async (...items: object[]): Promise<string[]> =>
      (await post('/v1/words:batch', items, { 'idempotency-key': 'k' }))
        .json()
        .submissions.map((s: { id: string }) => s.id);
    const [a, again, own] = await send({ word: 'a' }, { word: 'a' }, { word: 'a', idempotencyKey: 'own' });
    expect(again).toBe(a);
    expect(own).not.toBe(a);
    const [b, first] = await send({ word: 'b' }, { word: 'a' });
    expect(first).toBe(a);
    expect([a, own]).not.toContain(b);
  });

  test('an answer for some says what to send again', async () => {
    const { post } = open();
    const r = await post('/v1/words:batch', [{ word: '' }, { word: 'a' }]);
    expect([r.statusCode, r.json().detail]).toEqual([
      207,
      expect.stringContaining('the same Idempotency-Key'),
    ]);
    const whole = await post('/v1/words:batch', [{ word: 'a' }]);
    expect(whole.json()).not.toHaveProperty('detail');
  });

  test.each([
    ['malformed', '[{"word":"a"}', 400],
    ['an object', '{"word":"a"}', 400],
    ['empty', '[]', 400],
    ['1,001 submissions', JSON.stringify(Array.from({ length: 1001 }, () => ({ word: 'a' }))), 413],
    ['over the limit of bytes', JSON.stringify([{ word: 'a'.repeat(512 * 1024) }]), 413],
  ])('refused whole: %s', async (_, body, status) => {
    const { post, sink } = open();
    const r = await post('/v1/words:batch', body);
    expect([r.statusCode, r.json().field]).toEqual([status, 'body']);
    expect(sink.appends).toEqual([]);
  });

  test('1,000 submissions are taken', async () => {
    const { post } = open();
    const r = await post(
      '/v1/words:batch',
      Array.from({ length: 1000 }, () => ({ word: 'a' })),
    );
    expect([r.statusCode, r.json().accepted]).toEqual([202, 1000]);
  });

  test('takes no NDJSON', async () => {
    const { post } = open();
    expect(
      (await post('/v1/words:batch', '{"word":"a"}\n', { 'content-type': 'application/x-ndjson' }))
        .statusCode,
    ).toBe(415);
  });
});
