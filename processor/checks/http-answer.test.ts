import { describe, expect, test } from '@jest/globals';
import { outcomeOf, readBody } from './http-answer.ts';

describe('outcomeOf', () => {
  test.each([
    ['{"answer":true}', true, null],
    ['{"answer":false,"detail":"no"}', false, 'no'],
    ['{"answer":true,"detail":null,"more":1}', true, null],
  ])('200 with %s passes', (body, answer, detail) => {
    expect(outcomeOf({ status: 200, body })).toEqual({ kind: 'pass', answer, detail });
  });

  test.each([
    [200, undefined, 'retry', 'http-bad-response'],
    [200, '', 'retry', 'http-bad-response'],
    [200, 'yes', 'retry', 'http-bad-response'],
    [200, 'null', 'retry', 'http-bad-response'],
    [200, '[true]', 'retry', 'http-bad-response'],
    [200, '{"answer":"true"}', 'retry', 'http-bad-response'],
    [200, '{"answer":true,"detail":7}', 'retry', 'http-bad-response'],
    [200, '{"__proto__":{"answer":true}}', 'retry', 'http-bad-response'],
    [201, '{"answer":true}', 'retry', 'http-bad-response'],
    [204, '', 'retry', 'http-bad-response'],
    [302, '', 'retry', 'http-bad-response'],
    [0, '', 'retry', 'http-bad-response'],
    [400, '', 'reject', 'http-4xx'],
    [404, '{"answer":true}', 'reject', 'http-4xx'],
    [499, undefined, 'reject', 'http-4xx'],
    [408, '', 'retry', 'http-timeout'],
    [429, '', 'retry', 'http-429'],
    [500, '{"answer":true}', 'retry', 'http-5xx'],
    [503, undefined, 'retry', 'http-5xx'],
    [599, '', 'retry', 'http-5xx'],
  ])('%d with %j: %s %s', (status, body, kind, reason) => {
    expect(outcomeOf({ status, body })).toMatchObject({ kind, reason });
  });

  test('quotes little of an error, and that safely', () => {
    expect(outcomeOf({ status: 400, body: `bad\n${'x'.repeat(999)}` })).toMatchObject({
      detail: `answered 400: bad ${'x'.repeat(196)}`,
    });
    expect(outcomeOf({ status: 503, body: undefined })).toMatchObject({ detail: 'answered 503' });
  });
});

describe('readBody', () => {
  const stream = (chunks: string[], cancelled: () => void = () => undefined): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull: (c) => {
        const next = chunks.shift();
        if (next === undefined) c.close();
        else c.enqueue(Buffer.from(next));
      },
      cancel: cancelled,
    });

  test.each([
    [[], 5, ''],
    [['ab', 'cde'], 5, 'abcde'],
    [['ab', 'cdef'], 5, undefined],
  ])('%j within %d bytes', async (chunks, most, expected) => {
    expect(await readBody(stream(chunks), most)).toBe(expected);
  });

  test('joins a character that was cut in two', async () => {
    const bytes = Buffer.from('ü');
    const cut = new ReadableStream<Uint8Array>({
      start: (c) => {
        c.enqueue(bytes.subarray(0, 1));
        c.enqueue(bytes.subarray(1));
        c.close();
      },
    });
    expect(await readBody(cut, 9)).toBe('ü');
  });

  test('gives up the rest of a body that is too long', async () => {
    const rest = ['aaa', 'bbb', 'ccc', 'ddd', 'eee', 'fff'];
    let given = false;
    await readBody(
      stream(rest, () => (given = true)),
      5,
    );
    expect([given, rest.length > 1]).toEqual([true, true]);
  });

  test('no body is empty', async () => {
    expect(await readBody(null, 5)).toBe('');
  });
});
