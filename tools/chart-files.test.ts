import { describe, expect, test } from '@jest/globals';
import { chartAcls, chartTopics, objectivesOf } from './chart-files.ts';

const rule = (record: string, expr: string, le?: string): string =>
  `      - record: ${record}\n        expr: ${expr}\n${le === undefined ? '' : `        labels:\n          le: "${le}"\n`}`;
const rules = (...all: string[]): string => `groups:\n  - name: g\n    rules:\n${all.join('')}`;

describe('objectives', () => {
  test('are names with their defaults; one may be a bucket, in both forms', () => {
    const text = rules(
      rule('verdikt:objective:a_ratio', 'vector(0.99)'),
      rule('verdikt:objective:b_seconds', 'vector(5)', '5'),
      rule('verdikt:objective:b_seconds', 'vector(5)', '5.0'),
    );
    expect(objectivesOf(text)).toEqual([
      { name: 'a_ratio', value: 0.99, bucket: false },
      { name: 'b_seconds', value: 5, bucket: true },
    ]);
  });

  test.each([
    ['an expression', rule('verdikt:objective:a', 'vector(1) * 2')],
    ['another name', rule('verdikt:a', 'vector(1)')],
    ['one form of a bucket', rule('verdikt:objective:a', 'vector(5)', '5')],
  ])('refuses %s, which the chart could not render', (_, text) => {
    expect(() => objectivesOf(rules(text))).toThrow('no plain objective');
  });
});

test('topics carry their settings by role, the batch size relative to words', () => {
  const topics = chartTopics();
  expect(topics.map((t) => (t as { role: string }).role)).toEqual([
    'words',
    'results',
    'retry',
    'deadLetters',
    'control',
    'quarantine',
  ]);
  expect(topics[0]).toMatchObject({ maxMessageBytesAboveWords: 0 });
  expect(topics[2]).toMatchObject({
    maxMessageBytesAboveWords: 65_536,
    config: { 'retention.ms': '-1', 'cleanup.policy': 'delete' },
  });
});

test('access rules are those of the table, in the words of Strimzi', () => {
  const { edge, processor, operator } = chartAcls();
  expect(edge).toEqual([{ type: 'topic', name: 'words', patternType: 'literal', operations: ['Write'] }]);
  expect(processor).toContainEqual({
    type: 'transactionalId',
    name: 'transactionalIds',
    patternType: 'prefix',
    operations: ['Write'],
  });
  expect(operator).toContainEqual({
    type: 'cluster',
    name: 'kafka-cluster',
    patternType: 'literal',
    operations: ['Describe', 'DescribeConfigs'],
  });
});
