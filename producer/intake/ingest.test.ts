import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { createIngest, type Accepted, type RequestFacts } from './ingest.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
let topicId: string | undefined;
const ingest = createIngest({
  topicId: () => topicId,
  limits: { wordMaxBytes: 4096, wordMaxCodePoints: 1024, keyMaxBytes: 256 },
  partitions: 12,
  encode: (word, submittedAt) => Buffer.from(`${word}@${submittedAt}`),
  newId: () => 'new-id',
  sha256,
});
const plain: RequestFacts = { principal: 'anonymous', idempotencyKey: undefined, headers: [] };
const accept = (json: unknown, facts = plain): Accepted => {
  const r = ingest.submission(json, facts, 1700);
  if (!r.ok) throw new Error(`refused: ${r.field}: ${r.detail}`);
  return r;
};
const refuse = (json: unknown): string => {
  const r = ingest.submission(json, plain, 1700);
  return r.ok ? 'accepted' : `${r.code} ${r.field}`;
};
const facts = (headers: Record<string, string | string[]>): RequestFacts => {
  const f = ingest.facts('anonymous', headers);
  if ('ok' in f) throw new Error(`refused: ${f.field}`);
  return f;
};

describe('a submission', () => {
  test('becomes one record, keyed by the normalised word', () => {
    expect(accept({ word: 'e\u0301' })).toEqual({
      ok: true,
      id: 'new-id',
      submission: {
        partition: partitionOf(Buffer.from('\u00e9'), 12),
        record: {
          key: Buffer.from('\u00e9'),
          value: Buffer.from('\u00e9@1700'),
          headers: [
            ['id', 'new-id'],
            ['submitted-at', '1700'],
          ],
          timestamp: 1700,
        },
      },
    });
  });

  test('takes the key of the client byte for byte', () => {
    const { submission } = accept({ word: 'level', key: 'e\u0301' });
    expect(submission.record.key).toEqual(Buffer.from('e\u0301'));
    expect(submission.partition).toBe(partitionOf(Buffer.from('e\u0301'), 12));
  });

  test('has the partition that Java would choose', () => {
    expect(accept({ word: 'x', key: 'foobar' }).submission.partition).toBe((-790332482 & 0x7fffffff) % 12);
  });

  test.each([
    ['null', null, 'INPUT_INVALID body'],
    ['a string', 'level', 'INPUT_INVALID body'],
    ['a number', 1e308, 'INPUT_INVALID body'],
    ['an array', [{ word: 'level' }], 'INPUT_INVALID body'],
    ['no word', {}, 'INPUT_INVALID word'],
    ['a word that is no string', { word: 7 }, 'INPUT_INVALID word'],
    ['a nested word', { word: { word: 'level' } }, 'INPUT_INVALID word'],
    ['a null word', { word: null }, 'INPUT_INVALID word'],
    ['an empty word', { word: '' }, 'INPUT_INVALID word'],
    ['a long word', { word: 'a'.repeat(1025) }, 'INPUT_TOO_LARGE word'],
    ['a null key', { word: 'level', key: null }, 'INPUT_INVALID key'],
    ['a key that is no string', { word: 'level', key: 1 }, 'INPUT_INVALID key'],
    ['an empty key', { word: 'level', key: '' }, 'INPUT_INVALID key'],
    ['a lone surrogate in the key', { word: 'level', key: '\ud800' }, 'INPUT_INVALID key'],
    ['a control character in the key', { word: 'level', key: 'a\r\nb' }, 'INPUT_INVALID key'],
    ['a C1 control in the key', { word: 'level', key: 'a\u009b31m' }, 'INPUT_INVALID key'],
    ['a direction override in the key', { word: 'level', key: 'a\u202eb' }, 'INPUT_INVALID key'],
    ['a direction isolate in the key', { word: 'level', key: 'a\u2066b' }, 'INPUT_INVALID key'],
    ['a C1 control in the word', { word: 'a\u0085b', key: 'k' }, 'INPUT_INVALID word'],
    ['a direction override in the word', { word: 'a\u202eb', key: 'k' }, 'INPUT_INVALID word'],
    ['a key of 257 bytes', { word: 'level', key: 'a'.repeat(257) }, 'INPUT_TOO_LARGE key'],
    ['a key of 129 two-byte characters', { word: 'level', key: '\u00e9'.repeat(129) }, 'INPUT_TOO_LARGE key'],
    [
      'a long key, whatever follows',
      { word: 'level', key: 'a'.repeat(257) + '\ud800' },
      'INPUT_TOO_LARGE key',
    ],
    ['an id', { word: 'level', id: '1' }, 'INPUT_INVALID id'],
    ['headers', { word: 'level', headers: {} }, 'INPUT_INVALID headers'],
    ['__proto__', JSON.parse('{"word":"level","__proto__":{"key":"x"}}'), 'INPUT_INVALID __proto__'],
    [
      'constructor',
      JSON.parse('{"word":"level","constructor":{"prototype":{"key":"x"}}}'),
      'INPUT_INVALID constructor',
    ],
    ['a long unknown name, cut', { word: 'level', ['x'.repeat(99)]: 1 }, `INPUT_INVALID ${'x'.repeat(64)}`],
    ['an unknown malformed name, repaired', { word: 'level', '\ud800': 1 }, 'INPUT_INVALID \ufffd'],
  ])('is refused for %s', (_, json, expected) => {
    expect(refuse(json)).toBe(expected);
  });

  test('may have a key of exactly 256 bytes', () => {
    expect(refuse({ word: 'level', key: '\u00e9'.repeat(128) })).toBe('accepted');
  });

  test('any JSON value is refused or has only word and key', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (a, b) => {
        for (const json of [a, b, { word: 'level', ...b }]) {
          const r = ingest.submission(json, plain, 1);
          if (!r.ok) continue;
          expect(
            Object.keys(json as object).filter((k) => !['word', 'key', 'idempotencyKey'].includes(k)),
          ).toEqual([]);
        }
      }),
    );
  });
});

describe('request headers', () => {
  const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  test('only the allow-list is handed on, after our own', () => {
    const f = facts({
      traceparent: TRACE,
      'idempotency-key': 'k-1',
      'verdikt-origin': '7',
      'verdikt-attempt': '9',
      'x-original-topic': 'evil',
      id: 'evil',
      'submitted-at': '0',
      authorization: 'Bearer secret',
    });
    const { headers } = accept({ word: 'level' }, f).submission.record;
    expect(headers.map(([name]) => name)).toEqual(['id', 'submitted-at', 'traceparent', 'idempotency-key']);
    expect(headers.slice(2)).toEqual([
      ['traceparent', TRACE],
      ['idempotency-key', 'k-1'],
    ]);
  });

  test.each([
    ['upper case', TRACE.toUpperCase()],
    ['version ff', TRACE.replace(/^00/, 'ff')],
    ['trailing text', `${TRACE}-x`],
    ['zero trace id', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['zero parent id', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
    ['a line break', `${TRACE}\n`],
    ['two of them', [TRACE, TRACE]],
    ['nothing', ''],
  ])('a traceparent with %s is dropped', (_, traceparent) => {
    expect(facts({ traceparent }).headers).toEqual([]);
  });

  test.each([
    ['empty', ''],
    ['not closed', '"a'],
    ['two of them', ['a', 'b']],
  ] as const)('an Idempotency-Key is refused: %s', (_, value) => {
    const header = typeof value === 'string' ? value : [...value];
    expect(ingest.facts('anonymous', { 'idempotency-key': header })).toMatchObject({
      ok: false,
      code: 'INPUT_INVALID',
      field: 'idempotency-key',
    });
  });

  test('an Idempotency-Key may have 255 characters', () => {
    expect(facts({ 'idempotency-key': 'k'.repeat(255) }).idempotencyKey).toHaveLength(255);
  });
});

describe('a record says that it is there at most once', () => {
  const edges = (json: object, given: RequestFacts = plain): unknown[] =>
    accept(json, given).submission.record.headers.filter(([name]) => name === H.edge);

  test('where the edge made its id for this append, and knows the topic id at that time', () => {
    expect(edges({ word: 'level' })).toEqual([]);
    for (const id of ['first', 'created-again']) {
      topicId = id;
      expect(edges({ word: 'level' })).toEqual([[H.edge, id]]);
      expect(edges({ word: 'level' }, { ...plain, idempotencyKey: 'k' })).toEqual([]);
      expect(edges({ word: 'level', idempotencyKey: 'k' })).toEqual([]);
      const forged = facts({ [H.edge]: 'forged', 'idempotency-key': 'k' });
      expect(edges({ word: 'level' }, forged)).toEqual([]);
      expect(refuse({ word: 'level', [H.edge]: 'forged' })).toBe(`INPUT_INVALID ${H.edge}`);
    }
    topicId = undefined;
  });
});

describe('ids under an Idempotency-Key', () => {
  const under = (idempotencyKey: string | undefined, json: object): string =>
    accept(json, { principal: 'anonymous', idempotencyKey, headers: [] }).id;

  test('follow from what is submitted alone', () => {
    const id = under('k', { word: 'level' });
    expect(under('k', { word: 'level' })).toBe(id);
    expect(under('k', { word: 'level', key: 'level' })).toBe(id);
    expect(under('k', { word: 'e\u0301' })).toBe(under('k', { word: '\u00e9' }));
    const others = [{ word: 'noon' }, { word: 'level', key: 'a' }, { word: 'level', key: 'b' }];
    expect(new Set([id, ...others.map((json) => under('k', json)), under('l', { word: 'level' })]).size).toBe(
      5,
    );
  });

  test('that an item brings takes the place of that of the request, and is handed on', () => {
    const own = { word: 'level', idempotencyKey: 'own' };
    expect(under('k', own)).toBe(under(undefined, own));
    expect(under('own', { word: 'level' })).toBe(under('k', own));
    const { headers } = accept(own, { ...plain, idempotencyKey: 'k' }).submission.record;
    expect(headers.filter(([name]) => name === 'idempotency-key')).toEqual([['idempotency-key', 'own']]);
  });

  test('that is no proper one is refused', () => {
    for (const bad of [1, '', null, 'caf\u00e9'])
      expect(refuse({ word: 'level', idempotencyKey: bad })).toBe('INPUT_INVALID idempotencyKey');
  });
});
