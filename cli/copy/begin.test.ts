import { expect, test } from '@jest/globals';
import type { CommitNote } from '@verdikt/core/record/commit-note.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { beginOf, type BeginFacts } from './begin.ts';

const note = (words: string): CommitNote => ({
  ...{ partitions: 3, ids: { words }, ends: {}, live: 0, print: 0, origins: 0 },
});
const ours = { kind: 'commit', mark: { epoch: 0, last: {} }, note: note('now') } as const;
const told = (next: number, wordsId = 'now') => [{ system: 'words/g', next, wordsId }];
const facts = (change: Partial<BeginFacts>): BeginFacts => ({
  ...{ topic: 'words', partition: 0, id: 'now', committed: 40n, metadata: ours, told: told(30) },
  ...{ words: { start: 10, end: 100 }, cut: false },
  ...change,
});

test.each<[string, Partial<BeginFacts>, object]>([
  ['our own commit', {}, { from: 40, gone: 0 }],
  ['outputs past the commit', { told: told(50) }, { from: 50 }],
  ['an offset that somebody else set', { metadata: { kind: 'foreign' } }, { from: 30 }],
  ['an offset that expired', { committed: null, metadata: { kind: 'foreign' } }, { from: 30 }],
  [
    'an offset that an operator set back',
    { metadata: { kind: 'accepted', accepted: { at: 1 }, note: note('now') }, committed: 20n },
    { from: 20 },
  ],
  ['nothing at all', { committed: null, metadata: { kind: 'foreign' }, told: [] }, { from: 10 }],
  ['records that were deleted unread', { words: { start: 60, end: 100 } }, { from: 60, gone: 20 }],
  ['another topic, by the commit', { id: 'new' }, { from: 10, former: 'now' }],
  [
    'another topic, by the outputs alone',
    { id: 'new', committed: null, metadata: { kind: 'foreign' }, cut: true },
    { from: 10, former: 'now' },
  ],
])('begins right after what was read, with %s', (_, change, begin) => {
  expect(beginOf(facts(change))).toMatchObject({ former: undefined, ...begin });
});

test.each<[string, Partial<BeginFacts>, string]>([
  ['somebody else set the offset', { metadata: { kind: 'foreign' }, told: [] }, 'OFFSET_MOVED'],
  [
    'it was judged, and nothing tells how far',
    { committed: null, metadata: { kind: 'foreign' }, told: [], cut: true },
    'OFFSET_LOST',
  ],
  ['the end of the log was lost', { words: { start: 0, end: 39 } }, 'OFFSET_LOST'],
])('refuses with the command that settles it where %s', (_, change, code) => {
  let error: unknown;
  try {
    beginOf(facts(change));
  } catch (e) {
    error = e;
  }
  expect(isServiceError(error) && error.code).toBe(code);
  expect(String(error)).toContain('verdikt offsets set --partition 0');
});
