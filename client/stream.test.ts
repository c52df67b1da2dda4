import { afterEach, describe, expect, test } from '@jest/globals';
import { createEdge } from '@verdikt/test/support/producer/edge.ts';
import { createClient, type SubmitAllOptions, type Submitted, type Submission } from './public.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

const open = async () => {
  const edge = createEdge();
  opened.push(edge.app);
  const bodies: string[][] = [];
  const fetch = ((input: URL, init: RequestInit) => {
    bodies.push(
      String(init.body)
        .trim()
        .split('\n')
        .map((l) => (JSON.parse(l) as Submission).word),
    );
    return globalThis.fetch(input, init);
  }) as typeof globalThis.fetch;
  const client = createClient({ url: `http://127.0.0.1:${await edge.listen()}`, fetch });
  return { edge, client, bodies };
};
type Words = Parameters<ReturnType<typeof createClient>['submitAll']>[0];
const all = async (client: ReturnType<typeof createClient>, words: Words, options?: SubmitAllOptions) => {
  const results: Submitted[] = [];
  for await (const result of client.submitAll(words, options)) results.push(result);
  return results;
};
const brief = (r: Submitted): string => `${r.index} ${r.word.word} ${r.ok ? 'ok' : r.error.code}`;

describe('many words', () => {
  test('each have their result, in order', async () => {
    const { edge, client, bodies } = await open();
    const results = await all(client, ['a', '', { word: 'b', key: 'k' }, 'x'.repeat(5_000), 'c']);
    expect(results.map(brief)).toEqual([
      '0 a ok',
      '1  INPUT_INVALID',
      '2 b ok',
      `3 ${'x'.repeat(5_000)} INPUT_TOO_LARGE`,
      '4 c ok',
    ]);
    expect(edge.words()).toEqual(['a', 'b', 'c']);
    expect(String(edge.sink.stored[1].record.key)).toBe('k');
    expect(bodies).toHaveLength(1);
    expect(results[0]).toMatchObject({ id: edge.sink.stored[0].record.headers[0][1] });
  });

  test('travel in requests of so many lines', async () => {
    const { client, bodies } = await open();
    const words = Array.from({ length: 7 }, (_, i) => `w${i}`);
    expect(await all(client, words, { linesPerRequest: 3 })).toHaveLength(7);
    expect(bodies.map((b) => b.length)).toEqual([3, 3, 1]);
    const many = Array.from({ length: 1_001 }, (_, i) => `w${i}`);
    expect(await all(client, many)).toHaveLength(1_001);
    expect(bodies.slice(3).map((b) => b.length)).toEqual([500, 500, 1]);
    expect(await all(client, [])).toEqual([]);
    await expect(all(client, ['a'], { linesPerRequest: 0 })).rejects.toThrow('linesPerRequest is 0');
  });

  test('of one key never share a request, unless they may', async () => {
    const { client, bodies } = await open();
    const words = ['a1', 'b1', 'a2', 'a3'].map((word) => ({ word, key: word[0] }));
    await all(client, words);
    await all(client, ['é', 'e\u0301']);
    await all(client, words, { keepOrder: false });
    expect(bodies).toEqual([['a1', 'b1'], ['a2'], ['a3'], ['é'], ['e\u0301'], ['a1', 'b1', 'a2', 'a3']]);
  });

  test('that could not be stored are sent again, alone and under their keys', async () => {
    const { edge, client, bodies } = await open();
    const failures = new Map([['b', 2]]);
    edge.sink.result = ({ record }) => {
      const left = failures.get(String(record.value)) ?? 0;
      failures.set(String(record.value), left - 1);
      return left > 0 ? { ok: false, code: 'APPEND_UNCONFIRMED' } : { ok: true, offset: 0 };
    };
    expect((await all(client, ['a', 'b', 'c'])).map(brief)).toEqual(['0 a ok', '1 b ok', '2 c ok']);
    expect(bodies).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
    const ids = edge.sink.appends
      .flat()
      .flatMap((s) => (String(s.record.value) === 'b' ? [s.record.headers[0][1]] : []));
    expect([ids.length, new Set(ids).size]).toEqual([3, 1]);
  });

  test('are sent again from where the answer broke off', async () => {
    const bodies: string[][] = [];
    const fetch = ((_: URL, init: RequestInit) => {
      const lines = String(init.body)
        .trim()
        .split('\n')
        .map((l) => (JSON.parse(l) as Submission).word);
      bodies.push(lines);
      const answered = bodies.length === 1 ? lines.slice(0, 1) : lines;
      const text = answered
        .map((w, i) => `${JSON.stringify({ line: i + 1, status: 202, id: w })}\n`)
        .join('');
      return Promise.resolve(new Response(bodies.length === 1 ? `${text}{"li` : text));
    }) as typeof globalThis.fetch;
    const results = await all(createClient({ url: 'http://edge', fetch }), ['a', 'b', 'c']);
    expect(results.map((r) => r.ok && r.id)).toEqual(['a', 'b', 'c']);
    expect(bodies).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  test('that fail for good do not end the rest', async () => {
    const away = (() => Promise.reject(new TypeError('fetch failed'))) as typeof globalThis.fetch;
    const client = createClient({ url: 'http://edge', fetch: away, timeLimitMs: 10 });
    const results = await all(client, ['a', 'b'], { linesPerRequest: 1 });
    expect(results.map(brief)).toEqual(['0 a UNREACHABLE', '1 b UNREACHABLE']);
    const [{ error }] = results.flatMap((r) => (r.ok ? [] : r));
    expect(error).toMatchObject({
      stored: 'unknown',
      attempts: 1,
      idempotencyKey: expect.stringMatching(/.{36}/),
    });
  });

  test('that come slowly go as they come; the source is ended with the loop', async () => {
    const { client, bodies } = await open();
    let ended = false;
    const source = async function* () {
      try {
        yield 'a';
        yield 'b';
        await new Promise((resolve) => setTimeout(resolve, 100));
        yield 'c';
        yield 'd';
      } finally {
        ended = true;
      }
    };
    const seen: string[] = [];
    for await (const { word } of client.submitAll(source())) {
      seen.push(word.word);
      if (word.word === 'c') break;
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(bodies[0]).toEqual(['a', 'b']);
    expect(ended).toBe(true);
  });

  test('end with what their source throws, after the results of those before', async () => {
    const { client } = await open();
    const source = async function* () {
      yield await Promise.resolve('a');
      throw new Error('source');
    };
    const results = client.submitAll(source());
    expect((await results.next()).value).toMatchObject({ ok: true });
    await expect(results.next()).rejects.toThrow('source');
  });
});
