import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  DEFAULT_MEMORY_LIMIT_MIB,
  idleAnswerBytes,
  memoryLimit,
  memoryPlan,
  processorEnvFor,
} from './memory.ts';

const MiB = 1024 * 1024;
const root = join(import.meta.dirname, '..');

test.each([
  ['what is configured', 300, 200 * MiB, 300],
  ['that of the container', 0, 200 * MiB + 1, 200],
  ['the default where the container has none', 0, 0, DEFAULT_MEMORY_LIMIT_MIB],
  ['the default where nothing is known', 0, undefined, DEFAULT_MEMORY_LIMIT_MIB],
  ['the default where the system tells a huge one', 0, 2 ** 64, DEFAULT_MEMORY_LIMIT_MIB],
])('the limit is %s', (_, configured, container, limit) => {
  expect(memoryLimit(configured, container)).toBe(limit);
});

test('columns of all tasks and the budget fit into the limit, whatever it is', () => {
  for (const limit of [224, 256, 512, 4_096])
    for (const partitions of [1, 12, 64]) {
      const { limitBytes, budgetBytes, laneMaxEntries } = memoryPlan(limit, partitions);
      expect(budgetBytes + laneMaxEntries * partitions * 100).toBeLessThan(limitBytes - 180 * MiB);
    }
});

test('answers that are kept stay small whatever is fetched at once', () => {
  expect([1, 2, 4, 64].map((n) => idleAnswerBytes(n * MiB) / MiB)).toEqual([4, 8, 16, 16]);
});

test('image, compose and chart have one limit', () => {
  const limitAfter = (path: string, heading: string): string | undefined => {
    const text = readFileSync(join(root, path), 'utf8');
    return /limits: \{[^\n]*?memory: (\w+)/.exec(text.slice(text.indexOf(heading)))?.[1];
  };
  expect(limitAfter('docker-compose.yml', '\n  processor:\n')).toBe(`${DEFAULT_MEMORY_LIMIT_MIB}M`);
  expect(limitAfter('charts/verdikt/values.yaml', '\nprocessor:\n')).toBe(`${DEFAULT_MEMORY_LIMIT_MIB}Mi`);
  expect(processorEnvFor(DEFAULT_MEMORY_LIMIT_MIB).NODE_OPTIONS).toBe(
    '--max-semi-space-size=8 --max-old-space-size=128',
  );
});
