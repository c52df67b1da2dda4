import { expect, test } from '@jest/globals';
import { createTurns } from './turns.ts';

/** Takes turns under names, those that begin with `f` of keys that fail; which have begun. */
const setUp = (most: number) => {
  const turns = createTurns(most);
  const begun: string[] = [];
  return {
    begun,
    take: async (...names: string[]) => {
      for (const name of names) void turns.take(name.startsWith('f')).then(() => begun.push(name));
      await Promise.resolve();
    },
    give: async (name: string) => {
      turns.give(name.startsWith('f'));
      await Promise.resolve();
    },
  };
};

test('so many at once, the others in turn', async () => {
  const { begun, take, give } = setUp(2);
  await take('a', 'b', 'c', 'd');
  expect(begun).toEqual(['a', 'b']);
  await give('b');
  await give('a');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('keys that fail leave a quarter of the places to others, and have no more than that while others wait', async () => {
  const { begun, take, give } = setUp(8);
  await take('f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8');
  expect(begun).toEqual(['f1', 'f2', 'f3', 'f4', 'f5', 'f6']);
  await take('a', 'b', 'c', 'd', 'e');
  expect(begun.slice(6)).toEqual(['a', 'b']);
  for (const name of ['f1', 'f2', 'f3']) await give(name);
  expect(begun.slice(8)).toEqual(['c', 'd', 'e']);
  await give('f4');
  expect(begun.slice(11)).toEqual(['f7']);
});

test('where there are few places they have one after some others', async () => {
  const { begun, take, give } = setUp(1);
  await take('a', 'f1', 'b', 'c', 'd', 'f2', 'e');
  for (let i = 0; i < 6; i++) await give(begun[i]);
  expect(begun).toEqual(['a', 'f1', 'b', 'c', 'd', 'f2', 'e']);
});
