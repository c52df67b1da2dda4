import { expect, test } from '@jest/globals';
import { keyHash, placeOf, readHash, wordHash } from './where.ts';

test('what is shown and its address are the same, whatever the key', () => {
  for (const key of ['k', 'a/b?c#d', '🧑‍🚀', '%', 'order 17'])
    for (const asOf of [undefined, 1_796_000_000_400])
      expect(readHash(keyHash(key, asOf))).toEqual({ at: 'key', key, asOf });
  expect(readHash(wordHash('0198-a'))).toEqual({ at: 'word', id: '0198-a' });
  expect(readHash(wordHash('0198-a', '11.42'))).toEqual({ at: 'word', id: '0198-a', place: '11.42' });
});

test('what is no address of ours shows the home page', () => {
  for (const hash of ['', '#', '#/', '#/words/', '#/keys/%E0%A4%A', '#/other/x', '#main'])
    expect([hash, readHash(hash)]).toEqual([hash, { at: 'home' }]);
  expect(['#/tasks', '#/parked', '#/letters'].map((h) => readHash(h).at)).toEqual([
    'tasks',
    'parked',
    'letters',
  ]);
  expect(readHash('#/keys/a?asOf=yesterday')).toEqual({ at: 'key', key: 'a' });
  expect(readHash('#/words/a?at=1')).toEqual({ at: 'word', id: 'a' });
  expect(readHash('#/?word=deified')).toEqual({ at: 'home', word: 'deified' });
});

test('a Location tells the place', () => {
  expect(placeOf('/v1/words/0198?at=3.1041')).toBe('3.1041');
  expect([placeOf(null), placeOf('/v1/words/0198')]).toEqual([undefined, undefined]);
});
