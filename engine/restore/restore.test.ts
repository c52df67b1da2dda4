import { describe, expect, test } from '@jest/globals';
import type { CommitNote } from '@verdikt/core/record/commit-note.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { completionRecord } from '@verdikt/core/record/retry-entry.ts';
import { rejects } from '@verdikt/test/engine/contracts/subject.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { noteOf } from './note-of.ts';
import { FOREIGN, LOGS, OURS, accepted, noted, ofEntries, setup, topics } from './restore.fixture.ts';

describe('where a task begins', () => {
  test('without offset and without outputs: at the start of its log', async () => {
    const { broker, take, words } = setup();
    words(1);
    expect(await take(null)).toBe(0n);
    broker.log(topics.words, 0).trim(1);
    expect(await take(null)).toBe(1n);
  });

  test('a first transaction that was aborted leaves no output, only its traces', async () => {
    const { access, take } = setup();
    await (await access.open(topics.results, 0, [outRecord({ value: '' })])).abort();
    expect(await take(null)).toBe(0n);
  });

  test('outputs of another topic of that name: it was created again, and no offset means anything', async () => {
    const { refused, take, told, words } = setup();
    words(9);
    told(topics.results, 7, 'words/g', { [H.wordsId]: 'another' });
    for (const committed of [null, 3n, 7n])
      expect(await refused(committed, FOREIGN)).toMatchObject({
        code: 'TOPIC_CHANGED',
        details: { topic: topics.words },
      });
    // Our own commit tells by itself, and so does an operator.
    expect(await take(7n)).toBe(7n);
  });

  test('outputs without offset: it has been lost; the error says which is right', async () => {
    const { refused, told, words } = setup();
    words(9);
    told(topics.results, 3);
    told(topics.deadLetters, 7);
    told(topics.retry, 5);
    const error = await refused(null, FOREIGN);
    expect([error.code, error.details.right]).toEqual(['OFFSET_MOVED', 7]);
    expect(error.message).toContain('offsets set --partition 0 --to 7');
  });

  test('outputs of which nothing is left count too', async () => {
    const { access, broker, take } = setup();
    await (await access.open(topics.results, 0, [outRecord({ value: '' })])).commit();
    broker.log(topics.results, 0).trim(2);
    await rejects(take(null), 'OFFSET_LOST');
  });

  test('an offset outside of the log: records are gone', async () => {
    const { broker, take, words } = setup();
    words(3);
    broker.log(topics.words, 0).trim(2);
    await rejects(take(1n), 'OFFSET_LOST');
    expect([await take(2n), await take(3n)]).toEqual([2n, 3n]);
    await rejects(take(4n), 'OFFSET_LOST');
    await rejects(take(1n, accepted()), 'OFFSET_LOST');
  });

  test('an offset below what the outputs say is moved, no matter who committed it, unless an operator accepts that', async () => {
    const { take, told, words } = setup();
    words(9);
    told(topics.retry, 5);
    for (const metadata of [OURS, FOREIGN]) await rejects(take(4n, metadata), 'OFFSET_MOVED');
    expect(await take(4n, accepted())).toBe(4n);
    expect(await take(5n, FOREIGN)).toBe(5n);
  });

  test('an offset past what the outputs say is fine if we committed it: duplicates leave no output', async () => {
    const { take, told, words } = setup();
    words(9);
    told(topics.results, 5);
    expect(await take(6n, OURS)).toBe(6n);
    await rejects(take(6n, FOREIGN), 'OFFSET_MOVED');
    expect(await take(6n, accepted())).toBe(6n);
  });
});

describe('topics that are not what they were', () => {
  test('another id, fewer partitions, or another number of them than at the last commit', async () => {
    const { broker, take } = setup();
    const ids = { words: broker.topicId(topics.words), retry: broker.topicId(topics.retry) };
    expect(await take(0n, noted({ ids }))).toBe(0n);
    await rejects(take(0n, noted({ ids: { ...ids, retry: 'another' } })), 'TOPIC_CHANGED');
    await rejects(take(0n, noted({ partitions: 3 })), 'TOPIC_CHANGED');
    await rejects(setup(0).take(0n), 'TOPIC_CHANGED');
    expect(await setup(2).take(0n)).toBe(0n);
  });

  test('an accepted offset is accepted for the logs as they were then', async () => {
    const { broker, entry, take, told, words } = setup();
    words(9);
    told(topics.results, 5);
    entry(2);
    entry(3);
    const note = await noteOf(memoryLogReader(broker), topics, 1, 0);
    expect(note).toMatchObject({ ids: { words: broker.topicId(topics.words) }, ...ofEntries(2, 3) });
    expect(await take(1n, accepted(note))).toBe(1n);
    await rejects(take(1n, accepted({ ...note, ids: { words: 'another' } })), 'TOPIC_CHANGED');
    broker.log(topics.retry, 0).trim(1);
    await rejects(take(1n, accepted(note)), 'OFFSET_LOST');
  });

  test('outputs of another system', async () => {
    const { take, told, words } = setup();
    words(9);
    told(topics.results, 5, 'words/other');
    await rejects(take(5n), 'TOPIC_TAKEN');
    // What others wrote before us is no matter.
    told(topics.results, 5);
    expect(await take(5n)).toBe(5n);
  });

  test('outputs that are shorter than at the last commit', async () => {
    const { take, told } = setup();
    told(topics.results, 0);
    for (const role of ['results', 'retry', 'deadLetters'] as const) {
      const ends = { ...LOGS, [role]: 2 };
      await rejects(take(0n, noted({ ends })), 'OFFSET_LOST');
    }
    expect(await take(0n, noted({ ends: { ...LOGS, results: 1 } }))).toBe(0n);
  });
});

describe('entries of the retry partition', () => {
  test('are those of the last commit', async () => {
    const { entry, take, words } = setup();
    words(9);
    for (const origin of [2, 4, 6]) entry(origin);
    expect(await take(8n, noted(ofEntries(2, 4, 6)))).toBe(8n);
    await rejects(take(8n, noted(ofEntries(2, 4, 7))), 'OFFSET_LOST');
    await rejects(take(8n, noted(ofEntries(2, 4))), 'OFFSET_LOST');
    expect(await take(8n, accepted())).toBe(8n);
  });

  test('one that was deleted is named', async () => {
    const { broker, entry, refused, words } = setup();
    words(9);
    for (const origin of [2, 4, 6]) entry(origin);
    broker.log(topics.retry, 0).trim(1);
    const error = await refused(8n, noted(ofEntries(2, 4, 6)));
    expect([error.code, error.details.missing, error.details.origins]).toEqual(['OFFSET_LOST', 1, [2]]);
  });

  test('of several, those that have no end and are not outstanding are named', async () => {
    const { broker, entry, refused, told, words } = setup();
    words(9);
    for (const origin of [0, 1, 3, 5]) told(topics.results, 5, 'words/g', { [H.origin]: String(origin) });
    told(topics.deadLetters, 5, 'words/g', { [H.origin]: '7', [H.disposition]: 'final' });
    told(topics.deadLetters, 5, 'words/g', { [H.origin]: '2', [H.disposition]: 'parked' });
    for (const origin of [2, 4, 6]) entry(origin);
    broker.log(topics.retry, 0).trim(2);
    const error = await refused(8n, noted(ofEntries(2, 4, 6)));
    expect(error.message).toContain('2 of 3 outstanding entries (offsets in words: 2, 4)');
  });

  test('that were deleted after they had ended are no matter', async () => {
    const { broker, entry, take, words } = setup();
    words(9);
    for (const origin of [2, 4]) entry(origin);
    broker.append(topics.retry, 0, completionRecord([{ origin: 2, redrive: 0 }]));
    broker.log(topics.retry, 0).trim(1);
    expect(await take(8n, noted(ofEntries(4)))).toBe(8n);
  });
});

test('a flood of rejects that holds records is known however long ago it came; one that holds none is not', async () => {
  const { clock, entry, read, told, words } = setup();
  words(10);
  const letter = { [H.origin]: '7', [H.kind]: 'reject' };
  for (let i = 0; i < 2; i++) told(topics.deadLetters, 10, 'words/g', letter);
  clock.advance(3_600_000);
  const start = async (note: Partial<CommitNote>) => {
    const { state } = await read(10n, noted(note));
    return state.limitState(clock.now());
  };
  expect(await start({})).toBe('closed');
  entry(3);
  expect(await start(ofEntries(3))).toBe('operator');
});
