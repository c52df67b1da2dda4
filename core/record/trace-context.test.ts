import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inRecord } from '@verdikt/test/support/records.ts';
import type { Header } from './record.ts';
import {
  contextOf,
  formatTraceparent,
  looksSampled,
  MAX_TRACESTATE,
  parseTraceparent,
  readTraceHeaders,
  safeTracestate,
  traceHeadersOf,
} from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${SPAN}-01`;

const digits = (n: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: n, maxLength: n })
    .map((d) => d.join(''))
    .filter((d) => /[^0]/.test(d));

describe('traceparent', () => {
  test('what is formatted is read again', () => {
    fc.assert(
      fc.property(digits(32), digits(16), fc.integer({ min: 0, max: 255 }), (traceId, spanId, flags) => {
        const text = formatTraceparent({ traceId, spanId, flags, state: '' });
        expect(parseTraceparent(text)).toEqual({ traceId, spanId, flags });
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version 00 with more behind it', `${VALID}-x`],
    ['a later version with more that is not set off', `01-${TRACE}-${SPAN}-01x`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', VALID.toUpperCase()],
    ['two of them', `${VALID}, ${VALID}`],
    ['a line break', `${VALID}\n`],
    ['a later version that is too long', `01-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`],
  ])('%s is refused', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  test('a later version is read as far as we know it, and travels unchanged', () => {
    const later = `cc-${TRACE}-${SPAN}-03-what-comes`;
    expect(parseTraceparent(later)).toEqual({ traceId: TRACE, spanId: SPAN, flags: 3 });
    expect(readTraceHeaders(later, undefined)).toEqual({ traceparent: later, tracestate: '' });
  });

  test('no text makes it throw, and what it reads is valid', () => {
    const near = fc
      .tuple(fc.nat(54), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([at, s]) => VALID.slice(0, at) + s + VALID.slice(at + s.length));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        const c = parseTraceparent(text);
        if (c !== undefined) expect(`${c.traceId}-${c.spanId}`).toMatch(/^[0-9a-f]{32}-[0-9a-f]{16}$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('tracestate', () => {
  test('a valid one is unchanged', () => {
    for (const text of ['rojo=00f067aa0ba902b7', 'a=1,b=2', 'a=1 , b=2', '0a/b*c-d_e= v'])
      expect(safeTracestate(text)).toBe(text);
  });

  test.each([
    ['no key', '=x'],
    ['no value', 'a='],
    ['a capital in the key', 'A=1'],
    ['a key twice', 'a=1,b=2,a=3'],
    ['a control character', 'a=1\u0000'],
    ['a line break', 'a=1\r\nx: y'],
    ['more than ASCII', 'a=é'],
    ['33 members', Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(',')],
    ['bytes without end', `a=${'x'.repeat(100_000)}`],
  ])('%s: none is handed on', (_, text) => {
    expect(safeTracestate(text)).toBe('');
  });

  test('a long one keeps the first members that fit 512 characters', () => {
    const members = Array.from({ length: 10 }, (_, i) => `k${i}=${'x'.repeat(97)}`);
    expect(safeTracestate(members.join(','))).toBe(members.slice(0, 5).join(','));
  });

  test('what is handed on is bounded and may be handed on again', () => {
    const member = fc
      .tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/), fc.stringMatching(/^[!-+.-<>-~]{1,250}$/))
      .map(([k, v]) => `${k}=${v}`);
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(member, { maxLength: 40 }).map((m) => m.join(',')),
    );
    fc.assert(
      fc.property(any, (text) => {
        const safe = safeTracestate(text);
        expect(safe.length).toBeLessThanOrEqual(MAX_TRACESTATE);
        expect(safeTracestate(safe)).toBe(safe);
        expect(safe).toMatch(/^[\t\x20-\x7e]*$/);
      }),
    );
  });
});

describe('of a record', () => {
  const record = (...headers: Header[]) => inRecord({ headers });

  test('its headers are read and checked', () => {
    const given: Header[] = [
      ['id', 'x'],
      ['traceparent', VALID],
      ['tracestate', 'a=1'],
    ];
    expect(traceHeadersOf(record(...given))).toEqual({ traceparent: VALID, tracestate: 'a=1' });
    expect(contextOf({ traceparent: VALID, tracestate: 'a=1' })).toEqual({
      ...{ traceId: TRACE, spanId: SPAN, flags: 1, state: 'a=1' },
    });
    expect(traceHeadersOf(record(['traceparent', Buffer.alloc(20_000, 0x30)]))).toBeUndefined();
    expect(traceHeadersOf(record(['traceparent', null]))).toBeUndefined();
    expect(traceHeadersOf(record(['tracestate', 'a=1']))).toBeUndefined();
  });

  test('the flag that is looked at first agrees with what is read then', () => {
    const name = fc.oneof(fc.constantFrom('traceparent', 'traceparenu', 'tracestate', 'id'), fc.string());
    const value = fc.oneof(
      fc.constant(null),
      fc.string(),
      fc
        .tuple(digits(32), digits(16), fc.integer({ min: 0, max: 255 }))
        .map(([traceId, spanId, flags]) => formatTraceparent({ traceId, spanId, flags, state: '' })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (headers) => {
        const r = record(...headers);
        const read = traceHeadersOf(r);
        const sampled = read !== undefined && (contextOf(read).flags & 1) === 1;
        if (read !== undefined) expect(looksSampled(r)).toBe(sampled);
        else if (!r.headers().some(([n, v]) => n === 'traceparent' && (v?.length ?? 0) >= 55))
          expect(looksSampled(r)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
