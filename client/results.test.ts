import { afterEach, expect, test } from '@jest/globals';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { closeEdges, openEdge } from '@verdikt/test/support/producer/edge.ts';
import { createScriptedView } from '@verdikt/test/support/producer/scripted-view.ts';
import { createClientWith } from './client.ts';
import { createClient, type ResultEvent, type ResultsOptions } from './public.ts';

afterEach(closeEdges);

const verdict = (id: string): string => `event: verdict\ndata: {"id":"${id}","verdict":null}\n\n`;
const stream =
  (...pieces: string[]) =>
  () =>
    new Response(new Blob(pieces).stream(), { headers: { 'content-type': 'text/event-stream' } });
const refused =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ code, status, detail: 'd' }, { status, headers });

/** Connections with these answers, one after the other; then the service is away. `waits`: between them. */
const reading = (answers: (() => Response)[], options: ResultsOptions = {}) => {
  const asked: string[] = [];
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    after: (ms, f) => {
      // Nothing falls silent here.
      if (ms > 30_000) return () => undefined;
      waits.push(ms);
      const timer = setTimeout(f);
      return () => clearTimeout(timer);
    },
  };
  const fetch = ((url: URL) => {
    asked.push(url.search);
    const next = answers.shift();
    if (next !== undefined) return Promise.resolve(next());
    // A reader that wants more than is told must not go on for good.
    return asked.length > 20
      ? Promise.resolve(refused(403, 'FORBIDDEN')())
      : Promise.reject(new TypeError('fetch failed'));
  }) as typeof globalThis.fetch;
  const client = createClientWith({ url: 'http://edge', fetch }, { clock, random: () => 0 });
  return { asked, waits, results: client.results(options) };
};
const told = async (results: AsyncIterable<ResultEvent>, most: number): Promise<string[]> => {
  const found: string[] = [];
  for await (const e of results) {
    found.push(e.kind === 'verdict' ? e.result.id : e.kind === 'position' ? `@${e.position}` : e.kind);
    if (found.length === most) break;
  }
  return found;
};

test('goes on where it was, on the next connection', async () => {
  const { asked, waits, results } = reading(
    [stream('retry: 70\n\n', verdict('a'), 'id: 1.0\n\n', verdict('b').slice(0, 9)), stream(verdict('b'))],
    { key: 'k', verdict: 'accepted' },
  );
  expect(await told(results, 3)).toEqual(['a', '@1.0', 'b']);
  expect(asked).toEqual(['?key=k&verdict=accepted', '?key=k&verdict=accepted&from=1.0']);
  expect(waits).toEqual([70]);
});

test('says what was passed over: as the edge tells, and where there was no position', async () => {
  const { asked, results } = reading([
    stream('event: gap\ndata: {}\n\n'),
    stream(verdict('a'), 'retry: 9\nevent: stop\ndata: {}\n\n'),
  ]);
  expect(await told(results, 3)).toEqual(['gap', 'gap', 'a']);
  expect(asked).toEqual(['', '']);
  const resumed = reading([stream(), stream(verdict('a'))], { from: '3.4' });
  expect(await told(resumed.results, 1)).toEqual(['a']);
  expect(resumed.asked).toEqual(['?from=3.4', '?from=3.4']);
});

test('waits as long as it is told, and ends with what no wait cures', async () => {
  const { waits, results } = reading([
    refused(503, 'VIEW_BEHIND', { 'retry-after': '7' }),
    refused(403, 'FORBIDDEN'),
  ]);
  await expect(told(results, 9)).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 });
  expect(waits).toEqual([7_000]);
  const html = () => new Response('<html>', { status: 404 });
  await expect(told(reading([html]).results, 1)).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
});

test('a verdict that is not JSON is told as such, and the stream and its positions go on', async () => {
  const { results } = reading(
    [stream('event: verdict\ndata: <html>\n\n', verdict('a'), 'event: verdict\ndata: null\n\nid: 1.0\n\n')],
    { from: '0.0' },
  );
  const found: ResultEvent[] = [];
  for await (const e of results) if (found.push(e) === 4) break;
  const [html, , nothing] = found;
  expect(found.map((e) => e.kind)).toEqual(['invalid', 'verdict', 'invalid', 'position']);
  const message = 'a verdict on the stream of results is not JSON: read it again with "0.0" as `from`';
  expect(html).toMatchObject({ data: '<html>', error: { code: 'ANSWER_INVALID', status: 200 } });
  expect(html).toMatchObject({ error: { name: 'VerdiktError', message: expect.stringContaining(message) } });
  expect(html).toMatchObject({ error: { cause: expect.any(SyntaxError) } });
  expect(nothing).toMatchObject({ data: 'null', error: { code: 'ANSWER_INVALID' } });
  expect(found[3]).toEqual({ kind: 'position', position: '1.0' });
});

test('an event without end is given up, and a signal ends it', async () => {
  const endless = () =>
    new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536).fill(97)) }));
  await expect(told(reading([endless]).results, 1)).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
  const signal = AbortSignal.abort(new Error('mine'));
  await expect(told(reading([stream()], { signal }).results, 1)).rejects.toThrow('mine');
});

test('reads the stream of an edge, up to a position that it gives back', async () => {
  const next = Array.from({ length: 12 }, (_, p) => (p === 0 ? 1 : 0));
  const events = [
    {
      partition: 0,
      offset: 0,
      id: 'a',
      key: 'k',
      owner: '',
      accepted: true,
      data: '{"id":"a","verdict":null}',
    },
  ];
  const froms: unknown[] = [];
  const view = createScriptedView((q) => {
    if (q.ask !== 'page') throw new Error(q.ask);
    froms.push(q.from?.[0]);
    const left = q.from?.[0] === 0 ? events : [];
    return { is: 'page', events: left, next, end: true, gaps: [] };
  });
  const edge = openEdge({ view });
  const client = createClient({ url: `http://127.0.0.1:${await edge.listen()}` });
  const found = await told(client.results({ from: 'start' }), 2);
  expect(found).toEqual(['a', `@${next.join('.')}`]);
  expect(await told(client.results({ from: next.join('.') }), 1)).toEqual([found[1]]);
  expect(froms).toEqual([0, 1]);
});
