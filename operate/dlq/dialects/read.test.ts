import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEAD_LETTER_HEADERS, STATE_HEADERS } from '@verdikt/core/record/headers.ts';
import { deadLetter, type DeadLetterFacts } from '@verdikt/core/record/dead-letter.ts';
import { makeRecord as inRecord } from '@verdikt/core/record/make-record.ts';
import { FOREIGN_FIXTURES, fixture } from './fixtures.fixture.ts';
import { isHeaderOf, readLetter } from './read.ts';

describe.each(FOREIGN_FIXTURES)('%s', (name) => {
  const letters = fixture(name).map((f) => ({
    ...f,
    letter: readLetter(f.record, f.topic, f.partition, false),
  }));

  test('is told by its headers, and says where its records came from', () => {
    expect(letters.map(({ letter }) => letter.dialect)).toEqual([name, name]);
    expect(letters.map(({ letter }) => letter.original)).toMatchObject([
      { topic: expect.stringMatching(/^dx\.[a-z0-9]+\.orders$/), partition: 2, offset: 1 },
      { topic: expect.stringMatching(/^dx\.[a-z0-9]+\.orders$/), partition: 2, offset: 3 },
    ]);
    expect(letters.every(({ letter }) => letter.disposition === 'final' && letter.redrive === 0)).toBe(true);
  });

  test('what it put on top can be taken off again', () => {
    for (const { record, letter } of letters) {
      const left = record.headers().filter(([h]) => !isHeaderOf(letter.dialect, h));
      // Share groups copy no headers.
      expect(left.map(([h, v]) => [h, String(v)])).toEqual(
        name === 'share-group' ? [] : [['tenant', 'north']],
      );
    }
  });
});

test.each([
  ['spring', { reason: 'IllegalStateException', error: 'Listener failed; cannot price bad 1' }],
  ['spring-cloud', { reason: 'IllegalStateException', error: 'cannot price bad 1' }],
  ['streams', { reason: 'IllegalStateException', error: 'cannot price bad 1' }],
  ['connect', { reason: 'DataException', stage: expect.stringContaining('sink VALUE_CONVERTER') }],
  ['share-group', { reason: 'Offset delivery count exceeded the threshold.', stage: 'prices', attempts: 5 }],
  ['smallrye', { reason: 'InvocationTargetException', error: expect.stringContaining('SRMSG00103') }],
  ['karafka', { reason: 'unknown', stage: 'prices', attempts: 3 }],
])('%s says why', (name, facts) => {
  const [first] = fixture(name);
  expect(readLetter(first.record, first.topic, first.partition, false)).toMatchObject(facts);
});

const FACTS: DeadLetterFacts = {
  ...{ id: '018f0000-0000-7000-8000-000000000001', topic: 'words', partition: 3, origin: 41, redrive: 2 },
  ...{ kind: 'reject', attempts: 4, firstFailedAt: 0, reason: 'http-400', error: 'no', stage: 'http' },
  disposition: 'parked',
};

/** As the processor writes it. */
const ours = (headers: readonly (readonly [string, Buffer])[] = []) => {
  const record = inRecord({
    offset: 41,
    timestamp: 1_790_000_000_000,
    key: Buffer.from('k'),
    value: null,
    headers,
  });
  const { headers: written } = deadLetter(record, FACTS);
  const bytes = written.map(([n, v]) => [n, v === null ? null : Buffer.from(v as string)] as const);
  return inRecord({ offset: 7, timestamp: 5, key: record.key, value: record.value, headers: bytes });
};

test('ours says all that it has to say', () => {
  expect(readLetter(ours(), 'words.dlq', 3, true)).toMatchObject({
    ...{ dialect: 'verdikt', id: FACTS.id, redrive: 2, disposition: 'parked', kind: 'reject', attempts: 4 },
    ...{
      reason: 'http-400',
      error: 'no',
      stage: 'http',
      place: { topic: 'words.dlq', partition: 3, offset: 7 },
    },
    original: { topic: 'words', partition: 3, offset: 41, timestamp: 1_790_000_000_000 },
  });
});

test('ours is told from foreign headers that a client sent along, and the other way round', () => {
  const both = ours([['kafka_dlt-original-topic', Buffer.from('orders')]]);
  expect(readLetter(both, 'words.dlq', 3, true).dialect).toBe('verdikt');
  expect(readLetter(both, 'orders-dlt', 3, false).dialect).toBe('spring');
});

const NAMES = [
  ...new Set([
    ...DEAD_LETTER_HEADERS,
    ...STATE_HEADERS,
    'id',
    ...FOREIGN_FIXTURES.flatMap((name) => fixture(name).flatMap((f) => f.record.headers().map(([n]) => n))),
  ]),
];

test('no bytes in any header make it throw, or give what is no place', () => {
  const header = fc.tuple(
    fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 20 })),
    fc.option(fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b))),
  );
  fc.assert(
    fc.property(fc.array(header, { maxLength: 12 }), fc.boolean(), (headers, own) => {
      const record = inRecord({ offset: 0, timestamp: -1, key: null, value: null, headers });
      const l = readLetter(record, 't', 0, own);
      for (const n of [l.original.partition, l.original.offset, l.original.timestamp, l.attempts])
        if (n !== undefined) expect(Number.isSafeInteger(n) && n >= 0).toBe(true);
      if (l.original.topic !== undefined) expect(l.original.topic).toMatch(/^[A-Za-z0-9._-]{1,249}$/);
      expect(`${l.reason}${l.error}${l.stage}`).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 2_000 },
  );
});

test('spring is told by its headers without `dlt-` as well, and they can be taken off again', () => {
  const [first] = fixture('spring');
  const headers = first.record
    .headers()
    .map(([n, v]) => [n.replace('kafka_dlt-', 'kafka_'), v as Buffer | null] as const);
  const record = inRecord({ offset: 0, timestamp: 0, key: null, value: null, headers });
  const known = readLetter(first.record, 't-dlt', 0, false);
  expect(readLetter(record, 't-dlt', 0, false)).toMatchObject({
    ...{ dialect: 'spring', original: known.original, reason: known.reason, error: known.error },
  });
  expect(record.headers().flatMap(([n]) => (isHeaderOf('spring', n) ? [] : [n]))).toEqual(['tenant']);
  // Other headers of Spring stay with the record.
  expect(isHeaderOf('spring', 'kafka_messageKey')).toBe(false);
});

test('binary numbers are numbers of four or eight bytes, and not text', () => {
  const at = (bytes: Buffer) =>
    readLetter(
      inRecord({
        ...{ offset: 0, timestamp: 0, key: null, value: null },
        headers: [
          ['kafka_dlt-original-topic', Buffer.from('t')],
          ['kafka_dlt-original-offset', bytes],
        ],
      }),
      't-dlt',
      0,
      false,
    ).original.offset;
  expect(at(Buffer.from('0000000000000102', 'hex'))).toBe(258);
  expect(at(Buffer.from('00000102', 'hex'))).toBe(258);
  expect([at(Buffer.from('258')), at(Buffer.from('ffffffffffffffff', 'hex')), at(Buffer.alloc(0))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
