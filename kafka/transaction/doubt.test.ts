import { beforeEach, describe, expect, test } from '@jest/globals';
import { Doubt } from './doubt.ts';

let now: number;
let closures: number;
let doubt: Doubt;
const clock = { now: () => now } as ConstructorParameters<typeof Doubt>[0];

/** A transaction that begins now and takes so long. */
const transaction = (tookMs: number): void => {
  const begun = doubt.begin();
  now += tookMs;
  doubt.ended(begun);
};
/** Of a transaction that begins now, and is answered after so long. */
const arises = (answeredMs = 1): boolean => {
  const begun = doubt.begin();
  now += answeredMs;
  return doubt.arises(begun);
};

beforeEach(() => {
  now = 1_000_000;
  closures = 3;
  doubt = new Doubt(clock, () => closures);
});

describe('no doubt arises', () => {
  test('for what a fence has looked after', () => {
    now += 60_000;
    expect(arises(5_000)).toBe(false);
  });

  test('while one transaction follows another', () => {
    for (let i = 0; i < 50; i++) {
      transaction(900);
      now += 900;
      expect(arises()).toBe(false);
    }
  });
});

describe('doubt arises', () => {
  beforeEach(() => transaction(5));

  test('when a socket has closed, until brokers were asked', async () => {
    closures++;
    expect(arises()).toBe(true);
    await expect(doubt.settle(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(arises()).toBe(true);
    await doubt.settle(() => Promise.resolve());
    closures++;
    expect(arises()).toBe(false);
  });

  test('when one closes while a transaction runs', () => {
    const begun = doubt.begin();
    closures++;
    doubt.ended(begun);
    expect(arises()).toBe(true);
  });

  test('when they were asked of the transaction before that', async () => {
    closures++;
    await doubt.settle(() => Promise.resolve(transaction(5)));
    now += 2_000;
    expect(arises()).toBe(true);
  });

  test('after a pause between two transactions', () => {
    now += 2_000;
    expect(arises()).toBe(true);
  });

  test('when the answer is slow', () => {
    expect(arises(1_000)).toBe(true);
  });

  test('for ten seconds after a transaction was slow', () => {
    transaction(1_000);
    for (let i = 0; i < 9; i++) {
      now += 980;
      expect(arises()).toBe(true);
      transaction(5);
    }
    now += 1_200;
    expect(arises()).toBe(false);
  });
});
