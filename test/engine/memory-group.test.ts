import { describe, expect, test } from '@jest/globals';
import { pending } from './contracts/subject.ts';
import { createMemoryGroup, stickySplit } from './memory-group.ts';

describe('the group', () => {
  test('splits fairly and moves as little as it can', () => {
    expect(stickySplit(5, [[]])).toEqual([[0, 1, 2, 3, 4]]);
    expect(stickySplit(5, [[0, 1, 2, 3, 4], []])).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(stickySplit(5, [[0, 1, 2], [3, 4], []])).toEqual([[0, 1], [3, 4], [2]]);
    expect(stickySplit(2, [[0], [1], []])).toEqual([[0], [1], []]);
    expect(
      stickySplit(4, [
        [0, 1],
        [1, 2],
      ]),
    ).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test('who is expelled is told it has lost, and joins again', async () => {
    const group = createMemoryGroup(2);
    const heard: string[] = [];
    const listen = (name: string) => ({
      assigned: (a: { tasks: readonly number[] }) => void heard.push(`${name}:${a.tasks.join()}`),
      lost: () => void heard.push(`${name} lost`),
      refused: () => undefined,
    });
    const [a, b] = [group.member('a'), group.member('b')];
    await a.start(listen('a'));
    await b.start(listen('b'));
    await pending(Promise.resolve());
    heard.length = 0;
    group.expel('a');
    expect([...group.owners()]).toEqual([
      [1, 'b'],
      [0, 'b'],
    ]);
    expect(await a.owns(0)).toBe(false);
    await pending(Promise.resolve());
    expect(heard).toEqual(['b:1,0', 'a lost', 'b:1', 'a:0']);
    expect([await a.owns(0), await b.owns(0)]).toEqual([true, false]);
  });

  test('who leaves after it was expelled does not come back', async () => {
    const group = createMemoryGroup(2);
    const a = group.member('a');
    let losses = 0;
    await a.start({ assigned: () => undefined, lost: () => void losses++, refused: () => undefined });
    group.expel('a');
    await a.stop();
    await pending(Promise.resolve());
    expect([losses, group.owners().size]).toEqual([0, 0]);
  });

  test('the dead are not heard and not answered', async () => {
    const group = createMemoryGroup(2);
    const a = group.member('a');
    await a.start({ assigned: () => undefined, lost: () => undefined, refused: () => undefined });
    group.kill('a');
    expect(group.owners().size).toBe(0);
    expect(await pending(a.owns(0))).toBe(true);
    expect(await pending(a.stop())).toBe(true);
  });
});
