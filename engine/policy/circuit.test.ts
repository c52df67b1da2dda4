import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CircuitSeat } from '@verdikt/core/ports/circuit.ts';
import type { CircuitCall } from './circuit-call.ts';
import { CheckCircuit } from './circuit.ts';

const HALF_OPEN_MS = 5_000;
let now: number;
let told: string[];
let circuit: CheckCircuit;
let woken: number;

const begin = (key: number): CircuitCall => {
  const call = circuit.begin(key, now);
  if (call === undefined) throw new Error(`no call for ${key}`);
  return call;
};
const fail = (key: number): void => circuit.ended(begin(key), false, now);
const succeed = (key: number): void => circuit.ended(begin(key), true, now);
const state = (): string => circuit.look(now).state;
const join = (candidates = 1): CircuitSeat => {
  const seat = circuit.join(() => woken++);
  seat.candidates = candidates;
  return seat;
};
/** A call for a place that is reserved. */
const attempt = (seat: CircuitSeat, key: number): CircuitCall => {
  expect(seat.free(now)).toBe(true);
  seat.reserve(key, now);
  return begin(key);
};
const opened = (): void => {
  for (let key = 1; key <= 3; key++) fail(key);
  expect(state()).toBe('open');
};

beforeEach(() => {
  [now, told, woken] = [1_000_000, [], 0];
  const changed = (to: string): void => void told.push(to);
  circuit = new CheckCircuit({
    check: 'c',
    failures: 3,
    halfOpenMs: HALF_OPEN_MS,
    concurrency: 8,
    changed,
  });
});

describe('closed', () => {
  test('first failures of keys in a row open it', () => {
    fail(1);
    fail(2);
    succeed(9);
    fail(3);
    fail(4);
    expect(state()).toBe('closed');
    fail(5);
    expect([state(), circuit.begin(6, now), told]).toEqual(['open', undefined, ['open']]);
  });

  test('keys that go on failing count once, until they succeed', () => {
    for (let i = 0; i < 100; i++) for (const key of [1, 2]) fail(key);
    expect(state()).toBe('closed');
    succeed(1);
    fail(1);
    fail(2);
    fail(3);
    expect(state()).toBe('closed');
    fail(4);
    expect(state()).toBe('open');
  });

  test('failures that do not count open nothing, but their keys are known as failing', () => {
    for (let key = 1; key <= 9; key++) circuit.ended(begin(key), false, now, false);
    expect([state(), circuit.failing(9)]).toEqual(['closed', true]);
    fail(10);
    fail(11);
    expect(state()).toBe('closed');
    fail(12);
    expect(state()).toBe('open');
  });

  test('it forgets the oldest of thousands of keys', () => {
    for (let key = 1; key <= 5_000; key++) {
      fail(key);
      succeed(-1);
    }
    for (const key of [4_998, 4_999, 5_000]) fail(key);
    expect(state()).toBe('closed');
    for (const key of [1, 2, 3]) fail(key);
    expect(state()).toBe('open');
  });

  test('what was begun before it opened tells it nothing', () => {
    const [well, ill] = [begin(8), begin(9)];
    opened();
    circuit.ended(well, true, now);
    now += HALF_OPEN_MS;
    expect(state()).toBe('half-open');
    circuit.ended(ill, false, now);
    expect([state(), circuit.still(ill)]).toEqual(['half-open', false]);
  });
});

describe('half-open', () => {
  test('it begins after its time, with one place for whom it is reserved', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS - 1;
    expect([state(), seat.free(now), seat.nextAt(now)]).toEqual(['open', false, now + 1]);
    now++;
    expect(circuit.look(now)).toEqual({ state: 'half-open', places: 1 });
    expect(circuit.begin(7, now)).toBeUndefined();
    attempt(seat, 7);
    expect([seat.free(now), circuit.begin(7, now)]).toEqual([false, undefined]);
  });

  test('places double with each round, then it is closed', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS;
    for (const places of [1, 2, 4]) {
      expect(circuit.look(now).places).toBe(places);
      const calls = Array.from({ length: places }, (_, i) => attempt(seat, 100 + i));
      expect(seat.free(now)).toBe(false);
      for (const call of calls) circuit.ended(call, true, now);
    }
    expect(circuit.look(now)).toEqual({ state: 'closed', places: 8 });
    expect(told).toEqual(['open', 'half-open', 'closed']);
  });

  test('it closes at once where nobody waits', () => {
    opened();
    const seat = join(0);
    now += HALF_OPEN_MS + 250;
    circuit.ended(attempt(seat, 7), true, now);
    expect(state()).toBe('closed');
  });

  test('the first try that fails opens it again, counted from when it began', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS;
    const call = attempt(seat, 1);
    now += 3_000;
    circuit.ended(call, false, now);
    expect([state(), seat.nextAt(now)]).toEqual(['open', now + HALF_OPEN_MS - 3_000]);
    expect([seat.tried(1), seat.tried(2)]).toEqual([true, false]);
  });

  test('after a round that failed twice as many keys try, at most eight, and all must fail', () => {
    opened();
    const seat = join();
    let key = 20;
    for (const places of [1, 2, 4, 8, 8]) {
      now += HALF_OPEN_MS;
      expect(circuit.look(now)).toEqual({ state: 'half-open', places });
      const calls = Array.from({ length: places }, () => attempt(seat, key++));
      for (const call of calls.slice(1)) circuit.ended(call, false, now);
      // A place of a round in which none has succeeded is not used again.
      expect([state(), seat.free(now)]).toEqual(['half-open', false]);
      circuit.ended(calls[0], false, now);
      expect(state()).toBe('open');
    }
    // One of them would do.
    now += HALF_OPEN_MS;
    const [ill, well] = [attempt(seat, key++), attempt(seat, key++)];
    circuit.ended(ill, false, now);
    circuit.ended(well, true, now);
    expect([state(), seat.free(now)]).toEqual(['half-open', true]);
  });

  test('a round is over when all that could try have failed', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS;
    circuit.ended(attempt(seat, 20), false, now);
    now += HALF_OPEN_MS;
    const call = attempt(seat, 21);
    expect(circuit.look(now).places).toBe(2);
    seat.candidates = 0;
    circuit.ended(call, false, now);
    expect(state()).toBe('open');
  });

  test('a round in which one succeeded is followed by one as large', () => {
    opened();
    const seat = join();
    let key = 20;
    for (const places of [1, 2]) {
      now += HALF_OPEN_MS;
      for (let n = 0; n < places; n++) circuit.ended(attempt(seat, key++), false, now);
    }
    now += HALF_OPEN_MS;
    circuit.ended(attempt(seat, key++), true, now);
    for (let n = 0; n < 3; n++) circuit.ended(attempt(seat, key++), false, now);
    expect(state()).toBe('open');
    now += HALF_OPEN_MS;
    expect(circuit.look(now).places).toBe(4);
  });

  test('keys that fail leave one place in four to others once one has succeeded', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS;
    for (const key of [1, 2, 3]) expect([seat.hope(key), seat.takesFailing()]).toEqual([0, true]);
    circuit.ended(attempt(seat, 7), true, now);
    expect([circuit.look(now).places, seat.takesFailing()]).toEqual([2, true]);
    seat.reserve(1, now);
    expect([seat.takesFailing(), seat.tried(1), seat.free(now)]).toEqual([false, true, true]);
  });

  test('once one has succeeded, as many first failures in a row as open a closed one', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS;
    circuit.ended(attempt(seat, 7), true, now);
    const [a, b] = [attempt(seat, 10), attempt(seat, 11)];
    circuit.ended(a, false, now);
    // It failed before the circuit opened: it may be bad by itself.
    circuit.ended(attempt(seat, 1), false, now);
    circuit.ended(b, false, now);
    expect(state()).toBe('half-open');
    circuit.ended(attempt(seat, 12), false, now);
    expect(state()).toBe('open');
  });

  test('a try that does not answer keeps no other from being made', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS;
    attempt(seat, 7);
    expect(seat.nextAt(now)).toBe(now + HALF_OPEN_MS);
    now += HALF_OPEN_MS;
    circuit.ended(attempt(seat, 8), true, now);
    expect(circuit.look(now).places).toBe(2);
  });

  test('a place that is not used is given back, or taken back', () => {
    opened();
    const seat = join();
    now += HALF_OPEN_MS;
    seat.reserve(7, now);
    expect([seat.free(now), seat.release(7, now), seat.free(now)]).toEqual([false, true, true]);
    seat.reserve(8, now);
    now += HALF_OPEN_MS;
    expect([seat.free(now), circuit.begin(8, now), seat.release(8, now)]).toEqual([true, undefined, false]);
    seat.reserve(9, now);
    seat.leave(now);
    expect(join().free(now)).toBe(true);
  });

  test('without tasks any caller may try it', () => {
    opened();
    now += HALF_OPEN_MS;
    expect(circuit.begin(undefined, now)).toBeDefined();
    expect(circuit.begin(undefined, now)).toBeUndefined();
  });
});

describe('several tasks', () => {
  test('are served in turn, those that have somebody', () => {
    opened();
    const [a, b, idle] = [join(), join(), join(0)];
    let key = 20;
    const served = [1, 2, 4].map((places) => {
      now += HALF_OPEN_MS;
      return Array.from({ length: places }, () => {
        const free = [a, b, idle].filter((s) => s.free(now));
        expect(free).toHaveLength(1);
        circuit.ended(attempt(free[0], key++), false, now);
        return free[0] === a ? 'a' : 'b';
      }).join('');
    });
    expect(served).toEqual(['a', 'ba', 'baba']);
  });

  test('one that does not take its turn loses it', () => {
    opened();
    const [, b] = [join(), join()];
    now += HALF_OPEN_MS;
    expect([b.free(now), b.nextAt(now)]).toEqual([false, now + 250]);
    now += 250;
    expect(b.free(now)).toBe(true);
  });

  test('they are woken when something changes, also by the last one that has somebody', () => {
    opened();
    const [a, b] = [join(), join(0)];
    now += HALF_OPEN_MS;
    const call = attempt(a, 7);
    woken = 0;
    expect(b.alone()).toBe(false);
    a.candidates = 0;
    expect([b.alone(), woken]).toEqual([true, 2]);
    circuit.ended(call, true, now);
    expect([state(), woken > 2]).toEqual(['closed', true]);
  });
});
