// `npm run build`: the package `verdikt` in `dist/`, ready for `npm pack ./dist`: JavaScript, types and what they read at run time.
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
/** Workspaces whose code is in the package. */
const PARTS = [
  'core',
  'kafka',
  'schemas',
  'engine',
  'operate',
  'producer',
  'processor',
  'cli',
  'client',
  'testing',
  'local',
];
/** Read at run time beside the code, by path. */
const ASSETS = [
  'schemas/verdikt/*.avsc',
  'schemas/history/**/*.avsc',
  'cli/usage.json',
  'local/kafka-pom.xml',
  'local/log4j2.properties',
  // Translated for browsers when they ask for it.
  'producer/console/page/**/*.{ts,css,html,svg}',
  'producer/console/docs/*',
  'producer/openapi.json',
];
/** Only for a Docker that answers; without it the embedded Kafka is used. */
const LEFT_OUT = ['testcontainers', 'yaml'];

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}
const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Paths of ours, in code and types, as they are in the package. */
const rewritten = (text: string, file: string): string =>
  text
    .replace(/(['"])@verdikt\/([\w-]+\/[^'"]+)\.ts\1/g, (_, quote: string, path: string) => {
      const to = relative(dirname(file), `${path}.js`).replaceAll('\\', '/');
      return `${quote}${to.startsWith('.') ? to : `./${to}`}${quote}`;
    })
    .replace(/(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, '$1$2$3.js$2');

/** One version of each dependency of the parts; two different ones are an error. */
const dependenciesOf = (manifests: readonly Manifest[]): Record<string, string> => {
  const out: Record<string, string> = {};
  for (const { dependencies = {} } of manifests)
    for (const [name, version] of Object.entries(dependencies)) {
      if (name.startsWith('@verdikt/') || LEFT_OUT.includes(name)) continue;
      if (out[name] !== undefined && out[name] !== version)
        throw new Error(`${name} is needed as ${out[name]} and as ${version}`);
      out[name] = version;
    }
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)));
};

const build = (): void => {
  rmSync(dist, { recursive: true, force: true });
  const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  for (const path of globSync('**/*.{js,ts}', { cwd: dist })) {
    const file = join(dist, path);
    writeFileSync(file, rewritten(readFileSync(file, 'utf8'), path));
  }
  for (const path of ASSETS.flatMap((p) => globSync(p, { cwd: root, exclude: ['**/*.test.ts'] })))
    cpSync(join(root, path), join(dist, path));
  const own = manifestOf(root);
  for (const file of ['LICENSE', 'NOTICE', 'README.md']) cpSync(join(root, file), join(dist, file));
  const { version, description, license, repository, bugs, homepage, engines } = own;
  const face = (path: string): object => ({ types: `./${path}.d.ts`, default: `./${path}.js` });
  const manifest = {
    ...{ name: 'verdikt', version, description, license, repository, bugs, homepage },
    type: 'module',
    engines,
    bin: { verdikt: 'local/bin.js' },
    exports: {
      '.': face('processor/public'),
      './check': face('processor/checks/define'),
      './testing': face('testing/public'),
      './client': face('client/public'),
      './package.json': './package.json',
    },
    dependencies: dependenciesOf(PARTS.map((part) => manifestOf(join(root, part)))),
  };
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
};

// Not import.meta.main: node24.mjs imports this file where Node is new enough.
if (process.argv[1] === import.meta.filename) build();
