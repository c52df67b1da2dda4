import { describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { inRecord, outRecord } from '@verdikt/test/support/records.ts';
import type { DedupMode } from '../policy/dedup-rule.ts';
import { newState } from '../state/state.fixture.ts';
import { OURS, accepted, noted, setup, topics } from './restore.fixture.ts';

describe('what was decided', () => {
  const decided = (mode: DedupMode = 'resubmitted') => {
    const s = setup(1, newState({ dedup: mode }).context);
    s.words(20);
    const words = s.broker.topicId(topics.words);
    const ended = (topic: string, origin: number, more: Readonly<Record<string, string>> = {}): void =>
      void s.told(topic, 10, 'words/g', { [H.id]: `id-${origin}`, [H.origin]: String(origin), ...more });
    for (const topic of [topics.results, topics.deadLetters]) {
      const first = topic === topics.results ? 0 : 5;
      ended(topic, first, { [H.edge]: words });
      ended(topic, first + 1);
      ended(topic, first + 2, { [H.edge]: 'another topic' });
      ended(topic, first + 3, { [H.edge]: words, [H.redrive]: '1' });
      ended(topic, first + 4, { [H.edge]: words });
    }
    const known = async (...at: Parameters<typeof s.read>): Promise<number[]> => {
      const { state } = await s.read(...at);
      return Array.from({ length: 10 }, (_, origin) => origin).filter((origin) => {
        const record = inRecord({ key: 'k', value: 'v', headers: [[H.id, `id-${origin}`]], offset: origin });
        return state.offer(record) === undefined;
      });
    };
    return { ...s, known };
  };

  test('is remembered where it can come twice', async () => {
    for (const metadata of [OURS, noted({}), noted({ recall: { results: 0, deadLetters: 0 } })])
      expect(await decided().known(10n, metadata)).toEqual([1, 2, 3, 6, 7, 8]);
    expect(await decided('all').known(10n, noted({ recall: {} }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await decided('none').known(10n)).toEqual([]);
  });

  test('is remembered, no matter who wrote it, where it is read again, because an operator set the offset back', async () => {
    expect(await decided().known(4n, accepted())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('is read from where the last commit says, and not at all where nothing is to be remembered', async () => {
    const ends = { results: 5, retry: 0, deadLetters: 5 };
    expect(await decided().known(10n, noted({ recall: { results: 2 }, ends }))).toEqual([2, 3]);
    const { broker, logs, known } = decided();
    for (let i = 0; i < 5_000; i++) broker.append(topics.results, 0, outRecord({ key: 'k', value: '' }));
    const results: number[] = [];
    const { scan } = logs;
    logs.scan = (topic, ...rest) => {
      if (topic === topics.results) results.push(rest[1]);
      return scan(topic, ...rest);
    };
    broker.append(
      topics.results,
      0,
      outRecord({ value: '', headers: { [H.next]: '10', [H.group]: 'words/g' } }),
    );
    expect(await known(10n, noted({ recall: {}, ends: { ...ends, results: 5_006 } }))).toEqual([]);
    // The end alone is looked at, for what it tells.
    expect(results).toEqual([4_006]);
  });

  test('is read behind the ends of the last commit, which may have been made upon a stale read', async () => {
    const ends = { results: 2, retry: 0, deadLetters: 5 };
    expect(await decided().known(10n, noted({ recall: {}, ends }))).toEqual([2, 3]);
  });
});
