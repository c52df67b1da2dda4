import { describe, expect, test } from '@jest/globals';
import { MAX_ID_BYTES, MAX_KEY_BYTES, shortId, shortKey } from '../hash/digest.ts';
import { H } from './headers.ts';
import type { Header, InRecord } from './record.ts';
import { inRecord, plain, stored } from '@verdikt/test/support/records.ts';
import { deadLetter, type DeadLetterFacts } from './dead-letter.ts';
import { retryEntry } from './retry-entry.ts';
import { writtenBytes } from '../../engine/policy/sizes.ts';
import { readStub, stubBytes, stubOf } from './stub.ts';

const state = { origin: 7, redrive: 0, attempt: 1, dueAt: 0, firstFailedAt: 0, reason: '', parkedAt: 0 };
const entryOf = (r: InRecord): InRecord => stored(retryEntry(r, { ...state, passed: [] }), 3, 99);
const facts: DeadLetterFacts = {
  ...{ id: 'id-7', topic: 'words', partition: 3, origin: 7, redrive: 0, kind: 'reject', attempts: 1 },
  ...{ firstFailedAt: 5, reason: 'oversize', error: 'too large', stage: 'decode', disposition: 'final' },
};
const headersOf = (r: InRecord): Record<string, string | null> => Object.fromEntries(plain(r).headers);
const large = (headers: Header[] = [[H.id, 'id-7']], key: Buffer | string | null = 'k'): InRecord =>
  inRecord({ key, value: 'x'.repeat(100_000), headers, offset: 7, timestamp: 5 });

describe('a stub', () => {
  test('has the key, the headers and the size of its record, and no value', () => {
    const record = large([
      [H.id, 'id-7'],
      ['tenant', 'acme'],
    ]);
    const stub = stubOf(record, 7);
    expect(plain(stub)).toEqual({
      ...{ offset: 7, key: 'k', value: null },
      headers: [
        [H.id, 'id-7'],
        ['tenant', 'acme'],
        [H.stub, String(record.size)],
      ],
    });
    expect([stub.truncated, stub.timestamp]).toEqual([record.size, 5]);
  });

  test('is the same after it was a retry entry, any number of times', () => {
    const stub = stubOf(large(undefined, 'k'.repeat(20_000)), 7);
    const once = readStub(entryOf(stub));
    const twice = readStub(entryOf(once));
    for (const r of [once, twice]) {
      expect(r.truncated).toBe(stub.truncated);
      expect(r.key).toEqual(stub.key);
      expect(headersOf(r)).toMatchObject(headersOf(stub));
      expect(stored(deadLetter(r, facts), 0, 0).headers()).toEqual(
        stored(deadLetter(stub, facts), 0, 0).headers(),
      );
    }
  });

  test('keeps a key of 16 KiB; a longer one is told by its digest', () => {
    const kept = stubOf(large(undefined, Buffer.alloc(MAX_KEY_BYTES, 1)), 7);
    expect([kept.key?.length, kept.header(H.keyDigest)]).toEqual([MAX_KEY_BYTES, undefined]);
    const long = Buffer.alloc(MAX_KEY_BYTES + 1, 1);
    const digest = stubOf(large(undefined, long), 7);
    expect(digest.key).toEqual(shortKey(long));
    expect([digest.key?.length, digest.headerText(H.keyDigest)]).toEqual([32, 'sha256']);
    expect(stubOf(large(undefined, null), 7).key).toBeNull();
  });

  test('whatever its record is: 48 KiB hold its entry and its dead letter', () => {
    const monsters: InRecord[] = [
      large([[H.id, 'i'.repeat(2_000_000)]], 'k'.repeat(MAX_KEY_BYTES)),
      large(
        Array.from({ length: 5_000 }, (_, i): Header => [`h${i}`, 'v'.repeat(100)]),
        'k'.repeat(MAX_KEY_BYTES),
      ),
      large(
        Array.from({ length: 50_000 }, (): Header => ['', null]),
        'k'.repeat(MAX_KEY_BYTES),
      ),
      large([[H.origin, '7'.repeat(500_000)]], 'k'.repeat(MAX_KEY_BYTES)),
    ];
    for (const monster of monsters) {
      const stub = stubOf(monster, 7);
      const parkedFor = { kind: 'reject', error: 'e'.repeat(5_000), stage: 's'.repeat(500) } as const;
      const entry = retryEntry(stub, { ...state, passed: [], parkedAt: 9, parkedFor });
      const letter = deadLetter(stub, { ...facts, error: 'e'.repeat(5_000) });
      expect(writtenBytes(entry)).toBeLessThan(49 * 1024);
      expect(writtenBytes(letter)).toBeLessThan(49 * 1024);
    }
  });

  test('counts the headers it leaves out, and its dead letter those of both', () => {
    const headers = Array.from({ length: 40 }, (_, i): Header => [`h${i}`, 'v'.repeat(1_000)]);
    const stub = stubOf(large(headers), 7);
    const dropped = Number(stub.headerText(H.headersDropped));
    expect(dropped).toBe(40 - Math.floor((28 * 1024) / 1_007));
    expect(headersOf(stored(deadLetter(stub, facts), 0, 0))[H.headersDropped]).toBe(String(dropped));
  });

  test('tells a long id by its digest', () => {
    const id = Buffer.alloc(MAX_ID_BYTES + 1, 'i');
    expect(stubOf(large([[H.id, id]]), 7).headerText(H.id)).toBe(shortId(id).toString());
    const short = id.subarray(1);
    expect(stubOf(large([[H.id, short]]), 7).header(H.id)).toEqual(short);
  });

  test('of a retry entry has the time at which the record came', () => {
    const entry = entryOf(large());
    expect([entry.timestamp, stubOf(entry, 7).timestamp]).toEqual([99, 5]);
  });
});

test('names of ours in a record that is whole make no stub of it', () => {
  const record = large([
    [H.id, 'id-7'],
    [H.stub, '12'],
    [H.keyDigest, 'sha256'],
    [H.headersDropped, '3'],
  ]);
  const entry = entryOf(record);
  expect([stubBytes(entry), readStub(entry)]).toEqual([0, entry]);
  const letter = stored(deadLetter(record, facts), 0, 0);
  expect(letter.value).toEqual(record.value);
  expect(
    letter.headers().filter(([name]) => [H.stub, H.keyDigest, H.headersDropped].includes(name as never)),
  ).toEqual([]);
  expect(headersOf(stubOf(record, 7))).toEqual({ [H.id]: 'id-7', [H.stub]: expect.any(String) });
});
