import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const variables = (text: string): string[] => text.match(/\bVERDIKT_[A-Z0-9_]*[A-Z0-9]\b/g) ?? [];

test('documents name no variable that neither a service nor an option of the command line has', () => {
  const options = read('docs/reference/cli.md').match(/--[a-z][a-z-]+/g) ?? [];
  const known = new Set([
    ...variables(read('docs/reference/configuration.md')),
    ...options.map((o) => `VERDIKT_${o.slice(2).replaceAll('-', '_').toUpperCase()}`),
  ]);
  expect(known.size).toBeGreaterThan(100);
  const listed = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' });
  const unknown = listed
    .split('\n')
    .filter((file) => file !== '')
    .flatMap((file) => variables(read(file)).map((name) => ({ file, name })))
    .filter(({ name }) => !known.has(name));
  expect(unknown).toEqual([]);
});
