import { afterEach, expect, test } from '@jest/globals';
import { createEdge, type EdgeOptions } from '@verdikt/test/support/producer/edge.ts';
import { operatorsBench } from '@verdikt/test/support/producer/operators-bench.ts';
import { createScriptedView } from '@verdikt/test/support/producer/scripted-view.ts';
import { createClient, VerdiktError, type Client } from './public.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});
const open = async (options?: EdgeOptions) => {
  const edge = createEdge(options);
  opened.push(edge.app);
  return { edge, client: createClient({ url: `http://127.0.0.1:${await edge.listen()}/` }) };
};
const answering = (response: () => Response): Client =>
  createClient({ url: 'http://edge/base', fetch: () => Promise.resolve(response()) });

test('an operation takes and answers what the document says', async () => {
  const { edge, client } = await open();
  const stored = await client.call('submitWord', { body: { word: 'level', key: 'k' } });
  if (!stored.ok || stored.status !== 202) throw new Error(JSON.stringify(stored));
  expect([stored.body.id, String(edge.sink.stored[0].record.key)]).toEqual([
    edge.sink.stored[0].record.headers[0][1],
    'k',
  ]);
  const me = await client.call('getMe');
  expect(me).toMatchObject({ ok: true, status: 200, body: { principal: 'anonymous', open: true } });
});

test('what is not in the document does not pass the type check', () => {
  const wrong = (client: Client): unknown[] => [
    // @ts-expect-error a word is needed
    client.call('submitWord', { body: { key: 'k' } }),
    // @ts-expect-error its id is needed
    client.call('getWord', { query: { wait: '5s' } }),
    // @ts-expect-error no such operation
    client.call('getWords'),
    // @ts-expect-error it has no end
    client.call('streamResults'),
  ];
  expect(wrong).toBeDefined();
});

test('a refusal is an answer, with the reason', async () => {
  const { client } = await open();
  const answer = await client.call('submitWord', { body: { word: '' } });
  expect(answer).toMatchObject({ ok: false, status: 400, problem: { code: 'INPUT_INVALID', field: 'word' } });
  expect(await client.call('getWord', { path: { id: 'a' } })).toMatchObject({
    ...{ ok: false, status: 501, problem: { code: 'VIEW_OFF' } },
  });
});

test('paths and queries arrive as they are given', async () => {
  const operators = operatorsBench();
  const { client } = await open({ operators });
  operators.bench.letter({ id: 'a', key: 'a/b?&c', origin: 0 });
  operators.bench.letter({ id: 'b', key: 'other', origin: 1 });
  const found = await client.call('listDeadLetters', { query: { key: 'a/b?&c', limit: '5' } });
  expect(found.ok && found.body.letters.map((l) => l.keyText)).toEqual(['a/b?&c']);
  const shown = await client.call('getDeadLetter', { path: { partition: '0', offset: '1' } });
  expect(shown.ok && shown.body.keyText).toBe('other');
  const urls: string[] = [];
  const fetch = (url: string | URL | Request) => {
    urls.push(String(url));
    return Promise.resolve(new Response('{}'));
  };
  await createClient({ url: 'http://edge/base', fetch }).call('getKey', { path: { key: 'a/b?c' } });
  expect(urls).toEqual(['http://edge/base/v1/keys/a%2Fb%3Fc']);
});

test('keys that no path can hold are asked for all the same', async () => {
  const asked: unknown[] = [];
  const view = createScriptedView((q) => {
    asked.push(q.ask === 'key' && [q.key, q.limit]);
    return { is: 'key', body: '{"words":[]}' };
  });
  const { client } = await open({ view });
  for (const key of ['.', '..', '...'])
    expect(await client.call('getKey', { path: { key }, query: { limit: '3' } })).toMatchObject({ ok: true });
  await client.call('findKey', { query: { key: 'a b+&/..' } });
  expect(asked).toEqual([...['.', '..', '...'].map((key) => [key, 3]), ['a b+&/..', 100]]);
});

test('nothing new and answers of others are told apart from problems', async () => {
  const nothing = () => new Response(null, { status: 304 });
  const gateway = () => new Response('<html>', { status: 502 });
  for (const [response, status] of [[nothing, 304] as const, [gateway, 502] as const])
    expect(await answering(response).call('getMe')).toMatchObject({ ok: false, status, problem: undefined });
});

test('without an answer, and past its limit, it rejects', async () => {
  const away = createClient({
    url: 'http://edge',
    fetch: () => Promise.reject(new TypeError('fetch failed')),
  });
  await expect(away.call('getMe')).rejects.toMatchObject({ code: 'UNREACHABLE' });
  const megabyte = new Uint8Array(1024 * 1024);
  let sent = 0;
  const endless = new ReadableStream({ pull: (c) => c.enqueue((sent++, megabyte)) });
  const refused = await answering(() => new Response(endless))
    .call('getMe')
    .catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(VerdiktError);
  expect(refused).toMatchObject({ code: 'ANSWER_INVALID' });
  expect(sent).toBeLessThan(20);
  const ended = away.call('getMe', { signal: AbortSignal.abort(new Error('mine')) });
  await expect(ended).rejects.toThrow('mine');
});
