import { expect, test } from '@jest/globals';
import { endedId } from './course.ts';
import type { Seen } from './observer.ts';

const seen = (topic: Seen['topic'], value: string, headers: Record<string, string> = {}): Seen => ({
  topic,
  record: {
    ...{ timestamp: 1, partition: 0, offset: 0, key: 'k', value },
    headers: new Map(Object.entries(headers)),
  },
});

test('a verdict tells its submission in its value, a dead letter in a header', () => {
  expect(endedId(seen('results', '{"id":"a"}', { id: 'b' }))).toBe('a');
  expect(endedId(seen('dead-letters', '{"id":"a"}', { id: 'b' }))).toBe('b');
  expect(endedId(seen('results', 'no JSON'))).toBeUndefined();
});
