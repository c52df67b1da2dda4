import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseBatch, parseOne } from './json.ts';

const one = (text: string): string | undefined => {
  const p = parseOne(text);
  return p.ok ? JSON.stringify(p.json) : p.detail;
};
const batch = (text: string, max = 3): (string | undefined)[] | string => {
  const p = parseBatch(text, max);
  return p.ok ? p.json.map((e) => (e.ok ? JSON.stringify(e.json) : e.detail)) : `${p.code} ${p.detail}`;
};
const TWICE = 'A property is given twice.';
const MALFORMED = 'The JSON is malformed.';

describe('parseOne', () => {
  test.each([
    ['a submission', '{"word":"level"}', '{"word":"level"}'],
    ['white space', ' \t\r\n{ "word" : "level" }\n', '{"word":"level"}'],
    ['colons in strings', '{"word":"a:b::","key":":"}', '{"word":"a:b::","key":":"}'],
    [
      'quotes, backslashes and braces in strings',
      String.raw`{"word":"\\\":{[}]:\\","key":"\\"}`,
      String.raw`{"word":"\\\":{[}]:\\","key":"\\"}`,
    ],
    ['nested objects', '{"word":{"a":1,"b":{"c":2}}}', '{"word":{"a":1,"b":{"c":2}}}'],
    ['no object', '[1,2]', '[1,2]'],
    ['null', 'null', 'null'],
    ['__proto__ as an own property', '{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
  ])('reads %s', (_, text, expected) => {
    expect(one(text)).toBe(expected);
  });

  test.each([
    ['a property twice', '{"word":"a","word":"b"}', TWICE],
    ['the same twice', '{"word":"a","word":"a"}', TWICE],
    ['twice, once escaped', String.raw`{"word":"a","\u0077ord":"b"}`, TWICE],
    ['twice after a string that looks like JSON', String.raw`{"key":"\\\"{:","word":"a","word":"b"}`, TWICE],
    ['an unknown one twice', '{"x":1,"x":2}', TWICE],
    ['nothing', '', MALFORMED],
    ['a byte order mark', '\ufeff{"word":"a"}', MALFORMED],
    ['NUL between tokens', '{"word":\u0000"a"}', MALFORMED],
    ['a raw control character in a string', '{"word":"a\u0001"}', MALFORMED],
    ['single quotes', "{'word':'a'}", MALFORMED],
    ['a trailing comma', '{"word":"a",}', MALFORMED],
    ['a comment', '{"word":"a"}//', MALFORMED],
    ['two values', '{"word":"a"}{"word":"b"}', MALFORMED],
    ['NaN', 'NaN', MALFORMED],
  ])('refuses %s', (_, text, expected) => {
    expect(one(text)).toBe(expected);
  });

  test('pollutes no prototype', () => {
    one('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('any JSON that JSON.stringify writes is read back', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(one(text)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test('any object with a property written twice is refused', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.string(), { minKeys: 1 }),
        fc.nat(),
        fc.string(),
        (object, n, value) => {
          const names = Object.keys(object);
          const again = JSON.stringify(names[n % names.length]);
          expect(one(`{${again}:${JSON.stringify(value)},${JSON.stringify(object).slice(1)}`)).toBe(TWICE);
        },
      ),
    );
  });
});

describe('parseBatch', () => {
  test.each<[string, string, string[] | string]>([
    ['submissions', '[{"word":"a"},{"word":"b","key":"c"}]', ['{"word":"a"}', '{"word":"b","key":"c"}']],
    ['elements that ingest will refuse', '[1,"a:b,[",[1,2]]', ['1', '"a:b,["', '[1,2]']],
    [
      'one with a property twice among others',
      '[{"word":"a"},{"word":"b","word":"c"},{"key":":,"}]',
      ['{"word":"a"}', TWICE, '{"key":":,"}'],
    ],
    [
      'nested ones, which ingest will refuse',
      '[{"__proto__":{"word":"a","key":"b"}},{"word":[{"x":1}]}]',
      ['{"__proto__":{"word":"a","key":"b"}}', '{"word":[{"x":1}]}'],
    ],
    [
      'strings with all kinds of brackets',
      String.raw`[{"word":"]},{\"\\"},{"word":"\\"}]`,
      [String.raw`{"word":"]},{\"\\"}`, String.raw`{"word":"\\"}`],
    ],
    ['as many as allowed', '[1,2,3]', ['1', '2', '3']],
    ['one too many', '[1,2,3,4]', 'INPUT_TOO_LARGE A batch holds at most 3 submissions.'],
    ['none', ' [ ] ', 'INPUT_INVALID The batch is empty.'],
    ['an object', '{"word":"a"}', 'INPUT_INVALID A batch is a JSON array of submissions.'],
    ['a string', '"a"', 'INPUT_INVALID A batch is a JSON array of submissions.'],
    ['nothing', '', `INPUT_INVALID ${MALFORMED}`],
    ['no end', '[{"word":"a"}', `INPUT_INVALID ${MALFORMED}`],
    ['an open string', '[{"word":"a', `INPUT_INVALID ${MALFORMED}`],
    ['wrong nesting', '[{"word":"a"]}', `INPUT_INVALID ${MALFORMED}`],
    ['too deep', '[[[[[1]]]]]', 'INPUT_INVALID The JSON is nested too deeply.'],
    [
      'too many properties',
      `[{${Array.from({ length: 17 }, (_, i) => `"k${i}":1`).join()}}]`,
      'INPUT_INVALID A submission has too many properties.',
    ],
  ])('%s', (_, text, expected) => {
    expect(batch(text)).toEqual(expected);
  });

  test('is as parseOne for each element', () => {
    const flat = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.constant(null)),
      { maxKeys: 3 },
    );
    fc.assert(
      fc.property(fc.array(flat, { minLength: 1, maxLength: 5 }), fc.nat(9), (objects, twice) => {
        const texts = objects.map((o, i) => {
          const text = JSON.stringify(o);
          return i === twice && text !== '{}' ? text.replace(/}$/, ',') + text.slice(1) : text;
        });
        expect(batch(`[${texts.join(' , ')}]`, 5)).toEqual(texts.map(one));
      }),
    );
  });
});
