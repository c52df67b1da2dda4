import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Names headings as GitHub does: lower case, without punctuation, spaces as hyphens; the second of a name gets `-1`. */
export const slugs = (): ((title: string) => string) => {
  const seen = new Map<string, number>();
  return (title) => {
    const slug = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const n = seen.get(slug) ?? 0;
    seen.set(slug, n + 1);
    return n === 0 ? slug : `${slug}-${n}`;
  };
};

/** Anchors of its headings. */
export const anchorsOf = (markdown: string): Set<string> => {
  const slugOf = slugs();
  const anchors = new Set<string>();
  for (const line of withoutCode(markdown).split('\n')) {
    const [, title] = /^#{1,6} +(.+?) *#*$/.exec(line) ?? [];
    if (title === undefined) continue;
    anchors.add(slugOf(title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')));
  }
  return anchors;
};

/** Fenced blocks hold examples, not links. */
const withoutCode = (markdown: string): string =>
  markdown.replace(/^ *(```|~~~)[^\n]*\n[\s\S]*?^ *\1 *$/gm, '');

/** Targets of links and pictures; code spans hold none. */
export const linksOf = (markdown: string): string[] => {
  const text = withoutCode(markdown).replace(/(`+)[^`][\s\S]*?\1/g, '');
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].flatMap((m) => m[1] ?? []);
  const defined = [...text.matchAll(/^ *\[[^\]]+\]: *(\S+)/gm)].flatMap((m) => m[1] ?? []);
  return [...inline, ...defined];
};

/** Links of these files, by path from `root`, that lead nowhere within the repository. */
export const brokenLinks = (root: string, files: readonly string[]): string[] =>
  files.flatMap((file) =>
    linksOf(readFileSync(join(root, file), 'utf8')).flatMap((link) => {
      if (/^[a-z][a-z+.-]*:/i.test(link)) return [];
      const [path = '', anchor] = link.split('#', 2).map(decodeURIComponent);
      const target = path === '' ? file : normalize(join(dirname(file), path));
      const full = join(root, target);
      if (target.startsWith('..') || !existsSync(full)) return [`${file}: ${link}: ${target} does not exist`];
      if (anchor === undefined || !target.endsWith('.md') || statSync(full).isDirectory()) return [];
      return anchorsOf(readFileSync(full, 'utf8')).has(anchor) ? [] : [`${file}: ${link}: no such heading`];
    }),
  );
