import { describe, expect, test } from '@jest/globals';
import { DEAD_LETTER_HEADERS, H, STATE_HEADERS } from './headers.ts';
import type { OutRecord } from './record.ts';
import fc from 'fast-check';
import {
  completionRecord,
  completionRecords,
  MAX_ENDED_PER_RECORD,
  originalTimestamp,
  parseRetryEntry,
  retryEntry,
  type RetryState,
} from './retry-entry.ts';
import { arbitraryRecord } from '@verdikt/test/support/arbitrary-records.ts';
import { asText, stored } from '@verdikt/test/support/records.ts';

const time = fc.integer({ min: 0, max: 8.64e15 });
const code = fc.stringMatching(/^[a-z0-9-]{0,20}$/);
const unparked: fc.Arbitrary<RetryState> = fc.record({
  origin: fc.maxSafeNat(),
  redrive: fc.nat(0xffff),
  attempt: fc.integer({ min: 1, max: 0xffff }),
  dueAt: time,
  firstFailedAt: time,
  reason: code,
  passed: fc.array(
    fc.record({ check: fc.string(), answer: fc.boolean(), detail: fc.option(fc.string({ unit: 'binary' })) }),
    { maxLength: 5 },
  ),
  parkedAt: fc.constant(0),
});
const parked = fc.record({
  parkedAt: fc.integer({ min: 1, max: 8.64e15 }),
  parkedFor: fc.record({
    kind: fc.constantFrom('reject' as const, 'retry-exhausted' as const),
    error: code,
    stage: code,
  }),
});
const states: fc.Arbitrary<RetryState> = fc.oneof(
  unparked,
  fc.tuple(unparked, parked).map(([state, p]) => ({ ...state, ...p })),
);
const NAMES = [...STATE_HEADERS, ...DEAD_LETTER_HEADERS, H.id];
const words = arbitraryRecord(NAMES);
const plain: RetryState = {
  origin: 7,
  redrive: 0,
  attempt: 1,
  dueAt: 0,
  firstFailedAt: 0,
  reason: '',
  passed: [],
  parkedAt: 0,
};
const word: OutRecord = { key: Buffer.from('k'), value: Buffer.from('v'), headers: [['id', 'x']] };
const withHeader = (name: string, value: string | Buffer | null): OutRecord => ({
  ...word,
  headers: [...retryEntry(stored(word), plain).headers.filter(([n]) => n !== name), [name, value]],
});

describe('retryEntry', () => {
  test('reads back as it was written, whatever the record', () => {
    fc.assert(
      fc.property(words, states, (record, state) => {
        const read = parseRetryEntry(stored(retryEntry(stored(record), state)));
        expect(read).toEqual({ kind: 'entry', ...state });
      }),
      { numRuns: 500 },
    );
  });

  test('keeps bytes and foreign headers, in order; its own state occurs once', () => {
    fc.assert(
      fc.property(words, states, states, (record, first, second) => {
        const again = stored(retryEntry(stored(retryEntry(stored(record), first)), second));
        expect(again.key).toEqual(record.key);
        expect(again.value).toEqual(record.value);
        const mine = new Set<string>([...STATE_HEADERS, H.originalTimestamp, H.kind, H.error, H.stage]);
        const foreign = (h: [string, string | null][]): unknown => h.filter(([name]) => !mine.has(name));
        expect(foreign(asText(again.headers()))).toEqual(foreign(asText(record.headers)));
        const names = again
          .headers()
          .map(([name]) => name)
          .filter((name) => mine.has(name));
        expect(new Set(names).size).toBe(names.length);
        expect(parseRetryEntry(again)).toEqual({ kind: 'entry', ...second });
      }),
    );
  });

  test('leaves out what is the default', () => {
    expect(asText(retryEntry(stored(word, 7, 1234), plain).headers)).toEqual([
      ['id', 'x'],
      ['x-original-timestamp', '1234'],
      ['verdikt-origin', '7'],
      ['verdikt-attempt', '1'],
      ['verdikt-due-at', '0'],
    ]);
  });

  test('drops details that are too long to pass on, never answers', () => {
    const passed = Array.from({ length: 40 }, (_, i) => ({
      check: `c${i}`,
      answer: i % 2 === 0,
      detail: '\u0001'.repeat(512),
    }));
    const read = parseRetryEntry(stored(retryEntry(stored(word), { ...plain, passed })));
    expect(read).toMatchObject({ passed: passed.map((p) => ({ ...p, detail: null })) });
  });
});

describe('originalTimestamp', () => {
  test('travels with the entry, through any number of rewrites', () => {
    const once = stored(retryEntry(stored(word, 7, 1234), plain), 99, 5000);
    const twice = stored(retryEntry(once, { ...plain, attempt: 2 }), 100, 6000);
    expect([originalTimestamp(once, 7), originalTimestamp(twice, 7)]).toEqual([1234, 1234]);
  });

  test('knows that there was none', () => {
    expect(originalTimestamp(stored(retryEntry(stored(word, 7, -1), plain), 99, 5000), 7)).toBe(-1);
  });

  test('does not believe a record about another origin', () => {
    const forged: OutRecord = {
      ...word,
      headers: [
        [H.origin, '3'],
        [H.originalTimestamp, '1'],
      ],
    };
    expect(originalTimestamp(stored(forged, 7, 1234), 7)).toBe(1234);
  });
});

describe('parseRetryEntry', () => {
  test('never throws', () => {
    fc.assert(
      fc.property(words, (record) => {
        expect(['entry', 'completed', 'foreign']).toContain(parseRetryEntry(stored(record)).kind);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    null,
    '',
    '-1',
    '+7',
    '7 ',
    '0x7',
    '1e3',
    '7.0',
    '９',
    '9007199254740992',
    '99999999999999999999',
  ])('does not take origin %j', (value) => {
    expect(parseRetryEntry(stored(withHeader(H.origin, value)))).toEqual({ kind: 'foreign' });
  });

  test.each([null, '', '-1', 'x', '65536'])('does not take redrive count %j', (value) => {
    expect(parseRetryEntry(stored(withHeader(H.redrive, value)))).toEqual({ kind: 'foreign' });
  });

  test.each([
    [H.attempt, 'x'],
    [H.attempt, '0'],
    [H.attempt, '65536'],
    [H.dueAt, 'soon'],
    [H.firstFailedAt, null],
    [H.parkedAt, ''],
    [H.passed, 'null'],
    [H.passed, '{"length":1}'],
    [H.passed, '[{"check":"a","answer":1,"detail":null}]'],
    [H.passed, '[{"check":"a","answer":true}]'],
    [H.passed, `[${'['.repeat(5000)}`],
    [H.passed, JSON.stringify(Array(65).fill({ check: 'a', answer: true, detail: null }))],
    [H.passed, JSON.stringify([{ check: 'a', answer: true, detail: 'x'.repeat(20_000) }])],
  ])('takes an unreadable %s (%.30j) as missing', (name, value) => {
    expect(parseRetryEntry(stored(withHeader(name, value)))).toEqual({ kind: 'entry', ...plain });
  });

  test('a record without our headers is foreign', () => {
    expect(parseRetryEntry(stored(word))).toEqual({ kind: 'foreign' });
  });
});

describe('completion records', () => {
  const ends = fc.array(fc.record({ origin: fc.maxSafeNat(), redrive: fc.nat(0xffff) }), { maxLength: 50 });

  test('read back as they were written', () => {
    fc.assert(
      fc.property(ends, (ended) => {
        const out = completionRecord(ended);
        expect(out.key).toBeNull();
        expect(parseRetryEntry(stored(out))).toEqual({ kind: 'completed', ended });
      }),
    );
  });

  test('has a stable form', () => {
    const value = completionRecord([{ origin: 2 ** 32 + 5, redrive: 3 }]).value as Buffer;
    expect(value.toString('hex')).toBe('01000000010000000500000003');
  });

  test('are as many as the list needs', () => {
    const ended = Array.from({ length: MAX_ENDED_PER_RECORD + 1 }, (_, origin) => ({ origin, redrive: 0 }));
    const read = completionRecords(ended).map((r) => parseRetryEntry(stored(r)));
    expect(read).toEqual([
      { kind: 'completed', ended: ended.slice(0, -1) },
      { kind: 'completed', ended: ended.slice(-1) },
    ]);
    expect(completionRecords([])).toEqual([]);
    expect(() => completionRecord(ended)).toThrow(RangeError);
  });

  const good = completionRecord([{ origin: 1, redrive: 0 }]);
  const bytes = good.value as Buffer;
  const patched = (at: number, byte: number): Buffer => {
    const b = Buffer.from(bytes);
    b[at] = byte;
    return b;
  };
  test.each([
    ['no value', { ...good, value: null }],
    ['an empty value', { ...good, value: Buffer.alloc(0) }],
    ['another version', { ...good, value: patched(0, 2) }],
    ['half a pair', { ...good, value: bytes.subarray(0, 8) }],
    ['a negative origin', { ...good, value: patched(1, 0xff) }],
    ['an origin past 2^53', { ...good, value: patched(1, 0x10) }],
    ['a negative redrive count', { ...good, value: patched(9, 0xff) }],
    ['a key', { ...good, key: Buffer.from('k') }],
  ])('with %s is foreign', (_, record) => {
    expect(parseRetryEntry(stored(record))).toEqual({ kind: 'foreign' });
  });
});
