import { describe, expect, test } from '@jest/globals';
import { lookFindings, streamFindings, type End, type Look } from './laws.ts';

const END: End = { topic: 'results', partition: 1, offset: 7, accepted: true, seenAt: 1_000 };
const look = (status: number, body: object | string, path = '/v1/words/a'): Look => ({
  ...{ edge: 'edge-0', id: 'a', path, at: 1, status },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const verdict = (offset: number, accepted: boolean): object => ({
  state: 'verdict',
  receipt: [
    { what: 'accepted', partition: 1, offset: 3 },
    { what: 'verdict', partition: 1, offset },
  ],
  verdict: { accepted },
});
const details = (l: Look, end: End | undefined = END): string[] =>
  lookFindings([l], () => end).map((f) => f.detail);

describe('answers about words', () => {
  test.each([
    ['the outcome that is there', look(200, verdict(7, true))],
    ['not yet, as of a time before it ended', look(200, { state: 'queued', asOf: 999 })],
    ['not seen yet', look(200, { state: 'accepted', seen: false, asOf: 10 })],
    ['the view is behind', look(503, { code: 'VIEW_BEHIND', asOf: 5 })],
    ['no answer', look(0, '')],
  ])('holds: %s', (_, l) => expect(details(l)).toEqual([]));

  test.each([
    ['never accepted', look(404, { code: 'NOT_FOUND' }), 'never accepted'],
    ['another place', look(200, verdict(8, true)), 'at 1@8, and is at 1@7'],
    ['another verdict', look(200, verdict(7, false)), 'accepted: false'],
    ['another kind of end', look(200, { ...verdict(7, true), state: 'dead-lettered' }), 'dead-lettered'],
    ['not ended, as of a time when it had', look(200, { state: 'queued', asOf: 1_001 }), 'had ended by 1000'],
    ['another error', look(500, { code: 'INTERNAL' }), '500 INTERNAL'],
    ['no JSON', look(200, 'x'), 'without JSON'],
  ])('is wrong: %s', (_, l, text) => expect(details(l)).toEqual([expect.stringContaining(text)]));

  test('is wrong: an outcome of what has none', () =>
    expect(lookFindings([look(200, verdict(7, true))], () => undefined)).toHaveLength(1));
});

const event = (partition: number, offset: number) => ({
  ...{ event: 'verdict', id: undefined, retry: undefined },
  data: JSON.stringify({ partition, offset }),
});
const id = (text: string) => ({ event: undefined, id: text, retry: undefined, data: undefined });
const WANTED = [[1, 4], [2]];
const told = (
  ...connections: [readonly number[], readonly ReturnType<typeof event | typeof id>[]][]
): string[] =>
  streamFindings(
    'all',
    connections.map(([from, events]) => ({ edge: 'edge-0', from, events })),
    WANTED,
  ).map((f) => f.detail);

describe('streams', () => {
  test.each([
    [
      'never told',
      [
        [
          [0, 0],
          [event(0, 1), event(1, 2)],
        ],
      ],
      'were never told, the first at 0@4',
    ],
    [
      'twice',
      [
        [
          [0, 0],
          [event(0, 1), event(0, 1), event(0, 4), event(1, 2)],
        ],
      ],
      '0@1 twice',
    ],
    [
      'back',
      [
        [
          [0, 0],
          [event(0, 4), event(0, 1), event(1, 2)],
        ],
      ],
      '0@1 after 0@4',
    ],
    [
      'again',
      [
        [
          [0, 0],
          [event(0, 1), event(1, 2)],
        ],
        [
          [2, 0],
          [event(0, 1), event(0, 4)],
        ],
      ],
      'again, after 2 was asked for',
    ],
    [
      'said to be told',
      [
        [[0, 0], [id('5.3')]],
        [[5, 3], []],
        [
          [0, 0],
          [event(0, 1), event(0, 4), event(1, 2)],
        ],
      ],
      'says it has told 0@1',
    ],
  ] as const)('is wrong: %s', (_, connections, text) => {
    const all = told(...(connections as unknown as Parameters<typeof told>));
    expect(all.join()).toContain(text);
  });
});

test('a stream that tells of a gap is wrong', () =>
  expect(
    told([
      [0, 0],
      [
        event(0, 1),
        event(0, 4),
        event(1, 2),
        { ...id(''), id: undefined, event: 'gap', data: '{}' } as never,
      ],
    ]),
  ).toEqual([expect.stringContaining('gap')]));

test('streams hold over two connections, the second of which repeats what came after the last id', () =>
  expect(
    told(
      [
        [0, 0],
        [event(0, 1), id('2.0'), event(1, 2)],
      ],
      [
        [2, 0],
        [event(1, 2), event(0, 4), id('5.3')],
      ],
    ),
  ).toEqual([]));
