import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { disagreements, type Pair } from './avro-pairs.ts';

const lines = readFileSync(join(import.meta.dirname, 'avro-pairs.jsonl'), 'utf8')
  .trimEnd()
  .split('\n');
const pairs = lines.map((line) => JSON.parse(line) as Pair);
const isRead = (pair: Pair): boolean => 'answer' in pair;

/** Both schemas of a pair that is read, and what is read. */
const shown = pairs.filter(isRead).map(({ writer, reader, answer }) => ({
  writer: JSON.stringify(writer),
  reader: JSON.stringify(reader),
  answer: JSON.stringify(answer),
}));
type Shown = (typeof shown)[number];

describe('schema resolution, beside fastavro', () => {
  test('reads every pair alike', () => {
    expect(disagreements(lines)).toEqual([]);
  });

  test.each<[string, (pair: Shown) => boolean]>([
    ['WordSubmitted', ({ reader }) => reader.includes('"verdikt.v1.WordSubmitted"')],
    ['WordJudged', ({ reader }) => reader.includes('"verdikt.v1.WordJudged"')],
    [
      'timestamp-micros',
      ({ writer }) => writer.includes('"submittedAt","type":{"type":"long","logicalType":"timestamp-micros"'),
    ],
    ['local timestamps', ({ writer }) => writer.includes('"local-timestamp-')],
    ['unknown logical types', ({ writer }) => writer.includes('"our-time"')],
    ['unions of the writer', ({ writer }) => /"(word|id)","type":\[/.test(writer)],
    ['unions of the reader', ({ reader }) => /"f\d","type":\[/.test(reader)],
    ['field aliases', ({ writer }) => /"old(_|\d)/.test(writer)],
    ['aliases of named types', ({ writer }) => /"name":"N\d+Old"/.test(writer)],
    ['other namespaces', ({ writer }) => writer.includes('"com.acme.')],
    [
      'numbers that are defaults',
      ({ reader, writer, answer }) =>
        reader.includes('"default":7') && answer.includes(':7') && !writer.includes('"default"'),
    ],
    ['bytes as strings', ({ writer }) => /"(word|id|check)","type":"bytes"/.test(writer)],
    ['enums with a default', ({ reader }) => /"symbols":\[[^\]]*\],"default"/.test(reader)],
    ['fixed', ({ reader }) => reader.includes('"type":"fixed"')],
    ['maps', ({ reader }) => reader.includes('"type":"map"')],
    ['arrays', ({ reader }) => reader.includes('"type":"array"')],
    ['nested records', ({ reader }) => /"type":\{"type":"record"/.test(reader)],
  ])('has pairs of %s that are read', (_, holds) => {
    expect(shown.filter(holds).length).toBeGreaterThan(2);
  });

  test('has more than a hundred pairs that are read, and as many that are not', () => {
    expect(pairs.length - shown.length).toBeGreaterThan(100);
    expect(shown.length).toBeGreaterThan(100);
  });

  test('an answer that differs is told', () => {
    const first = pairs.find(isRead) as Pair;
    expect(disagreements([JSON.stringify({ ...first, answer: 'x' })])).toMatchObject([
      { ours: first.answer },
    ]);
    const { answer: _, ...without } = first;
    expect(disagreements([JSON.stringify(without)])).toMatchObject([{ ours: first.answer }]);
  });
});
