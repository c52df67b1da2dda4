// HTML of the pages under /docs: made here once, so that the edge serves files without a script, under the policy of the console.
import { Marked, type Tokens } from 'marked';
import { slugs } from '../../docs-links.ts';

export interface Page {
  /** Below `/docs/`; empty: `/docs` itself. */
  readonly name: string;
  readonly title: string;
  /** Its first line is the title. */
  readonly markdown: string;
}

const REPOSITORY = 'https://github.com/verdikt-dev/verdikt/blob/main/docs/';
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const pathOf = (name: string): string => (name === '' ? '/docs' : `/docs/${name}`);

/** Files of `docs/reference/` that are pages lead to these; the others to the repository. */
const hrefOf = (href: string, pages: readonly Page[]): string => {
  if (/^([a-z]+:|[#/])/.test(href)) return href;
  const [, file = '', anchor = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
  const page = pages.find(({ name }) => `${name}.md` === file);
  if (page !== undefined) return pathOf(page.name) + anchor;
  return new URL(file, `${REPOSITORY}reference/`).href + anchor;
};

interface Heading {
  readonly depth: number;
  readonly slug: string;
  readonly html: string;
}

const rendered = (
  markdown: string,
  pages: readonly Page[],
): { html: string; headings: readonly Heading[] } => {
  const slugOf = slugs();
  const headings: Heading[] = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading): string {
        const html = this.parser.parseInline(tokens);
        const slug = slugOf(text.replaceAll('`', ''));
        headings.push({ depth, slug, html });
        return `<h${depth} id="${slug}">${html}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        return `<a href="${escaped(hrefOf(href, pages))}">${this.parser.parseInline(tokens)}</a>`;
      },
      code({ text }: Tokens.Code): string {
        // It scrolls, so the keyboard must get to it.
        return `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`;
      },
      table({ header, rows }: Tokens.Table): string {
        const cell = (tag: string) => (c: Tokens.TableCell) =>
          `<${tag}>${this.parser.parseInline(c.tokens)}</${tag.split(' ', 1)[0]}>`;
        const row = (cells: readonly Tokens.TableCell[], tag: string): string =>
          `<tr>${cells.map(cell(tag)).join('')}</tr>`;
        const body = rows.map((r) => row(r, 'td')).join('\n');
        const label = headings.at(-1)?.html.replace(/<[^>]*>/g, '') ?? 'Table';
        return `<div class="scroll" tabindex="0" role="group" aria-label="${label}: ${header.map((h) => escaped(h.text)).join(', ')}"><table>\n<thead>${row(header, 'th scope="col"')}</thead>\n<tbody>\n${body}\n</tbody></table></div>\n`;
      },
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text),
    },
  });
  const text = markdown.replace(/^Generated from .*\n\n/m, '');
  return { html: marked.parse(text, { async: false }), headings };
};

/** The whole page. */
export const pageHtml = (page: Page, pages: readonly Page[]): string => {
  const { html, headings } = rendered(page.markdown, pages);
  const links = pages.map(
    ({ name, title }) =>
      `<a href="${pathOf(name)}"${name === page.name ? ' aria-current="page"' : ''}>${escaped(title)}</a>`,
  );
  const contents = headings
    .filter((h) => h.depth === 2)
    .map((h) => `<li><a href="#${h.slug}">${h.html}</a></li>`);
  const nav =
    contents.length === 0
      ? ''
      : `<nav aria-label="On this page" class="contents">\n<ul>\n${contents.join('\n')}\n</ul>\n</nav>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escaped(page.title)} – verdikt</title>
<link rel="icon" href="/console/icon.svg" />
<link rel="stylesheet" href="/console/style.css" />
</head>
<body class="docs">
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="site"><a href="/console">verdikt</a></p>
<nav aria-label="Documentation">
${links.join('\n')}
</nav>
</header>
<div${nav === '' ? '' : ' class="docs-columns"'}>
${nav}<main id="main" tabindex="-1">
${html}</main>
</div>
</body>
</html>
`;
};
