// Who may import what, as DESIGN.md says it: each layer imports only layers below it, each room only rooms below it. One
// function, so that each rule can be read, tested and quoted in its own words.
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = dirname(import.meta.dirname);

/** From the bottom up. Packages of one layer never import each other. */
export const LAYERS = [
  ['core'],
  ['kafka', 'schemas', 'client'],
  ['engine'],
  ['operate'],
  ['producer', 'processor'],
  ['cli', 'deploy', 'testing'],
  ['local'],
  ['tools'],
  ['bench', 'test', 'examples'],
];

/** Rooms of a package, from the bottom up. Files that stand in no room are on top, but for those of `GROUND`. */
export const ROOMS = {
  core: [['hash'], ['record'], ['ports'], ['config', 'service', 'tracing']],
  kafka: [['login'], ['wire'], ['client'], ['group', 'consume', 'produce'], ['transaction'], ['admin']],
  engine: [['policy'], ['state'], ['commands'], ['restore'], ['task']],
  operate: [['text'], ['offsets', 'dlq'], ['status'], ['forecast'], ['adapters']],
  producer: [['auth', 'thread'], ['intake', 'view', 'operators', 'console'], ['http']],
  processor: [['checks']],
  cli: [
    ['shell'],
    ['acls', 'audit', 'copy', 'dlq', 'doctor', 'probe', 'tail', 'topics'],
    ['commands'],
    ['adapters'],
  ],
};

/** Below the rooms of their package, though they stand in none. */
const GROUND = [
  'core/at.ts',
  'core/errors.ts',
  'core/back-off.ts',
  'core/http-cause.ts',
  'core/retry-after.ts',
  'producer/config.ts',
  'producer/metrics.ts',
  'producer/tracing.ts',
];

/** Folders without a package.json, so without a name. */
const NAMELESS = ['deploy', 'tools', 'examples'];

/** Tests, their helpers and measurements may reach across. */
const isTest = (file) => /\.(test|fixture)\.ts$|^(test|bench)\//.test(file);

/** Decides in values alone: no input but its arguments. */
export const isPure = (file) =>
  !isTest(file) &&
  (/^engine\/(policy|commands)\//.test(file) ||
    /^engine\/state\/(lanes|plan)[^/]*\.ts$/.test(file) ||
    /^core\/((at|errors|back-off)\.ts$|record\/|hash\/(?!digest))/.test(file) ||
    /^core\/(ports\/(?!clock)|service\/error-docs|config\/(docs|fields|problems|kafka|options))/.test(file));

/** Path from the root that `specifier` leads to from `file`; undefined for others' packages. */
export const pathOf = (file, specifier) => {
  if (specifier.startsWith('.')) return join(dirname(file), specifier).split(sep).join('/');
  return specifier.startsWith('@verdikt/') ? specifier.slice('@verdikt/'.length) : undefined;
};
const levelIn = (levels, name) => levels.findIndex((level) => level.includes(name));
const roomOf = (path) => {
  const parts = path.split('/');
  return parts.length > 2 ? parts[1] : undefined;
};

/** Wires adapters to ports: the only kind of file of a service that sees Kafka. */
const isEntry = (file) => /\/(main|start)\.ts$/.test(file);

const acrossPackages = (file, from, to, specifier) => {
  const [a, b] = [levelIn(LAYERS, from), levelIn(LAYERS, to)];
  if (a < 0 || b < 0) return undefined;
  if (a === b) return `${from}/ and ${to}/ never import each other.`;
  if (a < b) return `${from}/ is below ${to}/ and never imports it.`;
  if (from === 'engine' && to !== 'core') return 'engine/ imports core/ alone.';
  if (to === 'kafka' && (from === 'producer' || from === 'processor') && !isEntry(file))
    return 'Only main.ts and start.ts of a service import kafka/.';
  // A path would go around the `exports` of its package.json.
  if (specifier.startsWith('.') && !NAMELESS.includes(to))
    return `Import ${to}/ by name: only tests reach its inside, by path.`;
  return undefined;
};

const acrossRooms = (file, path, pkg) => {
  const levels = ROOMS[pkg];
  const [from, to] = [roomOf(file), roomOf(path)];
  if (levels === undefined || from === to || from === undefined || GROUND.includes(path)) return undefined;
  if (to === undefined) return `${path} is above ${pkg}/${from}/, which never imports it.`;
  if (levelIn(levels, from) < levelIn(levels, to))
    return `${pkg}/${from}/ is below ${pkg}/${to}/ and never imports it.`;
  return undefined;
};

/** Why `file` (path from the root, with slashes) may not import `specifier`; undefined when it may. */
export const whyNot = (file, specifier) => {
  const from = file.split('/')[0];
  // A peer in a benchmark is what people write with it by hand.
  const mayUseKafkajs = /^(kafka|bench\/peers|test\/support\/kafka)\//.test(file);
  if (/^kafkajs(\/|$)/.test(specifier) && !mayUseKafkajs) return 'Only kafka/ imports kafkajs.';
  if (specifier.startsWith('node:') && isPure(file)) return 'A pure file imports no node:*.';
  const path = pathOf(file, specifier);
  if (path === undefined || isTest(file)) return undefined;
  if (isTest(path)) return 'Only tests import tests and what helps them.';
  const to = path.split('/')[0];
  return from === to ? acrossRooms(file, path, from) : acrossPackages(file, from, to, specifier);
};

export const importRule = {
  meta: { type: 'problem', schema: [], docs: { description: 'who may import what' } },
  create(context) {
    const file = relative(root, resolve(context.filename)).split(sep).join('/');
    const check = (source) => {
      const why = typeof source?.value === 'string' ? whyNot(file, source.value) : undefined;
      if (why !== undefined) context.report({ node: source, message: why });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
    };
  },
};
