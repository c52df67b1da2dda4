// Who may import what. One function, so that each rule can be read, tested and quoted in its own words.
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = dirname(import.meta.dirname);
const PACKAGES = ['core', 'kafka', 'schemas', 'producer', 'processor', 'local', 'cli', 'bench'];

/** Tests and their helpers may reach across. */
const isTest = (file) => /\.test\.ts$|(^|\/)testing\/|^(scenarios|torture|proofs)\//.test(file);
const mayUseKafka = (file) =>
  /^(kafka|cli|local|bench)\//.test(file) ||
  file.split('/').at(-1) === 'main.ts' ||
  file === 'processor/start.ts' ||
  isTest(file);

/** Decides in values alone: no input but its arguments. */
export const isPure = (file) =>
  !isTest(file) &&
  (/^processor\/policy\//.test(file) ||
    /^processor\/engine\/(lanes|plan)[^/]*\.ts$/.test(file) ||
    (/^core\//.test(file) &&
      !/^core\/(config|digest|log|management|metrics|clock|run-service|tracer)[^/]*\.ts$/.test(file)));

/** Our package that `specifier` leads to from `file`, also by a relative path; undefined for others. */
const packageOf = (file, specifier) => {
  const path = specifier.startsWith('.')
    ? join(dirname(file), specifier)
    : specifier.replace(/^@verdikt\//, '');
  const first = path.split('/')[0];
  const ours = specifier.startsWith('.') || specifier.startsWith('@verdikt/');
  return ours && PACKAGES.includes(first) ? first : undefined;
};

/** Why `file` (path from the root, with slashes) may not import `specifier`; undefined when it may. */
export const whyNot = (file, specifier) => {
  const from = file.split('/')[0];
  const to = packageOf(file, specifier);
  // A peer in a benchmark is what people write with it by hand.
  if (/^kafkajs(\/|$)/.test(specifier) && from !== 'kafka' && !file.startsWith('bench/peers/'))
    return 'Only kafka/ imports kafkajs.';
  if (from === 'producer' && to === 'processor') return 'producer/ never imports processor/.';
  if (from === 'processor' && to === 'producer') return 'processor/ never imports producer/.';
  if (to === 'kafka' && !mayUseKafka(file))
    return 'Only main.ts files, cli/, local/, bench/ and tests import @verdikt/kafka.';
  if (from === 'core' && to !== undefined && to !== 'core' && !isTest(file))
    return 'core/ imports no other package.';
  if (specifier.startsWith('node:') && isPure(file)) return 'A pure file imports no node:*.';
  return undefined;
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
