import { expect, test } from '@jest/globals';
import { OUTPUT_HEADROOM_BYTES } from '@verdikt/core/record/topics.ts';
import { Sizes } from './sizes.ts';

const configured = (recordMaxBytes: number): Sizes =>
  new Sizes({ recordMaxBytes, outputMaxBytes: recordMaxBytes + OUTPUT_HEADROOM_BYTES }, 'retry');

test('what was refused is above the limit from then on, of that topic alone', () => {
  const sizes = configured(1_000_000);
  expect(sizes.refused('results', 600_000)).toBe(450_000);
  expect([sizes.of('results'), sizes.of('retry'), sizes.of('dlq')]).toEqual([450_000, 1_065_536, 1_065_536]);
  expect(sizes.largestRecord).toBe(1_000_000);
  // A limit never rises, and the same size refused again lowers it further.
  expect(sizes.refused('results', 600_000)).toBe(337_500);
});

test('a record whose entry would not fit the retry topic is too large', () => {
  const sizes = configured(1_000_000);
  sizes.refused('retry', 500_000);
  expect(sizes.largestRecord).toBe(375_000 - OUTPUT_HEADROOM_BYTES);
  // Small topics leave half for records.
  sizes.refused('retry', 40_000);
  expect(sizes.largestRecord).toBe(15_000);
});
