import { expect, test } from '@jest/globals';
import { scaleRules, withObjectives } from './scale.ts';

test('ranges, subqueries, offsets and waits are scaled; names, numbers and comments are not', () => {
  const rule = `      # within 1h
      - record: verdikt:lag:rate5m
        expr: rate(a_total[5m]) + sum_over_time(b[30m:1m]) and a offset 1h > 3600
        for: 2m`;
  expect(scaleRules(rule, 30)).toBe(`      # within 1h
      - record: verdikt:lag:rate5m
        expr: rate(a_total[10s]) + sum_over_time(b[60s:2s]) and a offset 120s > 3600
        for: 4s`);
  expect(scaleRules('        for: 1m', 600)).toBe('        for: 1s');
});

test('objectives are replaced, all of one name, and only known ones', () => {
  const text = `      - record: verdikt:objective:a
        expr: vector(5)
        labels:
          le: "5"
      - record: verdikt:objective:a
        expr: vector(5)
      - record: verdikt:objective:a_b
        expr: vector(1)
`;
  expect(withObjectives(text, { a: 7 }).match(/vector\(\d\)/g)).toEqual([
    'vector(7)',
    'vector(7)',
    'vector(1)',
  ]);
  expect(() => withObjectives(text, { b: 7 })).toThrow('b');
});
