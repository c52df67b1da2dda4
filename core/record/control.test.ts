import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inRecord, stored } from '@verdikt/test/support/records.ts';
import {
  decodeControl,
  encodeAnswer,
  encodeAudit,
  encodeCommand,
  type Answer,
  type Audit,
  type Command,
} from './control.ts';
import { H } from './headers.ts';
import type { Header, OutRecord } from './record.ts';

const ID = '0190d5a0-0000-7000-8000-000000000001';
const OPERATION = '0190D5A0-0000-7000-8000-00000000000F';
const target = { submission: 'id-7', origin: 7, expected: 'final', redrive: 2 } as const;
const redrive: Command = {
  id: ID,
  operation: OPERATION,
  action: 'redrive',
  issuedAt: 1_000,
  by: 'anna',
  ...target,
};
const answer: Answer = {
  id: ID,
  operation: OPERATION,
  action: 'redrive',
  result: 'stale',
  reason: 'not-parked',
  offset: 3,
  target,
};
const audit: Audit = {
  operation: OPERATION,
  at: 5,
  by: 'anna',
  action: 'redrive',
  filter: 'reason=http-5xx',
  counts: { sent: 3, __proto__: 4 } as Record<string, number>,
};
const decode = (r: OutRecord) => decodeControl(stored(r, 11, 12));

const bytes = fc.option(fc.uint8Array({ maxLength: 60 }).map((b) => Buffer.from(b)));
const name = fc.oneof(
  fc.string({ maxLength: 30, unit: 'grapheme' }),
  fc.constantFrom(...Object.values(H), '__proto__'),
);
const headers: fc.Arbitrary<Header[]> = fc.array(fc.tuple(name, bytes), { maxLength: 6 });
const count = fc.nat();

describe('what is encoded reads back the same', () => {
  test('commands, with a record whose bytes, nulls and repeated headers are untouched, ours among them', () => {
    fc.assert(
      fc.property(
        bytes,
        bytes,
        headers,
        count,
        fc.string({ unit: 'binary' }),
        (key, value, carried, n, id) => {
          const command: Command = {
            ...redrive,
            submission: id.toWellFormed(),
            origin: n,
            redrive: n % 65_536,
            expected: n % 2 === 0 ? 'final' : 'parked',
            action: n % 3 === 0 ? 'skip' : 'redrive',
          };
          const got = decode(encodeCommand(command, key, { key: null, value, headers: carried }));
          if (got.kind !== 'command') throw new Error(JSON.stringify(got));
          expect([got.command, got.key]).toEqual([command, key]);
          expect([got.record?.key, got.record?.value, got.record?.headers()]).toEqual([key, value, carried]);
          expect(got.record?.offset).toBe(11);
          expect(got.record?.detach().headers()).toEqual(carried);
        },
      ),
    );
  });

  test('a command that carries nothing, not even a key', () => {
    for (const key of [null, Buffer.alloc(0), Buffer.from('k')])
      expect(decode(encodeCommand(redrive, key))).toEqual({
        kind: 'command',
        command: redrive,
        key,
        record: undefined,
      });
    const reset: Command = { id: ID, operation: OPERATION, action: 'reset', issuedAt: 1, by: '' };
    expect(decode(encodeCommand(reset, null))).toMatchObject({ kind: 'command', command: reset });
  });

  test('a carried record without value is not the same as none', () => {
    const got = decode(encodeCommand(redrive, null, { key: null, value: null, headers: [] }));
    expect(got.kind === 'command' && got.record?.value).toBeNull();
  });

  test('answers and audits', () => {
    const key = Buffer.from('k');
    expect(decode(encodeAnswer(answer, key))).toEqual({ kind: 'answer', answer, key });
    const reset: Answer = { ...answer, action: 'reset', target: undefined, result: 'applied', reason: '' };
    expect(decode(encodeAnswer(reset, null))).toEqual({ kind: 'answer', answer: reset, key: null });
    expect(JSON.stringify(decode(encodeAudit(audit)))).toBe(JSON.stringify({ kind: 'audit', audit }));
  });
});

const data = (kind: string, json: unknown): ReturnType<typeof decodeControl> =>
  decodeControl(
    inRecord({
      headers: [
        [H.control, kind],
        [H.controlData, typeof json === 'string' ? json : JSON.stringify(json)],
      ],
    }),
  );
const plain = { v: 1, carries: false, ...redrive };

describe('what is not ours is garbled, never an error', () => {
  test('any bytes as JSON, any kind, any headers', () => {
    const hostile = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.anything().map((v) => JSON.stringify({ ...plain, id: v }) ?? ''),
      fc.constantFrom('', 'null', '[]', '[[', '{"v":1}', '"v"', '{"v":1,"__proto__":{"id":1}}'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('command', 'answer', 'audit', '', 'x'),
        hostile,
        headers,
        (kind, json, more) => {
          expect(['garbled', 'command']).toContain(data(kind, json).kind);
          expect(['garbled']).toContain(decodeControl(inRecord({ headers: more })).kind);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('every field that is missing or of another type', () => {
    expect(data('command', plain).kind).toBe('command');
    const whole: [string, object][] = [
      ['command', plain],
      ['answer', { v: 1, ...answer }],
      ['audit', { v: 1, ...audit }],
      ['command', { ...plain, action: 'skip', expected: 'parked' }],
    ];
    for (const [kind, json] of whole)
      for (const field of Object.keys(json).filter((f) => f !== 'target'))
        for (const bad of [undefined, null, {}, [], -1, 1.5, 2 ** 53, true, '']) {
          const legal =
            (bad === true && field === 'carries') ||
            (bad === '' && ['by', 'submission', 'reason', 'filter'].includes(field)) ||
            (bad === '' && field === 'action' && kind === 'audit') ||
            (typeof bad === 'object' && bad !== null && !Array.isArray(bad) && field === 'counts');
          expect([kind, field, bad, data(kind, { ...json, [field]: bad }).kind]).toEqual([
            kind,
            field,
            bad,
            legal ? kind : 'garbled',
          ]);
        }
    for (const bad of [null, 'x', [], {}, { ...target, origin: '7' }])
      expect(data('answer', { v: 1, ...answer, target: bad }).kind).toBe('garbled');
  });

  test('counts over what the columns of a lane hold, texts over their bounds, a later version', () => {
    expect(data('command', { ...plain, redrive: 65_536 }).kind).toBe('garbled');
    expect(data('command', { ...plain, by: 'x'.repeat(1_025) }).kind).toBe('garbled');
    expect(data('command', { ...plain, v: 2 }).kind).toBe('garbled');
    expect(data('command', `${JSON.stringify(plain)}${' '.repeat(256 * 1024)}`).kind).toBe('garbled');
    expect(data('audit', { v: 1, ...audit, counts: { a: -1 } }).kind).toBe('garbled');
  });

  test('a version that has no text, or one that takes all of the stack', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const v of ['{"toString":1,"valueOf":1}', '{"toString":null}', deep])
      expect(data('command', `{"v":${v}}`).kind).toBe('garbled');
    expect(data('command', '{"v":2}')).toEqual({ kind: 'garbled', problem: 'version 2 is not known' });
  });

  test('our headers at another place than the first two', () => {
    const ours: Header[] = [
      [H.control, 'command'],
      [H.controlData, JSON.stringify(plain)],
    ];
    for (const list of [[], ours.slice(0, 1), [...ours].reverse(), [['a', 'b'] as const, ...ours]])
      expect(decodeControl(inRecord({ headers: list })).kind).toBe('garbled');
    const nothing: Header[] = [ours[0], [H.controlData, null]];
    expect(decodeControl(inRecord({ headers: nothing })).kind).toBe('garbled');
  });
});
