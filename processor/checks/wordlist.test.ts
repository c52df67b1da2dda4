import { describe, expect, test } from '@jest/globals';
import { createWordlistCheck, parseWordList } from './wordlist.ts';

test('parseWordList leaves out what is no word', () => {
  expect(parseWordList('\ufeffone\r\n# two\n\n  three four \n#\nfive')).toEqual([
    'one',
    'three four',
    'five',
  ]);
});

describe('wordlist', () => {
  test.each([
    ['noon', true],
    ['NOON', true],
    ['e\u0301te\u0301', true],
    ['STRASSE', true],
    ['no', false],
    ['', false],
    ['noon ', false],
    [`noon${'\u0301'.repeat(100_000)}`, false],
    ['constructor', false],
  ])('%.20j: %j, and the other way round when denied', (word, listed) => {
    const words = ['Noon', 'Été', 'straße'];
    const input = { word, id: 'id', attempt: 1 };
    const pass = (answer: boolean) => ({ kind: 'pass', answer, detail: null });
    expect(createWordlistCheck({ name: 'w', mode: 'allow' }, words).run(input)).toEqual(pass(listed));
    expect(createWordlistCheck({ name: 'w', mode: 'deny' }, words).run(input)).toEqual(pass(!listed));
  });
});
