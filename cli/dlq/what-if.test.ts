import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import { retryEntry } from '@verdikt/core/record/retry-entry.ts';
import { dlqBench, uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { createSubmissionEncoder } from '../../schemas/encode.ts';

const RETRY = 'words.retry.verdikt';
const encode = createSubmissionEncoder(7);
const valueOf = (word: string): Buffer => Buffer.from(encode(word, 1_789_999_000_000));

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** Dead letters with words in them; the key `parked` waits behind its head, with two followers. */
const some = () => {
  const b = dlqBench();
  b.memory.create(RETRY, 2);
  b.letter({ id: uuid(1), key: 'a', origin: 4, value: valueOf('level') });
  b.letter({ id: uuid(2), key: 'b', origin: 5, value: valueOf('verdict') });
  b.letter({ id: uuid(3), key: 'parked', origin: 6, parked: true, partition: 1, value: valueOf('noon') });
  for (const origin of [6, 7, 8]) {
    const record = makeRecord({
      ...{ offset: origin, timestamp: 1, key: Buffer.from('parked'), value: valueOf('noon'), headers: [] },
    });
    const parkedFor = { kind: 'retry-exhausted' as const, error: 'e', stage: 'http' };
    const state = {
      origin,
      redrive: 0,
      attempt: 1,
      dueAt: 0,
      firstFailedAt: 0,
      reason: 'http-503',
      passed: [],
    };
    const entry = origin === 6 ? { ...state, parkedAt: 7, parkedFor } : { ...state, parkedAt: 0 };
    b.memory.put(RETRY, 1, retryEntry(record, entry));
  }
  return b;
};
const sizes = (b: ReturnType<typeof dlqBench>): number[] =>
  [...b.memory.topics.values()].flatMap((partitions) => partitions.map((log) => log.length));

test('says what today’s chain would make of them, whose followers would run, and writes nothing', async () => {
  const b = some();
  const before = sizes(b);
  expect(await b.verdikt('what-if --chain ["palindrome"] --json')).toBe(0);
  expect(b.json()).toEqual({
    counts: { selected: 3, pass: 3, fail: 0, unknown: 0, followersFreed: 2 },
    checks: ['palindrome'],
    notRun: null,
    letters: [
      { partition: 0, offset: 0, id: uuid(1), key: 'a', followers: 0, outcome: 'pass', accepted: true },
      { partition: 0, offset: 1, id: uuid(2), key: 'b', followers: 0, outcome: 'pass', accepted: false },
      { partition: 1, offset: 0, id: uuid(3), key: 'parked', followers: 2, outcome: 'pass', accepted: true },
    ],
    more: 0,
  });
  expect(sizes(b)).toEqual(before);
  expect(await b.verdikt('what-if --chain ["palindrome"] --status parked')).toBe(0);
  expect(b.seen.out).toContain(
    'Forecast for 1 dead letter: 1 would pass, 0 would fail again, 2 followers freed. Nothing was written.',
  );
  expect(b.seen.out).toMatch(/^1:0 +pass +parked +accepted, frees 2 followers$/m);
});

test('what cannot be read would fail again, and what is not known is not guessed', async () => {
  const b = some();
  b.letter({ id: uuid(4), key: 'c', origin: 9, value: Buffer.from('no frame') });
  b.letter({ id: uuid(5), key: 'd', origin: 10, value: Buffer.from([0, 0, 0, 0, 9, 1]) });
  expect(await b.verdikt('what-if --chain ["palindrome"] --json --key c,d')).toBe(0);
  expect(b.json()).toMatchObject({
    counts: { selected: 2, pass: 0, followersFreed: 0 },
    letters: [
      { key: 'c', outcome: 'fail', stage: 'decode', reason: 'wire-format' },
      { key: 'd', stage: 'decode' },
    ],
  });
});

test('those that were redriven are not asked about, and no more than the limit', async () => {
  const b = some();
  await b.verdikt('redrive --key a --yes --json');
  expect(await b.verdikt('what-if --chain ["palindrome"] --max 1 --json')).toBe(0);
  expect(b.json()).toMatchObject({ counts: { selected: 1 }, letters: [{ key: 'b' }], more: 1 });
  for (const max of ['0', '1001', 'x']) {
    expect(await b.verdikt(`what-if --json --max ${max}`)).toBe(1);
    expect(b.json()).toMatchObject({ error: { code: 'CONFIG_INVALID', details: { field: 'max' } } });
  }
  expect(await b.verdikt('what-if --chain ["palindrom"] --json')).toBe(1);
  expect(b.json()).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
});

/** A check service that answers by status, and remembers how it was asked. */
const service = async (status: number) => {
  const asked: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"answer":true}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

test('a service is asked only if that is wanted, and is told that it is a forecast', async () => {
  const b = some();
  const { asked, url } = await service(200);
  const chain = `["palindrome",{"http":{"url":"${url}","name":"rules"}}]`;
  expect(await b.verdikt(`what-if --chain ${chain} --json --key a`)).toBe(0);
  expect(b.json()).toMatchObject({
    ...{ counts: { pass: 0, unknown: 1 }, notRun: 'rules' },
    letters: [{ outcome: 'unknown', reason: 'not-run', stage: 'rules' }],
  });
  expect(asked).toEqual([]);
  expect(await b.verdikt(`what-if --chain ${chain} --json --all-checks --key a`)).toBe(0);
  expect(b.json()).toMatchObject({ counts: { pass: 1, unknown: 0 }, notRun: null });
  expect(asked).toMatchObject([{ 'verdikt-forecast': '1', 'idempotency-key': `${uuid(1)}.1.1.forecast` }]);
});

test('a service that fails makes letters fail again, and frees nobody', async () => {
  const b = some();
  const { url } = await service(503);
  expect(await b.verdikt(`what-if --chain [{"http":{"url":"${url}"}}] --json --all-checks`)).toBe(0);
  expect(b.json()).toMatchObject({
    counts: { selected: 3, pass: 0, fail: 3, followersFreed: 0 },
    letters: [{ outcome: 'fail', reason: 'http-5xx', stage: 'http' }, {}, { followers: 2 }],
  });
});
