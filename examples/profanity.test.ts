// A test of a check, without Kafka: `node --test examples/profanity.test.ts`. Any other test runner does as well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pass, retry } from 'verdikt';
import { testCases, testCheck, testChain } from 'verdikt/testing';
import profanity from './profanity.ts';

test('refuses the words of the list, in any case', () =>
  testCases(profanity, [
    ['level', true],
    ['zounds', pass(false, 'it is in the list')],
    ['Zounds', false],
  ]));

test('tries again while the list is being written', () =>
  testCases(profanity, [
    ['rotator', retry('list-busy')],
    [{ word: 'rotator', attempt: 3 }, true],
  ]));

test('needs a list that can be read', () =>
  assert.rejects(testCheck(profanity, 'level', { options: { list: '/nowhere' } }), {
    code: 'CONFIG_INVALID',
  }));

test('keeps the order of a key while it tries again', async () => {
  const words = ['rotator', 'zounds'].map((word) => ({ word, key: 'k' }));
  const ends = await testChain({ chain: [profanity, 'palindrome'] }, [...words, 'level']);
  assert.deepEqual(
    ends.map((end) => [end.kind, end.word, end.attempts]),
    [
      ['verdict', 'level', 1],
      ['verdict', 'rotator', 3],
      ['verdict', 'zounds', 1],
    ],
  );
});
