import { afterEach, expect, test } from '@jest/globals';
import { startBoundedService, type BoundedService } from './bounded-service.ts';

let service: BoundedService | undefined;
afterEach(() => service?.stop());

const ask = async (word: string): Promise<string> => {
  try {
    const body = JSON.stringify({ word, id: word, attempt: 1 });
    const answer = await fetch(service?.url ?? '', { method: 'POST', body });
    return `${answer.status} ${await answer.text()}`;
  } catch {
    return 'broken';
  }
};

test('it answers no more a second than it bears', async () => {
  service = await startBoundedService({ perSecond: 100 });
  const since = performance.now();
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask('abba')));
  expect(performance.now() - since).toBeGreaterThan(280);
  expect(new Set(answers)).toEqual(new Set(['200 {"answer":true}']));
  expect(service.given()).toBe(30);
});

test('while it is away calls fail in both ways, those that wait too', async () => {
  const there = Promise.withResolvers<void>();
  const delayMs = (): number => {
    there.resolve();
    return 60_000;
  };
  service = await startBoundedService({ delayMs });
  const early = ask('waits');
  await there.promise;
  service.away();
  expect(await early).toBe('broken');
  const answers = [await ask('a'), await ask('b'), await ask('c')];
  expect(answers.map((a) => a.slice(0, 3)).sort()).toEqual(['503', '503', 'bro']);
  expect(service.given()).toBe(0);
});

test('it is well again when it is back, but for those that fail by themselves', async () => {
  service = await startBoundedService({ fails: ({ id }) => id === 'bad' });
  service.away();
  service.back();
  expect([await ask('odd'), await ask('bad')]).toEqual(['200 {"answer":false}', '503 {}']);
});
