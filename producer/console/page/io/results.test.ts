import { expect, test } from '@jest/globals';
import { backed } from './results.ts';

test('the first page of results begins a little before the position, and not before the start', () => {
  expect(backed('100.3.16')).toBe('84.0.0');
});
