import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { anchorsOf, brokenLinks, linksOf } from './docs-links.ts';

const root = join(import.meta.dirname, '..');

test('every relative link of every document leads to a file, and to a heading in it', () => {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((f) => f !== '');
  expect(files).toContain('README.md');
  expect(brokenLinks(root, files)).toEqual([]);
});

test('a missing file and a missing heading are reported, and nothing else', () => {
  const dir = mkdtempSync(join(tmpdir(), 'links-'));
  try {
    mkdirSync(join(dir, 'docs'));
    writeFileSync(join(dir, 'docs', 'b.md'), '# B\n\n## One `two`\n');
    writeFileSync(
      join(dir, 'a.md'),
      '# A\n[1](docs/b.md#one-two) [2](docs/c.md) [3](docs/b.md#three) [4](#a) [5](https://x.test/y) [6](docs) [7](../z.md)\n```\n[8](no)\n```\n`[9](no)`\n',
    );
    expect(brokenLinks(dir, ['a.md', 'docs/b.md'])).toEqual([
      'a.md: docs/c.md: docs/c.md does not exist',
      'a.md: docs/b.md#three: no such heading',
      'a.md: ../z.md: ../z.md does not exist',
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('anchors are those of GitHub', () => {
  expect([...anchorsOf('# A & b\n## POST /v1/words:batch\n## A & b\n### `http`\n```\n# no\n```\n')]).toEqual([
    'a--b',
    'post-v1wordsbatch',
    'a--b-1',
    'http',
  ]);
});

test('pictures, definitions and links in tables are links', () => {
  expect(linksOf('![x](a.png "t")\n| [b](c.md) |\n[d]: e.md\n')).toEqual(['a.png', 'c.md', 'e.md']);
});
