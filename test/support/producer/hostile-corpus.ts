// Inputs that must be refused: each with the status and the field that the answer has to name.
import { batch, GOOD, http, JSON_TYPE, one, word } from './raw-http.ts';

export const ACUTE = '\u0301';
export const BELOW = '\u0316';
export const KIB = 1024;
export const MIB = KIB * KIB;
const chunked = (...chunks: string[]): Buffer =>
  http('/v1/words', [JSON_TYPE, 'Transfer-Encoding: chunked'], chunks.join(''));
const hex = (s: string): Buffer => Buffer.from(s.replace(/ /g, ''), 'hex');
const inWord = (bytes: string): Buffer =>
  Buffer.concat([Buffer.from('{"word":"'), hex(bytes), Buffer.from('"}')]);

export const REFUSED: readonly [name: string, bytes: Buffer, status: number, field: string][] = [
  // Text that is dear to normalise or to cut into clusters.
  [
    '1 MiB of marks out of order',
    one(word(`a${ACUTE.repeat(MIB / 4)}${BELOW.repeat(MIB / 4)}`)),
    413,
    'body',
  ],
  ['1 MiB of marks as escapes', one(word('\\u0301'.repeat(MIB / 6))), 413, 'body'],
  ['15 KiB of marks out of order', one(word(`a${ACUTE.repeat(3800)}${BELOW.repeat(3800)}`)), 413, 'word'],
  ['1,000 marks out of order', one(word(`a${ACUTE.repeat(500)}${BELOW.repeat(500)}`)), 400, 'word'],
  ['31 marks', one(word(`a${BELOW.repeat(31)}`)), 400, 'word'],
  ['a cluster joined 4,000 times', one(word('\u200d'.repeat(4000))), 413, 'word'],
  ['4,000 jamo', one(word('\u1100\u1161\u11a8'.repeat(1333))), 413, 'word'],
  ['2,000 viramas', one(word('\u0915\u094d'.repeat(1000))), 413, 'word'],
  ['text that grows threefold', one(word('\ufb2c'.repeat(500))), 413, 'word'],
  [
    'a batch of 1 MiB of marks',
    batch(`[${word(`a${ACUTE.repeat(MIB / 4)}${BELOW.repeat(MIB / 4)}`)}]`),
    413,
    'body',
  ],
  [
    'a batch of one word of 500 KiB of marks',
    batch(`[${word(`a${ACUTE.repeat(125_000)}${BELOW.repeat(125_000)}`)}]`),
    413,
    'word',
  ],
  // Text that is not text.
  ['a lone high surrogate', one(word('\\ud800')), 400, 'word'],
  ['a lone low surrogate', one(word('\\udc00x')), 400, 'word'],
  ['surrogates the wrong way round', one(word('\\udc00\\ud800')), 400, 'word'],
  ['a lone surrogate in the key', one('{"word":"a","key":"\\udfff"}'), 400, 'key'],
  ['174,000 lone surrogates', batch(`[${word('\\ud800'.repeat(80_000))}]`), 413, 'word'],
  ['NUL in the text', one('{"word":"a\u0000b"}'), 400, 'body'],
  ['NUL as an escape', one(word('a\\u0000b')), 400, 'word'],
  ['NUL after the JSON', one(`${GOOD}\u0000`), 400, 'body'],
  ['escape sequences of a terminal', one(word('\\u001b[31m')), 400, 'word'],
  ['a C1 escape sequence', one(word('\\u009b31m')), 400, 'word'],
  ['a direction override', one(word('\\u202elevel')), 400, 'word'],
  ['a direction isolate in the key', one('{"word":"a","key":"\\u2067b"}'), 400, 'key'],
  ['a line break in the key', one('{"word":"a","key":"b\\r\\nverdikt-origin: 1"}'), 400, 'key'],
  ['UTF-8: a byte that is never valid', one(inWord('ff')), 400, 'body'],
  ['UTF-8: an overlong NUL', one(inWord('c080')), 400, 'body'],
  ['UTF-8: an overlong slash', one(inWord('e080af')), 400, 'body'],
  ['UTF-8: a surrogate', one(inWord('eda080')), 400, 'body'],
  ['UTF-8: beyond U+10FFFF', one(inWord('f4908080')), 400, 'body'],
  ['UTF-8: cut off', one(inWord('e282')), 400, 'body'],
  [
    'UTF-8: in a batch',
    batch(Buffer.concat([Buffer.from('['), inWord('ff'), Buffer.from(']')])),
    400,
    'body',
  ],
  ['a byte order mark', one(Buffer.concat([hex('efbbbf'), Buffer.from(GOOD)])), 400, 'body'],
  ['UTF-16', one(Buffer.from(`\ufeff${GOOD}`, 'utf16le')), 400, 'body'],
  // JSON with a second meaning.
  ['__proto__', one('{"word":"a","__proto__":{"key":"b"}}'), 400, '__proto__'],
  ['__proto__ as an escape', one('{"word":"a","\\u005f_proto__":{"key":"b"}}'), 400, '__proto__'],
  ['only __proto__', one('{"__proto__":{"word":"a"}}'), 400, '__proto__'],
  ['constructor.prototype', one('{"word":"a","constructor":{"prototype":{"key":"b"}}}'), 400, 'constructor'],
  ['__proto__ in a batch', batch('[{"__proto__":{"word":"a"}}]'), 400, '__proto__'],
  ['__proto__ of the batch', batch('{"__proto__":[{"word":"a"}],"length":1}'), 400, 'body'],
  ['toString', one('{"word":{"toString":"a"}}'), 400, 'word'],
  ['the word twice', one('{"word":"a","word":"b"}'), 400, 'body'],
  ['the key twice in a batch', batch('[{"word":"a","key":"b","key":"c"}]'), 400, 'body'],
  ['headers of ours as properties', one('{"word":"a","verdikt-origin":"1"}'), 400, 'verdikt-origin'],
  ['an id of the client', one('{"word":"a","id":"b"}'), 400, 'id'],
  // JSON that is dear to parse.
  ['nested 8,000 deep', one('['.repeat(8000) + ']'.repeat(8000)), 400, 'body'],
  ['a word nested 2,000 deep', one(`{"word":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}`), 400, 'word'],
  ['a batch nested 250,000 deep', batch('['.repeat(250_000) + ']'.repeat(250_000)), 400, 'body'],
  ['a batch nested deep, never closed', batch('[{"word":'.repeat(50_000)), 400, 'body'],
  ['a batch of 250,000 numbers', batch(`[${'1,'.repeat(250_000)}1]`), 413, 'body'],
  ['a batch of 170,000 empty objects', batch(`[${'{},'.repeat(170_000)}{}]`), 413, 'body'],
  [
    '50,000 properties',
    batch(`[{${Array.from({ length: 50_000 }, (_, i) => `"${i.toString(36)}":1`).join()}}]`),
    400,
    'body',
  ],
  ['1,300 properties', one(`{${Array.from({ length: 1300 }, (_, i) => `"p${i}":1`).join()}}`), 400, 'p0'],
  ['a number beyond all floats', one('{"word":1e999999}'), 400, 'word'],
  ['a number of 15,000 digits', one(`{"word":${'9'.repeat(15_000)}}`), 400, 'word'],
  ['a number of 500,000 digits', batch(`[${'9'.repeat(500_000)}]`), 400, 'body'],
  ['500,000 backslashes', batch(`["${'\\'.repeat(500_001)}"]`), 400, 'body'],
  ['500,000 quotes', batch(`[${'"'.repeat(500_000)}]`), 400, 'body'],
  ['nothing', one(''), 400, 'body'],
  ['white space', one(' '.repeat(10_000)), 400, 'body'],
  // Bodies over the limit.
  ['16 KiB and one byte', one(word('a'.repeat(16 * KIB - 10))), 413, 'body'],
  [
    'a body declared too large, never sent',
    http('/v1/words', [JSON_TYPE, 'Content-Length: 9007199254740991']),
    413,
    'body',
  ],
  [
    '1 MiB in chunks',
    chunked(...Array.from({ length: 32 }, () => `8000\r\n${'a'.repeat(0x8000)}\r\n`), '0\r\n\r\n'),
    413,
    'body',
  ],
  // Content types that were taken for JSON without being checked as JSON, in servers like this one.
  [
    'content type, other case, space before the parameter',
    http('/v1/words', ['Content-Type: Application/Json ; charset=x'], GOOD),
    415,
    'content-type',
  ],
  [
    'content type with a tab',
    http('/v1/words', ['Content-Type: application/json\ta'], GOOD),
    415,
    'content-type',
  ],
  [
    'content type with a leading space',
    http('/v1/words', ['Content-Type:  \u00a0application/json'], GOOD),
    415,
    'content-type',
  ],
  [
    'two content types',
    http('/v1/words', ['Content-Type: text/plain', JSON_TYPE], GOOD),
    415,
    'content-type',
  ],
  [
    'two types in one',
    http('/v1/words', ['Content-Type: application/json, text/plain'], GOOD),
    415,
    'content-type',
  ],
  [
    'a content type of 7 KiB',
    http('/v1/words', [`Content-Type: application/json;${' a=b;'.repeat(1400)}`], GOOD),
    415,
    'content-type',
  ],
  [
    'multipart',
    http('/v1/words', ['Content-Type: multipart/form-data; boundary=x'], GOOD),
    415,
    'content-type',
  ],
  ['gzip', one(GOOD, 'Content-Encoding: gzip'), 415, 'content-encoding'],
  // Headers.
  ['a bare CR in a header', one(GOOD, 'Idempotency-Key: a\rverdikt-origin: 1'), 400, 'request'],
  ['a folded header', one(GOOD, 'Idempotency-Key: a\r\n verdikt-origin: 1'), 400, 'request'],
  ['NUL in a header', one(GOOD, 'Idempotency-Key: a\u0000b'), 400, 'request'],
  ['a header that is not ASCII', one(GOOD, 'Idempotency-Key: caf\u00e9'), 400, 'idempotency-key'],
  ['a tab in a header', one(GOOD, 'Idempotency-Key: a\tb'), 400, 'idempotency-key'],
  ['an empty Idempotency-Key', one(GOOD, 'Idempotency-Key:'), 400, 'idempotency-key'],
  [
    'an Idempotency-Key of 256 characters',
    one(GOOD, `Idempotency-Key: ${'k'.repeat(256)}`),
    400,
    'idempotency-key',
  ],
  ['a header of 1 MiB', one(GOOD, `X: ${'a'.repeat(MIB)}`), 431, 'headers'],
  [
    '200,000 headers',
    http('/v1/words', [JSON_TYPE, ...Array.from({ length: 200_000 }, () => 'X: a')], GOOD),
    431,
    'headers',
  ],
  // Framing that two servers could read in two ways.
  ['length and chunks', one(GOOD, 'Content-Length: 4', 'Transfer-Encoding: chunked'), 400, 'request'],
  ['two lengths', one(GOOD, 'Content-Length: 16', 'Content-Length: 4'), 400, 'request'],
  ['a negative length', one(GOOD, 'Content-Length: -1'), 400, 'request'],
  ['a length in hexadecimal', one(GOOD, 'Content-Length: 0x10'), 400, 'request'],
  ['chunked, but not last', one(GOOD, 'Transfer-Encoding: chunked, gzip'), 400, 'request'],
  ['a chunk size that is none', chunked('zz\r\n', GOOD), 400, 'request'],
  ['a chunk size that overflows', chunked('fffffffffffffffff\r\n', GOOD), 400, 'request'],
  ['a chunk without its end', chunked('4\r\n{"woXX', '0\r\n\r\n'), 400, 'request'],
  ['no HTTP at all', Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 'latin1'), 400, 'request'],
];
