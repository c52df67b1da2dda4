import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import fc from 'fast-check';
import { skipValue } from './payload.ts';
import { longReader } from './varint.ts';

const type = avro.Type.forSchema({
  type: 'record',
  name: 'All',
  fields: [
    { name: 'a', type: 'string' },
    { name: 'b', type: { type: 'array', items: 'string' } },
    { name: 'c', type: { type: 'map', values: 'double' } },
    { name: 'd', type: ['null', 'string', 'long'] },
    { name: 'e', type: { type: 'enum', name: 'E', symbols: ['X', 'Y'] } },
    { name: 'f', type: { type: 'fixed', name: 'F', size: 4 } },
    { name: 'g', type: 'boolean' },
    { name: 'h', type: 'bytes' },
    { name: 'i', type: 'float' },
    { name: 'j', type: { type: 'record', name: 'Nested', fields: [{ name: 'k', type: 'int' }] } },
  ],
});

const value = fc.record({
  a: fc.string({ unit: 'grapheme' }),
  b: fc.array(fc.string()),
  c: fc.dictionary(
    fc.string({ minLength: 1 }).filter((k) => k !== '__proto__'),
    fc.double({ noNaN: true }),
  ),
  d: fc.oneof(fc.constant(null), fc.string(), fc.integer()),
  e: fc.constantFrom('X', 'Y'),
  f: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((b) => Buffer.from(b)),
  g: fc.boolean(),
  h: fc.uint8Array().map((b) => Buffer.from(b)),
  i: fc.float({ noNaN: true }),
  j: fc.record({ k: fc.integer() }),
});

const walk = (schema: avro.Type, buffer: Buffer, end = buffer.length) => {
  const r = longReader(buffer, 0, end);
  skipValue(schema, r);
  return r;
};

describe('walking a payload', () => {
  test('ends where the value ends, whatever follows', () => {
    fc.assert(
      fc.property(value, fc.uint8Array({ maxLength: 9 }), (v, rest) => {
        const payload = type.toBuffer(v);
        const r = walk(type, Buffer.concat([payload, rest]));
        expect([r.ok, r.position]).toEqual([true, payload.length]);
      }),
    );
  });

  test('refuses every cut', () => {
    fc.assert(
      fc.property(value, fc.nat(), (v, n) => {
        const payload = type.toBuffer(v);
        expect(walk(type, payload, n % payload.length).ok).toBe(false);
      }),
    );
  });

  test('of noise never throws and never leaves its range', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const buffer = Buffer.concat([bytes, Buffer.alloc(40, 2)]);
        const r = walk(type, buffer, bytes.length);
        expect(r.position).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['strings', { type: 'array', items: 'string' }, '8080808080808010'],
    ['nulls', { type: 'array', items: 'null' }, '0400'],
    ['maps', { type: 'map', values: 'null' }, '8080808080808010'],
    ['a block that is too large', { type: 'array', items: 'string' }, '01ffffff0f'],
    ['a block with a wrong size', { type: 'array', items: 'string' }, '0102026100'],
    ['a block of negative size', { type: 'array', items: 'string' }, '0103026100'],
    ['a union branch', ['null', 'string'], '06'],
    ['an enum symbol', { type: 'enum', name: 'E', symbols: ['X'] }, '02'],
    ['a boolean', 'boolean', '02'],
    ['a string that is not UTF-8', 'string', '02ff'],
    ['a key of a map that is not UTF-8', { type: 'map', values: 'int' }, '0202ff0200'],
  ])('refuses a count that its bytes cannot hold: %s', (_, schema, hex) => {
    expect(walk(avro.Type.forSchema(schema as avro.schema.AvroSchema), Buffer.from(hex, 'hex')).ok).toBe(
      false,
    );
  });

  test('accepts blocks with sizes', () => {
    // -1 items in 2 bytes: one string of one byte; then the end.
    const r = walk(avro.Type.forSchema({ type: 'array', items: 'string' }), Buffer.from('0104026100', 'hex'));
    expect([r.ok, r.position]).toEqual([true, 5]);
  });

  test('refuses endless nesting', () => {
    const list = avro.Type.forSchema({
      type: 'record',
      name: 'L',
      fields: [{ name: 'next', type: ['null', 'L'] }],
    });
    expect(walk(list, Buffer.alloc(100_000, 2)).problem).toBe('nested too deep');
  });
});
