import { expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { deadLetter } from '@verdikt/core/record/dead-letter.ts';
import { stubOf } from '@verdikt/core/record/stub.ts';
import { inRecord, stored } from '@verdikt/test/support/records.ts';
import { auditRecorded, emptyRecorded, keyOf, type Recorded } from '@verdikt/test/support/audit/recorded.ts';

const [PARTITIONS, P] = [3, 1];
const KEY = keyOf('k'.repeat(20_000), P, PARTITIONS);

/** One word with a long key and a long id, and its dead letter, a stub. */
const one = (): Recorded => {
  const headers = { [H.id]: 'i'.repeat(5_000) };
  const word = inRecord({ key: KEY, value: 'v', offset: 0, timestamp: 1_000, headers });
  const letter = deadLetter(stubOf(word, 0), {
    ...{ id: '', topic: 'words', partition: P, origin: 0, redrive: 0, kind: 'reject', attempts: 1 },
    ...{ firstFailedAt: 0, reason: 'oversize', error: '', stage: 'decode', disposition: 'final' },
  });
  return {
    ...emptyRecorded(5_000),
    ...{ words: [word], deadLetters: [stored(letter, 0, 2_000)], committed: 1 },
  };
};

test('a stub is the end of its record, though it has but digests of key and id', async () => {
  const { findings, counts } = await auditRecorded(one(), {}, PARTITIONS, P);
  expect([findings, counts.deadLetters]).toEqual([[], 1]);
  const again = one();
  const [letter] = again.deadLetters;
  const { key, value } = letter;
  again.deadLetters.push(stored({ key, value, headers: letter.headers() }, 1, 2_500));
  expect((await auditRecorded(again, {}, PARTITIONS, P)).found).toEqual({ doubled: 1 });
});

test('it is found by the key of its record', async () => {
  const { findings, counts } = await auditRecorded(one(), { key: KEY }, PARTITIONS, P);
  expect([findings, counts.words]).toEqual([[], 1]);
  const lost = { ...one(), deadLetters: [] };
  expect((await auditRecorded(lost, { key: KEY }, PARTITIONS, P)).found).toEqual({ lost: 1 });
  expect((await auditRecorded(lost, { key: `${KEY}x` }, PARTITIONS, P)).found).toEqual({});
});

test('one that names another record is no stub of it', async () => {
  const h = one();
  h.words[0] = inRecord({ key: KEY, value: 'v', timestamp: 1_000, headers: { [H.id]: 'j'.repeat(5_000) } });
  expect((await auditRecorded(h, {}, PARTITIONS, P)).found).toMatchObject({ foreign: 1, lost: 1 });
});
