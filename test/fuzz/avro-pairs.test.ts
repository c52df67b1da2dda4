import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { disagreements, type Pair } from './avro-pairs.ts';

const lines = readFileSync(join(import.meta.dirname, 'avro-pairs.jsonl'), 'utf8')
  .trimEnd()
  .split('\n');

describe('schema resolution, beside fastavro', () => {
  test('reads every pair alike', () => {
    expect(disagreements(lines)).toEqual([]);
  });

  test('has pairs that resolve, pairs that do not, unions, aliases and defaults', () => {
    const answers = lines.map((line) => (JSON.parse(line) as Pair).answer);
    expect(answers.filter((a) => a === null).length).toBeGreaterThan(50);
    expect(answers.filter((a) => a !== null).length).toBeGreaterThan(50);
    for (const part of ['"word","type":["', '"aliases":["text"]', '"default":7', '"word","type":"bytes"'])
      expect(lines.filter((line) => line.includes(part)).length).toBeGreaterThan(5);
  });

  test('an answer that differs is told', () => {
    const first = JSON.parse(lines.find((line) => !line.includes('"answer":null')) ?? '') as Pair;
    const other = { ...first, answer: [`${first.answer?.[0]}x`, 1] };
    expect(disagreements([JSON.stringify(other)])).toMatchObject([{ ours: first.answer }]);
  });
});
