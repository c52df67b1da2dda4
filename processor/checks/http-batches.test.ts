import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { sendJson, serveHttp, type HttpServer } from '@verdikt/test/support/http-server.ts';
import type { Check } from '@verdikt/core/ports/chain.ts';
import { createHttpCheck } from './http.ts';
import { socketTransport } from './http-transport.ts';

let http: HttpServer;
let clock: ManualClock;
let check: Check;
/** Words of each request. */
let requests: string[][];
let status: (words: readonly string[]) => number;

const item = (word: string): object =>
  word === 'busy' ? { status: 503 } : { answer: word !== 'bad', detail: word };

beforeAll(async () => {
  http = await serveHttp((_, response, body) => {
    const { items } = JSON.parse(String(body)) as { items: { word: string }[] };
    const words = items.map((i) => i.word);
    requests.push(words);
    sendJson(response, status(words), { items: words.map(item) });
  });
});
afterAll(() => http.stop());
beforeEach(() => {
  requests = [];
  status = () => 200;
  clock = manualClock();
  const options = {
    ...{ name: 'http', url: `${http.origin}/`, timeoutMs: 60_000, maxResponseBytes: 65_536, concurrency: 2 },
    ...{ breakerFailures: 3, breakerHalfOpenMs: 60_000, keepAliveMs: 4_000, connectionMaxMs: 60_000 },
    ...{ publicAddressesOnly: false, batchMax: 4, batchWaitMs: 10 },
  };
  check = createHttpCheck(options, { transport: socketTransport(options), clock });
});

const key = (word: string): number => Buffer.from(word).reduce((sum, c) => sum * 31 + c, 7);
const run = (...words: string[]) =>
  words.map((word) => Promise.resolve(check.run({ word, id: word, attempt: 1, key: key(word) })));
const ends = async (...runs: Promise<{ kind: string }>[]) => (await Promise.all(runs)).map((o) => o.kind);

describe('with batchMax', () => {
  test('words go together when there are enough, the rest after batchWaitMs, and each gets its own outcome', async () => {
    const all = run('a', 'bad', 'busy', 'd', 'e', 'f');
    expect(await Promise.all(all.slice(0, 4))).toMatchObject([
      { kind: 'pass', answer: true, detail: 'a' },
      { kind: 'pass', answer: false, detail: 'bad' },
      { kind: 'retry', reason: 'http-5xx' },
      { kind: 'pass', answer: true, detail: 'd' },
    ]);
    expect(requests).toEqual([['a', 'bad', 'busy', 'd']]);
    clock.advance(9);
    await new Promise(setImmediate);
    expect(requests).toHaveLength(1);
    clock.advance(1);
    expect(await ends(...all.slice(4))).toEqual(['pass', 'pass']);
    expect(requests).toEqual([
      ['a', 'bad', 'busy', 'd'],
      ['e', 'f'],
    ]);
  });

  test('a request that is refused as a whole is sent again in halves, until the word is found that is refused', async () => {
    status = (words) => (words.includes('rude') ? 422 : 200);
    expect(await ends(...run('a', 'rude', 'c', 'd'))).toEqual(['pass', 'reject', 'pass', 'pass']);
    expect(requests).toEqual([['a', 'rude', 'c', 'd'], ['a', 'rude'], ['a'], ['rude'], ['c', 'd']]);
  });

  test('a request that fails as a whole is one failure, and its words then go alone', async () => {
    status = (words) => (words.includes('poison') ? 500 : 200);
    expect(await ends(...run('a', 'poison', 'c', 'd'))).toEqual(['retry', 'retry', 'retry', 'retry']);
    expect(check.circuit?.look(clock.now()).state).toBe('closed');
    requests = [];
    expect(await ends(...run('a', 'poison', 'c', 'd'))).toEqual(['pass', 'retry', 'pass', 'pass']);
    expect(requests.sort()).toEqual([['a'], ['c'], ['d'], ['poison']]);
    await ends(...run('a', 'c', 'd', 'e'));
    expect(requests.at(-1)).toEqual(['a', 'c', 'd', 'e']);
  });

  test('failures of requests in a row open the circuit', async () => {
    status = () => 500;
    for (const n of [1, 2, 3]) await ends(...run(`a${n}`, `b${n}`, `c${n}`, `d${n}`));
    expect(check.circuit?.look(clock.now()).state).toBe('open');
  });
});
