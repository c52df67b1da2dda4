import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { applyEdit, here } from '../checkout.ts';
import { BUGS, SHORT } from './bugs.ts';
import { WORKLOADS } from './workloads.ts';

describe('planted bugs', () => {
  test.each(BUGS)('$name: every edit hits one place of the source as it is', ({ edits }) => {
    const texts = new Map<string, string>();
    for (const edit of edits) {
      const before = texts.get(edit.file) ?? readFileSync(join(here, edit.file), 'utf8');
      const after = applyEdit(before, edit);
      expect(after).not.toBe(before);
      texts.set(edit.file, after);
    }
  });

  test('have names of their own, none that of a workload', () => {
    const names = [...BUGS.map((b) => b.name), ...Object.keys(WORKLOADS)];
    expect(new Set(names).size).toBe(names.length);
  });

  test('expose every workload, and those of the short run are there', () => {
    for (const w of Object.keys(WORKLOADS)) expect(BUGS.some((b) => b.workload === w)).toBe(true);
    for (const name of SHORT) expect(BUGS.some((b) => b.name === name)).toBe(true);
  });
});
