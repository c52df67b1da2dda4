import { describe, expect, test } from '@jest/globals';
import { DEAD_LETTER_HEADERS, H, MAX_HEADER_BYTES, STATE_HEADERS } from './headers.ts';
import type { Header, OutRecord } from './record.ts';
import fc from 'fast-check';
import { deadLetter, type DeadLetterFacts } from './dead-letter.ts';
import { headerBytes } from './header-list.ts';
import { retryEntry } from './retry-entry.ts';
import { arbitraryRecord } from '@verdikt/test/support/arbitrary-records.ts';
import { asText, encodeHeaders, stored } from '@verdikt/test/support/records.ts';

const facts: DeadLetterFacts = {
  id: 'id-1',
  topic: 'words',
  partition: 3,
  origin: 42,
  redrive: 0,
  kind: 'retry-exhausted',
  attempts: 8,
  firstFailedAt: 1700,
  reason: 'http-5xx',
  error: 'answered 503',
  stage: 'http',
  disposition: 'final',
};
const word = (headers: Header[]): OutRecord => ({
  key: Buffer.from('k'),
  value: Buffer.from([0, 255]),
  headers,
});
const OURS = new Set([...STATE_HEADERS, ...DEAD_LETTER_HEADERS]);

describe('deadLetter', () => {
  test('says what, why and from where', () => {
    const entry = retryEntry(
      stored(
        word([
          ['id', 'id-1'],
          ['tenant', 'acme'],
          ['tenant', null],
        ]),
        42,
        1234,
      ),
      {
        origin: 42,
        redrive: 0,
        attempt: 8,
        dueAt: 9,
        firstFailedAt: 1700,
        reason: 'http-timeout',
        passed: [{ check: 'palindrome', answer: true, detail: null }],
        parkedAt: 5,
      },
    );
    const out = deadLetter(stored(entry, 900, 99_999), facts);
    expect([out.key, out.value]).toEqual([Buffer.from('k'), Buffer.from([0, 255])]);
    expect(asText(out.headers)).toEqual([
      ['id', 'id-1'],
      ['tenant', 'acme'],
      ['tenant', null],
      ['x-original-topic', 'words'],
      ['x-original-partition', '3'],
      ['x-original-offset', '42'],
      ['x-original-timestamp', '1234'],
      ['verdikt-origin', '42'],
      ['verdikt-kind', 'retry-exhausted'],
      ['verdikt-attempts', '8'],
      ['verdikt-reason', 'http-5xx'],
      ['verdikt-error', 'answered 503'],
      ['verdikt-stage', 'http'],
      ['verdikt-disposition', 'final'],
      ['verdikt-first-failed-at', '1700'],
    ]);
  });

  test('names the redrive count once there is one', () => {
    expect(asText(deadLetter(stored(word([])), { ...facts, redrive: 2 }).headers)).toContainEqual([
      'verdikt-redrive',
      '2',
    ]);
  });

  test.each([
    ['none', []],
    ['a null one', [['id', null]]],
    [
      'an empty one',
      [
        ['id', ''],
        ['id', 'second'],
      ],
    ],
  ] as [string, Header[]][])('gives the id to a record with %s', (_, headers) => {
    const read = stored(deadLetter(stored(word(headers)), facts));
    expect(read.headers().filter(([n]) => n === 'id')).toEqual([['id', Buffer.from('id-1')]]);
  });

  test('bounds the error to 1 KiB of safe text', () => {
    const out = stored(deadLetter(stored(word([])), { ...facts, error: `\u001b[2J${'語'.repeat(1000)}` }));
    const error = out.header(H.error);
    expect(error?.length).toBeLessThanOrEqual(1024);
    expect(error?.length).toBeGreaterThan(1020);
    expect(out.headerText(H.error)).toMatch(/^ \[2J語+$/);
  });

  test('drops the largest foreign headers first, later ones first among equals, and counts them', () => {
    const headers: Header[] = [
      ['small', 'a'],
      ['equal-1', 'x'.repeat(12_000)],
      ['equal-2', 'x'.repeat(12_000)],
      ['huge', 'x'.repeat(20_000)],
      ['id', 'id-1'],
      ['equal-3', 'x'.repeat(12_000)],
    ];
    const out = deadLetter(stored(word(headers)), facts);
    expect(out.headers.map(([n]) => n).filter((n) => !OURS.has(n))).toEqual([
      'small',
      'equal-1',
      'equal-2',
      'id',
    ]);
    expect(asText(out.headers)).toContainEqual(['verdikt-headers-dropped', '2']);
  });

  test('counts the header that counts', () => {
    const own = encodeHeaders(deadLetter(stored(word([['id', 'id-1']])), facts).headers).length;
    for (let n = 0; n < 100; n++) {
      const fill = 'x'.repeat(MAX_HEADER_BYTES - own - 100 + n);
      const out = deadLetter(
        stored(
          word([
            ['id', 'id-1'],
            ['fill', fill],
            ['surplus', `${fill}x`],
          ]),
        ),
        facts,
      );
      expect(encodeHeaders(out.headers).length).toBeLessThanOrEqual(MAX_HEADER_BYTES);
    }
  });

  test('keeps an id of any size', () => {
    const id = 'i'.repeat(40_000);
    const out = stored(
      deadLetter(
        stored(
          word([
            ['id', id],
            ['other', 'x'],
          ]),
        ),
        facts,
      ),
    );
    expect(out.headerText('id')).toBe(id);
    expect(out.headerText(H.headersDropped)).toBe('1');
  });

  test('keeps everything foreign that fits and stays within 32 KiB', () => {
    const size = fc.oneof(fc.nat(200), fc.nat(20_000));
    const foreign = fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom(...OURS), fc.string({ maxLength: 200 })),
        fc.option(size.map((n) => 'x'.repeat(n))),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(foreign, fc.string({ unit: 'binary', maxLength: 2000 }), (list, error) => {
        const headers: Header[] = [['id', 'id-1'], ...list.filter(([n]) => n !== 'id')];
        const out = deadLetter(stored(word(headers)), { ...facts, error });
        const total = encodeHeaders(out.headers).length;
        expect(total).toBeLessThanOrEqual(MAX_HEADER_BYTES);
        const kept = out.headers.filter(([n]) => !OURS.has(n));
        const had = headers.filter(([n]) => !OURS.has(n));
        const dropped = Number(new Map(out.headers).get(H.headersDropped) ?? 0);
        expect(kept.length).toBe(had.length - dropped);
        if (dropped > 0) {
          const sizes = had
            .filter(([n]) => n !== 'id')
            .map(headerBytes)
            .sort((x, y) => y - x);
          const keptSizes = kept
            .filter(([n]) => n !== 'id')
            .map(headerBytes)
            .sort((x, y) => y - x);
          expect(keptSizes).toEqual(sizes.slice(dropped));
          expect(total + sizes[dropped - 1]).toBeGreaterThan(MAX_HEADER_BYTES - 40);
        } else expect(asText(kept)).toEqual(asText(had));
      }),
    );
  });

  test('bears each of our names once, whatever came in', () => {
    fc.assert(
      fc.property(arbitraryRecord([...OURS]), (record) => {
        const names = deadLetter(stored(record), facts)
          .headers.map(([n]) => n)
          .filter((n) => OURS.has(n));
        expect(new Set(names).size).toBe(names.length);
        expect(names).toEqual(
          expect.arrayContaining([H.originalTopic, H.originalOffset, H.reason, H.disposition]),
        );
      }),
    );
  });
});
