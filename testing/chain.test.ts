import { describe, expect, test } from '@jest/globals';
import { defineCheck, pass, reject, retry } from '@verdikt/processor/checks/define.ts';
import { openChain, testChain, type End } from './public.ts';

const told = (ends: readonly End[]): string[] =>
  ends.map((e) =>
    e.kind === 'verdict'
      ? `${e.key} ${e.word} ${e.accepted} ${e.attempts}`
      : `${e.key} ${e.word} ${e.cause} ${e.reason} ${e.attempts}`,
  );
const failing = (times: number) =>
  defineCheck({ name: 'flaky', run: ({ attempt }) => (attempt <= times ? retry('away') : true) });

describe('a chain in memory', () => {
  test('gives each word its verdict', async () => {
    const ends = await testChain({ chain: ['palindrome', (w) => pass(w !== 'noon', 'seen')] }, [
      'level',
      'word',
      'noon',
    ]);
    expect(told(ends)).toEqual(['level level true 1', 'word word false 1', 'noon noon false 1']);
    expect(ends[2]).toMatchObject({
      kind: 'verdict',
      checks: [
        { check: 'palindrome', answer: true, detail: null },
        { check: 'check', answer: false, detail: 'seen' },
      ],
    });
  });

  test('retries in order per key, in virtual time, while other keys go on', async () => {
    const slow = defineCheck({
      name: 'slow',
      run: ({ word, attempt }) => (word === 'a1' && attempt < 4 ? retry('away', 'for now') : true),
    });
    // 10, 30 and 90 minutes, each spread over its second half: what waits in real time never gets there.
    const env = { VERDIKT_RETRY_BASE_DELAY_MS: '600000', VERDIKT_RETRY_MAX_DELAY_MS: '5400000' };
    const ends = await testChain({ chain: [slow], env }, [
      { word: 'a1', key: 'a' },
      { word: 'a2', key: 'a' },
      { word: 'b1', key: 'b' },
    ]);
    expect(told(ends)).toEqual(['b b1 true 1', 'a a1 true 4', 'a a2 true 1']);
    expect(ends[1].afterMs).toBeGreaterThan(65 * 60_000);
  });

  test('dead-letters what is rejected or out of attempts, then goes on with the key', async () => {
    const check = defineCheck({
      name: 'picky',
      run: ({ word }) => (word === 'bad' ? reject('rude', 'no') : word === 'off' ? retry('away') : true),
    });
    const words = ['off', 'bad', 'ok'].map((word) => ({ word, key: 'k' }));
    const ends = await testChain({ chain: [check], env: { VERDIKT_RETRY_MAX_ATTEMPTS: '2' } }, words);
    expect(told(ends)).toEqual(['k off retry-exhausted away 2', 'k bad reject rude 1', 'k ok true 1']);
    expect(ends[1]).toMatchObject({ detail: 'no', stage: 'picky', parked: false });
  });

  test('parks a key where told so', async () => {
    const chain = await openChain({
      chain: [(word) => word !== 'bad' || reject('rude')],
      env: { VERDIKT_ON_DEAD_LETTER: 'park' },
    });
    for (const word of ['bad', 'next']) chain.submit({ word, key: 'k' });
    chain.submit('other');
    expect(told(await chain.settle()).sort()).toEqual(['k bad reject rude 1', 'other other true 1']);
    await chain.close();
  });

  test('drops what is submitted twice under one idempotency key', async () => {
    const chain = await openChain({ chain: [failing(1)] });
    const ids = [1, 2].map(() => chain.submit({ word: 'w', idempotencyKey: 'once' }));
    expect(ids[0]).toBe(ids[1]);
    expect(told(await chain.settle())).toEqual(['w w true 2']);
    chain.submit('again');
    expect(told(await chain.settle())).toEqual(['w w true 2', 'again again true 2']);
    await chain.close();
  });

  test('waits in real time for checks that take it, and aborts those that take too long', async () => {
    const slow = defineCheck({
      name: 'slow',
      run: async () => await new Promise<boolean>((ok) => setTimeout(() => ok(true), 30)),
    });
    const stuck = defineCheck({
      name: 'stuck',
      run: async ({ signal, attempt }) => {
        if (attempt === 2) return true;
        return await new Promise((_, no) => signal.addEventListener('abort', () => no(new Error('late'))));
      },
    });
    // Only what never comes has a limit that a busy machine could reach.
    const chain = [
      { check: slow, timeoutMs: 300_000 },
      { check: stuck, timeoutMs: 100 },
    ];
    expect(told(await testChain({ chain }, ['w']))).toEqual(['w w true 2']);
  });

  test('gives runMany words of several keys at once, each key in its order', async () => {
    const calls: string[][] = [];
    const check = defineCheck({
      name: 'many',
      runMany: async (attempts) => {
        calls.push(attempts.map((a) => `${a.key} ${a.word}`));
        await new Promise((resolve) => setTimeout(resolve, 5));
        return attempts.map((a) => (a.word === 'b1' && a.attempt === 1 ? retry('away') : a.word !== 'c2'));
      },
    });
    const words = ['a', 'b', 'c'].flatMap((key) => [1, 2].map((n) => ({ word: `${key}${n}`, key })));
    const ends = await testChain({ chain: [check] }, words);
    const of = (key: string) => told(ends).filter((end) => end.startsWith(`${key} `));
    expect([of('a'), of('b'), of('c')]).toEqual([
      ['a a1 true 1', 'a a2 true 1'],
      ['b b1 true 2', 'b b2 true 1'],
      ['c c1 true 1', 'c c2 false 1'],
    ]);
    expect(calls[0]).toEqual(['a a1', 'b b1', 'c c1']);
    for (const call of calls) expect(new Set(call.map((c) => c[0])).size).toBe(call.length);
  });

  test('does not stay with an open circuit', async () => {
    const check = defineCheck({
      name: 'away',
      run: async ({ attempt }) => await Promise.resolve(attempt < 2 ? retry('away') : true),
    });
    const words = Array.from({ length: 40 }, (_, i) => `w${i}`);
    const ends = await testChain({ chain: [check] }, words);
    expect(ends).toHaveLength(40);
    // Far less than its rest at the longest.
    expect(Math.max(...ends.map((e) => e.afterMs))).toBeLessThan(60_000);
  });

  test('asks http checks by the fetch that it is given', async () => {
    const asked: unknown[] = [];
    const fetch = ((_: string, { body, headers }: { body: string; headers: object }) => {
      asked.push({ ...(JSON.parse(body) as object), ...headers });
      return Promise.resolve(Response.json({ answer: true }));
    }) as typeof globalThis.fetch;
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const ends = await testChain({ chain: [{ http: { url: 'http://checks/' } }], fetch }, [
      { word: 'w', headers: { traceparent } },
    ]);
    expect([told(ends), asked]).toMatchObject([['w w true 1'], [{ word: 'w', attempt: 1, traceparent }]]);
  });

  test('refuses what an edge refuses, and what a processor refuses', async () => {
    const chain = await openChain({ env: { VERDIKT_CHAIN: '["palindrome"]' } });
    expect(() => chain.submit('')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    expect(() => chain.submit({ word: 'w', key: 'x'.repeat(257) })).toThrow(
      expect.objectContaining({ code: 'INPUT_TOO_LARGE' }),
    );
    await chain.close();
    await expect(openChain({ chain: [{ wordlist: {} }] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(openChain({ env: { VERDIKT_RETRY_MAX_ATTEMPTS: 'x' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  test('ends while a check hangs', async () => {
    let aborted = false;
    const check = defineCheck({
      name: 'hangs',
      run: async ({ signal }) =>
        await new Promise<boolean>(() => signal.addEventListener('abort', () => (aborted = true))),
    });
    const chain = await openChain({ chain: [check] });
    chain.submit('w');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await chain.close();
    expect(aborted).toBe(true);
  });

  test('closes its checks', async () => {
    const calls: string[] = [];
    const check = defineCheck({ name: 'own', run: () => true, close: () => void calls.push('closed') });
    await testChain({ chain: [check] }, ['w']);
    expect(calls).toEqual(['closed']);
  });
});
