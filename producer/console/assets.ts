import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of the console as a browser gets it. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  /** Reads and translates it at the first call. Throws where it is missing. */
  content(): Content;
}
interface Content {
  readonly body: string;
  /** Of the content: Node may strip types in another way in its next version. */
  readonly etag: string;
}

const PAGE = join(import.meta.dirname, 'page');
export const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Everything that is served, and nothing else. */
const FILES: readonly (readonly [path: string, type: string])[] = [
  ['style.css', 'text/css; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
];
export const MODULES = [
  'main.ts',
  ...['journey', 'lane', 'operate', 'strip', 'tail', 'time', 'types', 'where'].map(
    (name) => `model/${name}.ts`,
  ),
  ...['api', 'results', 'use'].map((name) => `io/${name}.ts`),
  ...[
    'action',
    'app',
    'bits',
    'box',
    'journey',
    'lane',
    'operate',
    'slider',
    'strip',
    'tail',
    'timeline',
    'token',
    'what-if',
  ].map((name) => `ui/${name}.ts`),
] as const;

/** Libraries by the name that code imports. */
const LIBRARIES = ['preact', 'preact/hooks', 'htm'];
const pathOf = (name: string): string => `/console/lib/${name.replace('/', '-')}.js`;

/** What the page takes from the client of the edge, each file by its name. */
const CLIENT = ['call', 'events', 'operations'];
const OF_CLIENT = /^(?:@verdikt\/client|\.)\/(\w+)\.[jt]s$/;

const servedAt = (name: string): string | undefined => {
  if (LIBRARIES.includes(name)) return pathOf(name);
  const found = OF_CLIENT.exec(name)?.[1];
  return found !== undefined && CLIENT.includes(found) ? pathOf(`client/${found}`) : undefined;
};

/** Imports from outside the page lead to our own files, so that no import map is needed, which would be an inline script. */
export const rewriteImports = (code: string): string =>
  code.replace(
    /(\b(?:from|import)\s*)(["'])([\w@./-]+)\2/g,
    (whole, before: string, quote: string, name: string) => {
      const path = servedAt(name);
      return path === undefined ? whole : `${before}${quote}${path}${quote}`;
    },
  );

export const asset = (path: string, type: string, read: () => string): Asset => {
  let known: Content | undefined;
  const load = (): Content => {
    const body = read();
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
  };
  return { path, type, content: () => (known ??= load()) };
};
const read = (name: string): string => readFileSync(join(PAGE, name), 'utf8');
const library = (name: string): string =>
  readFileSync(fileURLToPath(import.meta.resolve(name)), 'utf8').replace(
    /\n?\/\/# sourceMappingURL.*\s*$/,
    '',
  );

/** As source or as JavaScript, as this package has it. */
const ofClient = (name: string): string => {
  const call = import.meta.resolve('@verdikt/client/call.ts');
  const text = readFileSync(new URL(`${name}${extname(call)}`, call), 'utf8');
  return call.endsWith('.ts') ? stripped(text) : text;
};

/** Node 24 says at the first call that this function may change; its own loader does the same without a word. */
const stripped = (code: string): string => {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(code, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
};

/**
 * All of them. Nothing is read yet: translating takes Node's compiler of types, some 35 MiB and a tenth of a second, which an
 * edge whose console nobody opens need not spend.
 */
export const consoleAssets = (): Asset[] => [
  asset('/console', HTML, () => read('index.html')),
  ...FILES.map(([name, type]) => asset(`/console/${name}`, type, () => read(name))),
  ...MODULES.map((name) => asset(`/console/${name}`, SCRIPT, () => rewriteImports(stripped(read(name))))),
  ...LIBRARIES.map((name) => asset(pathOf(name), SCRIPT, () => rewriteImports(library(name)))),
  ...CLIENT.map((name) => asset(pathOf(`client/${name}`), SCRIPT, () => rewriteImports(ofClient(name)))),
];
