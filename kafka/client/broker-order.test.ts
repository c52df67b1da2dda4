import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBrokerOrder, type BrokerOrder } from './broker-order.ts';

const at = (port: number): { address: { host: string; port: number } } => ({
  address: { host: '127.0.0.1', port },
});
const [a, b, c] = [at(1), at(2), at(3)];
const seconds = (n: number): number => 1_000_000 + n * 1_000;

let order: BrokerOrder;
const next = (
  lists: readonly (readonly (typeof a)[])[],
  open: readonly (typeof a)[] = [],
  now = 0,
): typeof a | undefined => order.next(lists, (x) => open.includes(x), seconds(now));

beforeEach(() => {
  order = createBrokerOrder();
});

describe('brokers are asked', () => {
  test('in turn, those to begin with as well', () => {
    const seen = Array.from({ length: 6 }, () => next([[], [a, b, c]]));
    expect(seen).toEqual([a, b, c, a, b, c]);
  });

  test('where a socket is open', () => {
    for (let i = 0; i < 3; i++) expect(next([[a, b], [c]], [b])).toBe(b);
    for (let i = 0; i < 3; i++) expect(next([[a, b], [c]], [c])).toBe(c);
  });

  test('last where a socket broke or timed out within a minute, open or not', () => {
    order.doubt(a.address, seconds(0));
    for (let i = 0; i < 3; i++) expect(next([[a, b]], [a, b], 59)).toBe(b);
    for (let i = 0; i < 3; i++) expect(next([[], [a, b]], [], 59)).toBe(b);
    expect(next([[a, b]], [a], 59)).toBe(a);
    expect(new Set([next([[a, b]], [a, b], 60), next([[a, b]], [a, b], 60)])).toEqual(new Set([a, b]));
  });

  test('after all others where they could not be reached, the latest last', () => {
    order.failed(a.address, seconds(1));
    order.failed(b.address, seconds(2));
    order.doubt(c.address, seconds(3));
    for (let i = 0; i < 3; i++) expect(next([[a, b, c]], [], 4)).toBe(c);
    for (let i = 0; i < 3; i++) expect(next([[a, b]], [], 4)).toBe(a);
    order.opened(b.address);
    expect(next([[a, b]], [], 4)).toBe(b);
  });

  test('not at all where none is left', () => expect(next([[], []])).toBeUndefined());
});
