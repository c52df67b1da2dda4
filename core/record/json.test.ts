import { describe, expect, test } from '@jest/globals';
import { parseJson } from './json.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  test.each(['{"a":[1,"\\"[",{}],"b":"\\\\"}', '"[[["', 'null', nested(32), `[${'[],'.repeat(100)}1]`])(
    'reads what JSON.parse reads: %s',
    (text) => expect(parseJson(text)).toEqual(JSON.parse(text)),
  );

  test.each([
    nested(33),
    `{"v":${nested(100_000)}}`,
    '['.repeat(1_000),
    `["${'\\"'.repeat(3)}",${nested(32)}]`,
  ])('refuses what nests too deep (case %#)', (text) =>
    expect(() => parseJson(text)).toThrow('nests too deep'),
  );

  test.each(['', '[', '"', '"\\', ']]]['])('refuses what is no JSON: %s', (text) =>
    expect(() => parseJson(text)).toThrow(SyntaxError),
  );
});
