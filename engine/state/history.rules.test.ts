import { describe, expect, test } from '@jest/globals';
import { NOTICED_AT, noticedAt } from '@verdikt/test/engine/history/noticed-at.ts';
import { PLANTED } from '@verdikt/test/engine/history/planted.ts';

/** A rule that is switched off is noticed by one of so many from where it was noticed last. */
const PLANTED_HISTORIES = 8_000;

describe('a rule that is switched off is noticed', () => {
  test.each(PLANTED.map((p) => [p.name, p] as const))('%s', async (name, planted) => {
    expect(await noticedAt(planted, NOTICED_AT[name] ?? 0, PLANTED_HISTORIES)).toBeDefined();
  });

  test('and nothing is noticed where none is', async () => {
    expect(await noticedAt({ name: 'nothing' }, 0, 20)).toBeUndefined();
    expect(Object.keys(NOTICED_AT).filter((name) => !PLANTED.some((p) => p.name === name))).toEqual([]);
  });
});
