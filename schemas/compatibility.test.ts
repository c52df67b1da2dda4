import { describe, expect, test } from '@jest/globals';
import { checkCompatibility, report, RULES, type CompatibilityRule } from './compatibility.ts';
import { loadHistory, loadSchemas } from './load.ts';
import { wantedSubjects } from './register.ts';
import type { RecordField, RecordSchema } from './schema.ts';

const field = (name: string, type: RecordField['type'] = 'string', more: object = {}): RecordField => ({
  name,
  type,
  doc: `The ${name}.`,
  ...more,
});
const schema = (...fields: RecordField[]): RecordSchema => ({
  type: 'record',
  name: 'R',
  namespace: 'n.v1',
  doc: 'R.',
  fields,
});
const v1 = schema(field('a'), field('b', 'long', { default: 0 }));
const published = (...schemas: RecordSchema[]) => schemas.map((s, i) => ({ version: i + 1, schema: s }));

/** Problems of a change that was published as version 2 together with the code. */
const change = (to: RecordSchema, rule: CompatibilityRule, from: RecordSchema = v1) =>
  checkCompatibility(to, published(from, to), rule);

describe('our schemas', () => {
  test.each(loadSchemas().map((s) => [s.name, s] as const))('%s keeps what is promised', (name, current) => {
    expect(Object.keys(RULES)).toContain(name);
    expect(report(checkCompatibility(current, loadHistory(name), RULES[name]))).toBe('');
  });

  test('are held to the same rules by the registry', () => {
    const levels = wantedSubjects({ words: 'words', results: 'results' }).map((s) => [
      (JSON.parse(s.schema) as RecordSchema).name,
      s.compatibility === 'FULL_TRANSITIVE'
        ? 'full'
        : s.compatibility === 'BACKWARD_TRANSITIVE'
          ? 'backward'
          : s.compatibility,
    ]);
    expect(Object.fromEntries(levels)).toEqual(RULES);
  });

  test.each([
    ['a field without default', (fields: readonly RecordField[]) => [...fields, field('extra')]],
    [
      'a changed type',
      (fields: readonly RecordField[]) =>
        fields.map((f) => (f.name === 'submittedAt' ? field('submittedAt') : f)),
    ],
    [
      'a renamed field',
      (fields: readonly RecordField[]) => fields.map((f) => (f.name === 'word' ? field('text') : f)),
    ],
  ])('planted: %s fails', (_, alter) => {
    for (const current of loadSchemas()) {
      const changed = { ...current, fields: alter(current.fields) };
      const versions = [...loadHistory(current.name), { version: 99, schema: changed }];
      expect(report(checkCompatibility(changed, versions, RULES[current.name]))).toMatch(
        /cannot read.*\n {2}hint: /,
      );
    }
  });

  test('planted: removing a field of the verdict fails, though old data could be read', () => {
    const judged = loadSchemas().find((s) => s.name === 'WordJudged') as RecordSchema;
    const changed = { ...judged, fields: judged.fields.filter((f) => f.name !== 'attempts') };
    const versions = [...loadHistory('WordJudged'), { version: 99, schema: changed }];
    expect(checkCompatibility(changed, versions, 'backward')).toEqual([]);
    expect(report(checkCompatibility(changed, versions, RULES.WordJudged))).toContain(
      'version 1 of WordJudged cannot read',
    );
  });
});

describe('the check', () => {
  test.each<[string, RecordSchema, CompatibilityRule, number]>([
    ['nothing changed', v1, 'full', 0],
    ['new field with default', schema(...v1.fields, field('c', 'string', { default: '' })), 'full', 0],
    ['new field without default', schema(...v1.fields, field('c')), 'backward', 1],
    ['field removed, backward', schema(v1.fields[1]), 'backward', 0],
    ['field removed, full', schema(v1.fields[1]), 'full', 1],
    ['field with default removed', schema(v1.fields[0]), 'full', 0],
    ['int for long', schema(v1.fields[0], field('b', 'int', { default: 0 })), 'backward', 1],
    ['double for long', schema(v1.fields[0], field('b', 'double', { default: 0 })), 'backward', 0],
    ['double for long, full', schema(v1.fields[0], field('b', 'double', { default: 0 })), 'full', 1],
    ['another namespace', { ...v1, namespace: 'n.v2' }, 'backward', 1],
    ['no Avro at all', schema(field('a', 'nonsense')), 'backward', 2],
  ])('%s', (_, to, rule, problems) => {
    expect(change(to, rule)).toHaveLength(problems);
  });

  test('looks at every version, not just the newest', () => {
    const v2 = schema(v1.fields[0]);
    const v3 = schema(v1.fields[0], field('b', 'string', { default: '' }));
    expect(checkCompatibility(v3, published(v1, v2, v3), 'backward').map((p) => p.version)).toEqual([1]);
  });

  test('wants the current schema as the newest version', () => {
    const changed = schema(...v1.fields, field('c', 'string', { default: '' }));
    const [problem] = checkCompatibility(changed, published(v1), 'full');
    expect(problem).toMatchObject({ version: 1, hint: expect.stringContaining('history/R/2.avsc') });
    expect(checkCompatibility(v1, [], 'full')[0].hint).toContain('history/R/1.avsc');
    // Text for people counts too: it is registered with the rest.
    expect(checkCompatibility({ ...v1, doc: 'Other.' }, published(v1), 'full')).toHaveLength(1);
  });
});
