import { describe, expect, test } from '@jest/globals';
import { outcomeOf } from './sink-outcome.ts';

const unconfirmed = { kind: 'refused', code: 'APPEND_UNCONFIRMED' };

describe('outcomeOf', () => {
  test.each([
    [0, { kind: 'appended' }, { kind: 'appended' }],
    // Refused before the append: the try settles nothing and spoils nothing.
    [2, { kind: 'again', doubt: false }, { kind: 'again', doubt: false }],
    [19, { kind: 'again', doubt: false }, { kind: 'again', doubt: false }],
    [89, { kind: 'again', doubt: false }, { kind: 'again', doubt: false }],
    // Appended at the leader at least, or nobody knows: it may have moved after the append.
    [3, { kind: 'again', doubt: true }, { kind: 'again', doubt: true }],
    [5, { kind: 'again', doubt: true }, { kind: 'again', doubt: true }],
    [6, { kind: 'again', doubt: true }, { kind: 'again', doubt: true }],
    [7, { kind: 'again', doubt: true }, { kind: 'again', doubt: true }],
    [20, { kind: 'again', doubt: true }, { kind: 'again', doubt: true }],
    [-1, { kind: 'again', doubt: true }, { kind: 'again', doubt: true }],
    [999, { kind: 'again', doubt: true }, { kind: 'again', doubt: true }],
    // A refusal is the truth only where no earlier try is in doubt.
    [45, { kind: 'requeue' }, unconfirmed],
    [59, { kind: 'requeue' }, unconfirmed],
    [47, { kind: 'requeue' }, unconfirmed],
    [10, { kind: 'split' }, unconfirmed],
    [29, { kind: 'refused', code: 'ACCESS_DENIED' }, unconfirmed],
    [31, { kind: 'refused', code: 'ACCESS_DENIED' }, unconfirmed],
    [87, { kind: 'refused', code: 'BROKER_UNAVAILABLE' }, unconfirmed],
    [46, unconfirmed, unconfirmed],
  ])('Kafka code %i', (code, first, doubtful) => {
    expect(outcomeOf(code, false, 2)).toEqual(first);
    expect(outcomeOf(code, true, 2)).toEqual(doubtful);
  });

  test('a single record that is too large cannot be split', () => {
    expect(outcomeOf(10, false, 1)).toEqual({ kind: 'refused', code: 'RECORD_TOO_LARGE' });
  });
});
