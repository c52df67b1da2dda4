import { beforeEach, describe, expect, test } from '@jest/globals';
import { createTokenCache, type BearerToken } from './token-cache.ts';

let now: number;
let asked: number;
let fails: boolean;
let lifetime: number | undefined;
const get = (): Promise<BearerToken> => {
  asked++;
  if (fails) return Promise.reject(new Error('away'));
  return Promise.resolve({
    value: `t${asked}`,
    expiresAt: lifetime === undefined ? undefined : now + lifetime,
  });
};
beforeEach(() => {
  [now, asked, fails, lifetime] = [1_000_000, 0, false, 100_000];
});
const cache = () => createTokenCache(get, { now: () => now });

describe('a token', () => {
  test('is used by all until 80% of its life is over', async () => {
    const token = cache();
    expect(await Promise.all([token(), token(), token()])).toEqual(['t1', 't1', 't1']);
    now += 79_999;
    expect(await token()).toBe('t1');
    now += 1;
    expect(await Promise.all([token(), token()])).toEqual(['t2', 't2']);
  });

  test('that lives for a minute or less is replaced 15 s before its end', async () => {
    lifetime = 20_000;
    const token = cache();
    await token();
    now += 4_999;
    expect(await token()).toBe('t1');
    now += 1;
    expect(await token()).toBe('t2');
  });

  test('whose end is unknown is used once', async () => {
    lifetime = undefined;
    const token = cache();
    expect([await token(), await token()]).toEqual(['t1', 't2']);
  });

  test('serves on while none can be had, but not to its very end', async () => {
    const token = cache();
    await token();
    fails = true;
    now += 94_999;
    expect(await token()).toBe('t1');
    now += 1;
    await expect(token()).rejects.toThrow('away');
    fails = false;
    expect(await token()).toBe('t4');
  });
});
