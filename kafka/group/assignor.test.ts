import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  NOTHING_BEFORE,
  asPrevious,
  assign,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  isRefused,
  ruling,
  type Candidate,
} from './assignor.ts';

const TOPICS = ['words'];
const of = (partitions: number) => ({ topics: TOPICS, partitions });
const member = (
  id: string,
  tasks: readonly number[] = [],
  generation = tasks.length > 0 ? 1 : -1,
  partitions = 12,
): Candidate => ({
  id,
  topics: TOPICS,
  partitions,
  previous: { generation, tasks },
});
const next = (
  ids: string[],
  before: ReadonlyMap<string, readonly number[]>,
  partitions: number,
  generation = 1,
) =>
  assign(
    ids.map((id) => member(id, before.get(id) ?? [], before.has(id) ? generation : -1, partitions)),
    of(partitions),
  );
const moved = (
  before: ReadonlyMap<string, readonly number[]>,
  after: ReadonlyMap<string, readonly number[]>,
): number => {
  let n = 0;
  for (const [id, tasks] of before) for (const t of tasks) if (after.get(id)?.includes(t) !== true) n++;
  return n;
};

describe('assign', () => {
  test('1, 2, 3 members move 6 and then 4 of 12 tasks, a leaver exactly its own', () => {
    const one = next(['a'], new Map(), 12);
    const two = next(['a', 'b'], one, 12);
    const three = next(['a', 'b', 'c'], two, 12);
    const left = next(['a', 'c'], three, 12);
    expect(one.get('a')).toHaveLength(12);
    expect(moved(one, two)).toBe(6);
    expect(moved(two, three)).toBe(4);
    expect(moved(new Map([...three].filter(([id]) => id !== 'b')), left)).toBe(0);
    expect([...left.values()].map((t) => t.length)).toEqual([6, 6]);
  });

  test('members beyond the tasks stand by, and those that had one keep it', () => {
    const after = assign(
      [member('d', [], -1, 3), ...['a', 'b', 'c'].map((id, i) => member(id, [i], 1, 3)).reverse()],
      of(3),
    );
    expect([...after]).toEqual(
      expect.arrayContaining([
        ['a', [0]],
        ['b', [1]],
        ['c', [2]],
        ['d', []],
      ]),
    );
  });

  test('of two claims the later generation is right', () => {
    const after = assign([member('a', [0, 1], 3, 4), member('b', [0, 1], 4, 4)], of(4));
    expect(after.get('b')).toEqual([0, 1]);
    expect(after.get('a')).toEqual([2, 3]);
  });

  test('a member that has to give some up keeps those that came last', () => {
    const first = asPrevious(NOTHING_BEFORE, { generation: 1, tasks: [0, 1, 4, 5] });
    const took = asPrevious(first, { generation: 2, tasks: [0, 1, 2, 5, 6] });
    expect(took).toEqual({ generation: 2, tasks: [2, 6, 0, 1, 5] });
    const a = { ...member('a'), previous: took };
    const after = assign([a, member('b'), member('c', [3, 4, 7, 8, 9, 10, 11], 2)], of(12));
    expect(after.get('a')).toEqual([0, 1, 2, 6]);
  });

  test('a member of another system gets nothing and takes nothing', () => {
    const topics = { ...member('a', [0, 1], 9, 2), topics: ['other'] };
    const partitions = member('c', [0, 1], 9, 3);
    const after = assign([topics, member('b', [], -1, 2), partitions], of(2));
    expect([...after]).toEqual([
      ['a', []],
      ['b', [0, 1]],
      ['c', []],
    ]);
    expect(assign([topics], of(2)).get('a')).toEqual([]);
  });

  test('any history: complete, even, minimal and independent of the order of members', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.array(
          fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1, maxLength: 7 }),
          {
            minLength: 2,
            maxLength: 6,
          },
        ),
        (partitions, rounds) => {
          let before: ReadonlyMap<string, readonly number[]> = new Map();
          for (const [generation, ids] of rounds.entries()) {
            const after = next(ids, before, partitions, generation);
            const all = [...after.values()].flat().sort((a, b) => a - b);
            expect(all).toEqual(Array.from({ length: partitions }, (_, i) => i));
            const counts = [...after.values()].map((t) => t.length);
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
            // Fewest moves: each stays with what it had up to its share, larger shares to those that had more.
            const kept = new Map([...before].filter(([id]) => after.has(id)));
            const least = Math.floor(partitions / ids.length);
            let larger = partitions % ids.length;
            let stay = 0;
            for (const had of [...kept.values()].map((t) => t.length).sort((a, b) => b - a)) {
              const share = larger > 0 && had > least ? least + 1 : least;
              if (had > least && larger > 0) larger--;
              stay += Math.min(had, share);
            }
            const had = [...kept.values()].flat().length;
            expect(moved(kept, after)).toBe(had - stay);
            expect(next([...ids].reverse(), before, partitions, generation)).toEqual(after);
            before = after;
          }
        },
      ),
    );
  });
});

describe('whose group it is', () => {
  const other = (id: string, tasks: readonly number[] = [], generation = -1): Candidate => ({
    ...member(id, tasks, generation),
    topics: ['other'],
  });

  test('that of the system that had tasks last, however many others come', () => {
    const late = Array.from({ length: 9 }, (_, i) => other(`a${i}`));
    expect(ruling([...late, member('z', [3], 7)])).toEqual(of(12));
    expect(ruling([other('a', [1], 6), member('z', [3], 7)])).toEqual(of(12));
    expect(ruling([other('a', [1], 8), member('z', [3], 7)])).toEqual({ topics: ['other'], partitions: 12 });
  });

  test('a member that stands by keeps the group for its system when those that worked are gone', () => {
    expect(ruling([other('a'), member('z', [], 7)])).toEqual(of(12));
  });

  test('a member that does not say how many tasks there are rules nobody', () => {
    expect(ruling([{ ...other('a', [1], 9), partitions: 0 }, member('z')])).toEqual(of(12));
  });

  test('before anybody had tasks, that of the lowest id; of none that can be read, nobody', () => {
    expect(ruling([member('b'), other('a')])).toEqual({ topics: ['other'], partitions: 12 });
    expect(ruling([{ ...member('a'), topics: [] }])).toBeUndefined();
  });

  test('does not depend on the order of members, and never leaves all without tasks', () => {
    const system = fc.constantFrom('words', 'other', 'third');
    const anybody = fc.record({ topic: system, generation: fc.integer({ min: -1, max: 4 }), id: fc.nat(50) });
    fc.assert(
      fc.property(fc.uniqueArray(anybody, { minLength: 1, selector: (m) => m.id }), (all) => {
        const members = all.map((m) => ({
          ...member(`m${m.id}`, m.generation < 0 ? [] : [m.id % 12], m.generation),
          topics: [m.topic],
        }));
        const subject = ruling(members);
        if (subject === undefined) throw new Error('nobody');
        expect(ruling([...members].reverse())).toEqual(subject);
        expect([...assign(members, subject).values()].flat()).toHaveLength(12);
        const refused = members.filter((m) => isRefused(m, subject));
        expect(refused.every((m) => m.topics[0] !== subject.topics[0])).toBe(true);
      }),
    );
  });
});

describe('encoding', () => {
  const subject = { topics: ['words', 'control'], partitions: 12 };

  test('a subscription comes back, its tasks in their order; that of its topics does not matter', () => {
    const bytes = encodeSubscription(subject, { generation: 7, tasks: [10, 2] });
    const turned = { topics: ['control', 'words'], partitions: 12 };
    expect(encodeSubscription(turned, { generation: 7, tasks: [10, 2] })).toEqual(bytes);
    expect(decodeSubscription(bytes)).toEqual({ ...turned, previous: { generation: 7, tasks: [10, 2] } });
    expect(decodeSubscription(encodeSubscription(subject, NOTHING_BEFORE)).previous).toEqual(NOTHING_BEFORE);
    const managed = encodeSubscription(subject, { generation: 7, tasks: [10, 2] }, 9464);
    expect(decodeSubscription(managed)).toEqual({ ...decodeSubscription(bytes), managementPort: 9464 });
  });

  test('it is the standard protocol, version 0', () => {
    expect(encodeSubscription({ topics: ['ab'], partitions: 3 }, NOTHING_BEFORE).toString('hex')).toBe(
      '0000' + '00000001' + '0002' + '6162' + '0000000c' + 'ffffffff' + '00000000' + '00000003',
    );
    const news = { refused: true, members: 2, tasks: 3, topics: ['ab'] };
    expect(encodeAssignment(['ab'], [1, 3], news).toString('hex')).toBe(
      '0000' +
        '00000001' +
        '0002' +
        '6162' +
        '00000002' +
        '00000001' +
        '00000003' +
        '00000014' +
        ('00000001' + '00000002' + '00000003' + '00000001' + '0002' + '6162'),
    );
  });

  test('bytes of a stranger read as no topics, without user data as nothing before', () => {
    const nothing = { partitions: 0, previous: NOTHING_BEFORE };
    expect(decodeSubscription(Buffer.from('00', 'hex'))).toEqual({ topics: [], ...nothing });
    expect(decodeSubscription(Buffer.from('00010000000100026162' + 'ffffffff' + '00000000', 'hex'))).toEqual({
      topics: ['ab'],
      ...nothing,
    });
    fc.assert(
      fc.property(fc.uint8Array(), (b) => expect(() => decodeSubscription(Buffer.from(b))).not.toThrow()),
    );
  });

  test('an assignment comes back in order of number', () => {
    const news = { refused: true, members: 3, tasks: 12, topics: ['a', 'b'] };
    expect(decodeAssignment(encodeAssignment(['words', 'control'], [11, 2, 0], news))).toEqual({
      tasks: [0, 2, 11],
      news,
    });
    expect(decodeAssignment(encodeAssignment(['words'], [], news))).toEqual({ tasks: [], news });
  });

  test('an assignment that was not made by one of ours has no news', () => {
    // As brokers write it that deal out partitions themselves: no user data.
    const dealt = '0003' + '00000001' + '0001' + '61' + '00000001' + '00000002';
    for (const end of ['ffffffff', '00000000'])
      expect(decodeAssignment(Buffer.from(dealt + end, 'hex'))).toEqual({ tasks: [2], news: undefined });
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ tasks: [], news: undefined });
  });

  test('an assignment that is torn or names a negative partition is refused by code', () => {
    const whole = encodeAssignment(['words'], [1, 2], {
      refused: false,
      members: 1,
      tasks: 3,
      topics: ['a'],
    });
    const tasksEnd = 2 + 4 + 7 + 4 + 8;
    const torn = [...whole.keys()]
      .slice(1)
      .filter((n) => n < tasksEnd || n > tasksEnd + 4)
      .map((n) => whole.subarray(0, n));
    const negative = Buffer.from('0000' + '00000001' + '0001' + '61' + '00000001' + 'ffffffff', 'hex');
    for (const bytes of [...torn, negative])
      expect(() => decodeAssignment(bytes)).toThrow(expect.objectContaining({ code: 'BROKER_UNAVAILABLE' }));
    // Others may leave out what follows the tasks.
    expect(decodeAssignment(whole.subarray(0, tasksEnd)).tasks).toEqual([1, 2]);
  });
});
