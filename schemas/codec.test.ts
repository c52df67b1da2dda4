import { describe, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import avro from 'avsc';
import fc from 'fast-check';
import { typeOf as parseType, wordSubmittedType } from './avro.ts';
import { createSubmissionEncoder } from './encode.ts';
import type { SchemaAnswer } from './registry-port.ts';
import { OURS, setup, wire } from '@verdikt/test/support/schemas/codec.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { createVerdictEncoder } from './verdict.ts';

const at = 1_795_000_000_000;
const encode = createSubmissionEncoder(OURS);

const typeOf = (fields: readonly object[], name = 'WordSubmitted', namespace = 'verdikt.v1'): avro.Type =>
  parseType(JSON.stringify({ type: 'record', name, namespace, fields }));
const WORD = { name: 'word', type: 'string' };
const AT = { name: 'submittedAt', type: 'long' };

describe('encode', () => {
  test('writes the wire format, byte for byte as avsc', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.nat(2 ** 43), (word, submittedAt) => {
        expect(encode(word, submittedAt)).toEqual(
          wire(OURS, wordSubmittedType.toBuffer({ word, submittedAt })),
        );
      }),
    );
  });
});

describe('decode', () => {
  test('a time that avsc would not write is none: its verdict could not be written', async () => {
    const { read } = setup();
    const times = [Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER + 1, Number.MAX_SAFE_INTEGER - 1];
    const kinds = [];
    for (const time of times) kinds.push((await read(encode('w', time))).kind);
    expect(kinds).toEqual(['poison', 'ok', 'ok']);
    const judged = { id: '', word: '', accepted: true, checks: [], attempts: 1, judgedAt: 1, origin: 0 };
    const write = createVerdictEncoder({ format: 'avro', schemaId: 1 });
    for (const submittedAt of times.slice(1)) expect(() => write({ ...judged, submittedAt })).not.toThrow();
  });

  test('gives back what was encoded', async () => {
    const { read } = setup();
    const word = fc.string({ unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(word, fc.nat(2 ** 43), async (w, submittedAt) => {
        expect(await read(encode(w, submittedAt))).toEqual({ kind: 'ok', word: w, submittedAt });
      }),
    );
  });

  test.each([
    ['no value', null, 'tombstone'],
    ['an empty value', Buffer.alloc(0), 'wire-format'],
    ['4 bytes', Buffer.alloc(4), 'wire-format'],
    ['another first byte', Buffer.concat([Buffer.from([1]), encode('kayak', at).subarray(1)]), 'wire-format'],
    ['JSON', Buffer.from('{"word":"kayak"}'), 'wire-format'],
    ['an unknown schema', wire(99, Buffer.from([0, 0])), 'schema-unknown'],
    ['no payload', wire(OURS, Buffer.alloc(0)), 'avro'],
    ['a byte too many', Buffer.concat([encode('kayak', at), Buffer.from([0])]), 'avro'],
    ['a word longer than the payload', wire(OURS, Buffer.from('ffffffff0f', 'hex')), 'avro'],
    ['a word of negative length', wire(OURS, Buffer.from('0102', 'hex')), 'avro'],
    ['a time beyond 2^53', wire(OURS, Buffer.from('00ffffffffffffffffff01', 'hex')), 'avro'],
    ['a word that is not UTF-8', wire(OURS, Buffer.from('02ff02', 'hex')), 'avro'],
  ] as const)('knows poison: %s', async (_, value, reason) => {
    const { read } = setup();
    expect(await read(value)).toMatchObject({ kind: 'poison', reason, detail: expect.stringMatching(/.+/) });
  });

  test.each([
    ['com.acme', 'WordSubmitted', 'ok'],
    ['', 'WordSubmitted', 'ok'],
    ['verdikt.v1', 'Word', 'poison'],
    ['verdikt.v2', 'WordSubmitted', 'poison'],
  ])('a writer named %s.%s: unqualified names must match', async (namespace, name, kind) => {
    const writer = typeOf([WORD, AT], name, namespace);
    const { read } = setup({ 8: { kind: 'found', type: writer } });
    const value = wire(8, writer.toBuffer({ word: 'kayak', submittedAt: at }));
    expect(await read(value)).toMatchObject(
      kind === 'ok' ? { kind, word: 'kayak', submittedAt: at } : { kind },
    );
  });

  test('accepts a replacement character that was written as such', async () => {
    const { read } = setup();
    expect(await read(encode('a\ufffdb', at))).toEqual({ kind: 'ok', word: 'a\ufffdb', submittedAt: at });
  });

  test('refuses every cut of a value, with and without a resolver', async () => {
    const evolved = typeOf([{ name: 'tags', type: { type: 'array', items: 'string' } }, WORD, AT]);
    const { read } = setup({ 8: { kind: 'found', type: evolved } });
    const values = [
      encode('Straße', at),
      wire(8, evolved.toBuffer({ tags: ['a', 'b'], word: 'Straße', submittedAt: at })),
    ];
    for (const value of values) {
      expect(await read(value)).toEqual({ kind: 'ok', word: 'Straße', submittedAt: at });
      for (let n = 5; n < value.length; n++) {
        expect(await read(value.subarray(0, n))).toMatchObject({ kind: 'poison', reason: 'avro' });
      }
      expect(await read(Buffer.concat([value, value]))).toMatchObject({ kind: 'poison', reason: 'avro' });
    }
  });

  test('agrees with avsc on noise', async () => {
    const { read } = setup();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 12 }), async (bytes) => {
        const answer = await read(wire(OURS, bytes));
        let expected: unknown;
        try {
          expected = { kind: 'ok', ...(wordSubmittedType.fromBuffer(Buffer.from(bytes)) as object) };
        } catch {
          expected = { kind: 'poison', reason: 'avro' };
        }
        if (answer.kind === 'poison' && answer.detail.includes('UTF-8')) return;
        expect(answer).toMatchObject(expected as object);
      }),
      { numRuns: 3_000 },
    );
  });

  test('reads older and newer schemas that resolve into ours', async () => {
    const newer = typeOf([AT, { name: 'score', type: 'long' }, WORD]);
    const { read } = setup({ 8: { kind: 'found', type: newer } });
    // A score beyond 2^53 is nothing that we read.
    const payload = Buffer.concat([
      avro.Type.forSchema('long').toBuffer(at),
      Buffer.from('ffffffffffffffffff01', 'hex'),
      avro.Type.forSchema('string').toBuffer('kayak'),
    ]);
    expect(await read(wire(8, payload))).toEqual({ kind: 'ok', word: 'kayak', submittedAt: at });
  });

  test.each([
    ['no word', { kind: 'found', type: typeOf([AT]) }],
    ['a word of another type', { kind: 'found', type: typeOf([{ name: 'word', type: 'double' }, AT]) }],
    ['another record', { kind: 'found', type: typeOf([WORD, AT], 'Other') }],
    ['another major version', { kind: 'found', type: typeOf([WORD, AT], 'WordSubmitted', 'verdikt.v2') }],
    ['no record', { kind: 'found', type: avro.Type.forSchema('string') }],
    ['no Avro', { kind: 'unusable', detail: 'JSON schema' }],
  ] as const)('calls a foreign schema not a submission: %s', async (_, answer) => {
    const { read } = setup({ 8: answer as SchemaAnswer });
    expect(await read(wire(8, Buffer.from([2, 65, 2])))).toMatchObject({
      kind: 'poison',
      reason: 'not-a-submission',
    });
  });

  test('does not follow a count that the payload cannot hold', async () => {
    const evolved = typeOf([
      { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
      WORD,
      AT,
    ]);
    const { read } = setup({ 8: { kind: 'found', type: evolved } });
    expect(await read(wire(8, Buffer.from('8080808080808010', 'hex')))).toMatchObject({ reason: 'avro' });
  });
});

describe('prepare', () => {
  const records = (...ids: number[]) => ids.map((id) => inRecord({ value: wire(id, Buffer.from([0, 0])) }));

  test('asks once per unknown id and answers undefined when all is known', async () => {
    const { codec, asked } = setup();
    await codec.prepare([
      ...records(OURS, 99, OURS, 99),
      inRecord({ value: null }),
      inRecord({ value: Buffer.from('x') }),
    ]);
    expect(asked.sort()).toEqual([OURS, 99]);
    expect(codec.prepare(records(OURS, 99, OURS))).toBeUndefined();
    expect(codec.prepare([])).toBeUndefined();
    expect(asked.length).toBe(2);
  });

  test('shares one question between slices', async () => {
    const { codec, asked, registry, held } = setup();
    registry.hold = true;
    const both = Promise.all([codec.prepare(records(OURS)), codec.prepare(records(OURS))]);
    held.forEach((release) => release());
    await both;
    expect(asked).toEqual([OURS]);
  });

  test('believes "no such schema" for 30 s, then asks again', async () => {
    const { asked, answers, clock, read } = setup();
    expect(await read(wire(99, Buffer.from([0, 0])))).toMatchObject({ reason: 'schema-unknown' });
    answers.set(99, { kind: 'found', type: wordSubmittedType });
    clock.advance(29_999);
    expect(await read(wire(99, Buffer.from([0, 0])))).toMatchObject({ reason: 'schema-unknown' });
    expect(asked).toEqual([99]);
    clock.advance(1);
    expect(await read(wire(99, Buffer.from([0, 0])))).toEqual({ kind: 'ok', word: '', submittedAt: 0 });
  });

  test('an outage makes records wait, never poison; known schemas go on', async () => {
    const { registry, read } = setup();
    await read(encode('kayak', at));
    registry.down = true;
    expect(await read(wire(8, Buffer.from([0, 0])))).toEqual({ kind: 'unavailable', detail: 'down' });
    expect(await read(encode('kayak', at))).toMatchObject({ kind: 'ok' });
  });

  test('during an outage nobody waits, and one question at a time looks for its end', async () => {
    const { codec, registry, asked, clock, held } = setup();
    registry.down = true;
    await codec.prepare(records(OURS));
    expect(codec.prepare(records(OURS))).toBeUndefined();
    expect(asked.length).toBe(1);

    clock.advance(1_000);
    registry.hold = true;
    expect(codec.prepare(records(OURS, 8))).toBeUndefined();
    expect(codec.prepare(records(8, OURS))).toBeUndefined();
    expect(asked.length).toBe(2);
    held.splice(0).forEach((release) => release());
    await turn();

    // The second failure doubles the pause.
    clock.advance(1_999);
    void codec.prepare(records(OURS));
    expect(asked.length).toBe(2);

    registry.down = false;
    registry.hold = false;
    clock.advance(1);
    void codec.prepare(records(OURS));
    await turn();
    expect(codec.decode(inRecord({ value: encode('kayak', at) }))).toMatchObject({ kind: 'ok' });
    expect(codec.prepare(records(9))).toBeInstanceOf(Promise);
  });

  test('waits no longer than its time limit, and still learns from a late answer', async () => {
    const { codec, registry, clock, held } = setup();
    registry.hold = true;
    const waiting = codec.prepare(records(OURS));
    clock.advance(5_000);
    await waiting;
    expect(codec.decode(inRecord({ value: encode('kayak', at) }))).toMatchObject({ kind: 'unavailable' });
    held.forEach((release) => release());
    await turn();
    expect(codec.decode(inRecord({ value: encode('kayak', at) }))).toMatchObject({ kind: 'ok' });
  });

  test('asks a few at a time and stops at the first failure', async () => {
    const { codec, registry, asked, clock } = setup();
    registry.down = true;
    await codec.prepare(records(...Array.from({ length: 200 }, (_, i) => 1_000 + i)));
    expect(asked.length).toBeLessThanOrEqual(8);
    expect(asked.length).toBeGreaterThan(1);
    // Together they are one failure: the first pause is 1 s.
    const before = asked.length;
    clock.advance(1_000);
    await codec.prepare(records(OURS));
    expect(asked.length).toBe(before + 1);
  });

  test('leaves no timer behind and survives a registry that rejects', async () => {
    const { codec, clock, registry } = setup();
    await codec.prepare(records(OURS));
    registry.byId = () => Promise.reject(new Error('broken'));
    await codec.prepare(records(8));
    expect(codec.decode(records(8)[0])).toEqual({ kind: 'unavailable', detail: 'broken' });
    expect(clock.timers).toBe(0);
  });
});
