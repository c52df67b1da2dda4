import { expect, test } from '@jest/globals';
import { docsAssets } from '../../../producer/console/docs.ts';
import { consoleAssets } from '../../../producer/console/assets.ts';
import { pageHtml } from './page.ts';
import { docsFiles } from './pages.ts';

const page = (markdown: string): string => {
  const p = { name: 'a', title: 'A & B', markdown };
  return pageHtml(p, [p, { name: 'errors', title: 'Errors', markdown: '' }]);
};

test('a page has no code, no style and no tag of its source', () => {
  const html = page(
    '# T\n\n<script>alert(1)</script> a <b onclick=x>b</b>\n\n| <i> | `<j>` |\n| - | - |\n| 1 | 2 |\n',
  );
  expect(html).not.toMatch(/<(script|style|b|i|j)\b|\s(style|on\w+)="/);
  expect(html).toContain('&lt;script&gt;');
  expect(html).toContain('<title>A &amp; B – verdikt</title>');
});

test('links lead to pages where there are such, else to the repository', () => {
  const html = page(
    '[e](errors.md#input) [m](metrics.md) [h](../how-to/x.md#y) [s](#s) [w](https://a.example/)',
  );
  expect([...html.matchAll(/<p>(.*)<\/p>\n<\/main>/g)][0][1]).toBe(
    [
      '<a href="/docs/errors#input">e</a>',
      '<a href="https://github.com/verdikt-dev/verdikt/blob/main/docs/reference/metrics.md">m</a>',
      '<a href="https://github.com/verdikt-dev/verdikt/blob/main/docs/how-to/x.md#y">h</a>',
      '<a href="#s">s</a>',
      '<a href="https://a.example/">w</a>',
    ].join(' '),
  );
});

test('what may be wider than the window can be scrolled by keyboard, and has a name', () => {
  const html = page('# T\n\n## Rows of `x`\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\ncode\n```\n');
  expect(html).toContain('<div class="scroll" tabindex="0" role="group" aria-label="Rows of x: a, b">');
  expect(html).toContain('<pre tabindex="0"><code>code</code></pre>');
  expect(html).toContain('<li><a href="#rows-of-x">Rows of <code>x</code></a></li>');
});

const files = await Promise.all(docsFiles().map(async ({ path, text }) => [path, await text()] as const));
const pages = files.filter(([path]) => path.endsWith('.html'));

test('every page and document is served, as it was made', () => {
  const served = new Map(docsAssets().map((a) => [a.content().body, a.path]));
  expect(files.map(([, text]) => served.get(text))).toEqual([
    ...['/docs', '/docs/http-api', '/docs/topics', '/docs/errors', '/docs/asyncapi.json'],
  ]);
});

test('every link on a page leads to a file that is served, and every anchor to a heading', () => {
  const bodies = new Map([...docsAssets(), ...consoleAssets()].map((a) => [a.path, a]));
  const broken = pages.flatMap(([path, html]) =>
    [...html.matchAll(/ href="([^"]*)"/g)].flatMap(([, href]) => {
      if (/^https:/.test(href)) return [];
      const [file, anchor] = href.split('#', 2);
      const target = file === '' ? html : bodies.get(file)?.content().body;
      if (target === undefined) return [`${path}: ${href} is not served`];
      return anchor === undefined || target.includes(` id="${anchor}"`) ? [] : [`${path}: no ${href}`];
    }),
  );
  expect(broken).toEqual([]);
});

test('each operation and each topic has its heading and an example', () => {
  const http = pages.find(([path]) => path.endsWith('http-api.html'))?.[1] ?? '';
  const topics = pages.find(([path]) => path.endsWith('topics.html'))?.[1] ?? '';
  expect(http.match(/<h2 id="(get|post)-v1/g)?.length).toBe(19);
  expect(http.match(/<p>Example of 20/g)?.length).toBeGreaterThanOrEqual(18);
  for (const name of [
    'words',
    'results',
    'wordsretryverdikt',
    'wordsdlq',
    'wordscontrolverdikt',
    'wordsquarantine',
  ])
    expect([name, topics.includes(`<h2 id="${name}">`)]).toEqual([name, true]);
});
