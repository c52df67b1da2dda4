import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readItemKey, readKeyHeader, submissionId, type Identity } from './idempotency.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const id = (over: Partial<Identity & { text: string }> = {}): string =>
  submissionId(
    {
      ...{
        principal: 'anonymous',
        idempotencyKey: 'k-1',
        key: Buffer.from(over.text ?? 'level'),
        word: 'level',
      },
      ...over,
    },
    sha256,
  );

describe('the id of a submission under an Idempotency-Key', () => {
  test('never changes: clients of the next version send again what this one did not confirm', () => {
    expect(id()).toBe('dc66bcb9-a517-8ed4-ab4b-175ef0d1f16e');
  });

  test('differs by principal, Idempotency-Key, key and word, however these are cut', () => {
    const ids = [
      id(),
      id({ principal: 'anonymousk', idempotencyKey: '-1' }),
      id({ idempotencyKey: 'k-', text: '1level' }),
      id({ text: 'levell', word: 'evel' }),
      id({ text: 'lev', word: 'ellevel' }),
      id({ word: 'other' }),
      id({ text: 'other' }),
      id({ principal: '', idempotencyKey: 'anonymousk-1' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is a UUIDv8', () => {
    expect(id()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('Idempotency-Key as a header', () => {
  test.each([
    ['a', 'a'],
    ['a b', 'a b'],
    ['a"b', 'a"b'],
    ['"a"', 'a'],
    ['"a \\"b\\" \\\\"', 'a "b" \\'],
    ['k'.repeat(255), 'k'.repeat(255)],
    [`"${'k'.repeat(253)}"`, 'k'.repeat(253)],
  ])('%s is read', (header, key) => {
    expect(readKeyHeader(header)).toBe(key);
  });

  test.each(['', '""', '"', '"a', '"a"b', '"a";x=1', '"\\a"', '"a\\"', 'k'.repeat(256), 'caf\u00e9', 'a\tb'])(
    '%j is refused',
    (header) => {
      expect(readKeyHeader(header)).toMatchObject({ code: 'INPUT_INVALID', field: 'idempotency-key' });
    },
  );
});

test.each(['a', '"a"', 'k'.repeat(255)])('an item may say %s, which is taken as it is', (key) => {
  expect(readItemKey(key)).toBe(key);
});

test.each([undefined, null, 1, '', 'k'.repeat(256), 'caf\u00e9', 'a\u0000'])(
  'an item may not say %j',
  (key) => {
    expect(readItemKey(key)).toMatchObject({ code: 'INPUT_INVALID', field: 'idempotencyKey' });
  },
);
