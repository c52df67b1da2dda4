import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ERROR_ACTIONS, type ErrorCode } from '@verdikt/core/errors.ts';
import { ERROR_DOCS } from '@verdikt/core/service/error-docs.ts';

const root = join(import.meta.dirname, '..');
const PARTS = ['core', 'kafka', 'schemas', 'engine', 'operate', 'producer', 'processor', 'cli'];
const LISTS = new Set(['core/errors.ts', 'core/service/error-docs.ts']);
/** An error that is made, a problem that is answered, or a code of Kafka that becomes one of ours. */
const RAISED = /(?:ServiceError\(\s*|\bcode: |^\s*\d+: )'([A-Z_]+)'/gm;

/** Folders by code. */
const raised = (): Map<string, Set<string>> => {
  const by = new Map<string, Set<string>>();
  for (const part of PARTS)
    for (const path of globSync(`${part}/**/*.ts`, { cwd: root })) {
      if (/\.(test|fixture)\.ts$/.test(path) || path.includes('node_modules') || LISTS.has(path)) continue;
      for (const [, code] of readFileSync(join(root, path), 'utf8').matchAll(RAISED))
        by.set(code, (by.get(code) ?? new Set()).add(part));
    }
  return by;
};

describe('every error code', () => {
  const by = raised();

  test.each(Object.keys(ERROR_ACTIONS) as ErrorCode[])(
    '%s has a message, a remedy, and a place that raises it',
    (code) => {
      const { meaning, remedy, raisedBy } = ERROR_DOCS[code];
      for (const text of [meaning, remedy]) expect(text).toMatch(/^[A-Z`].*[.]$/s);
      expect(raisedBy.length).toBeGreaterThan(0);
      expect([...(by.get(code) ?? [])].sort()).toEqual([...raisedBy].sort());
    },
  );
});
