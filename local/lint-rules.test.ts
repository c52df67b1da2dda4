// Each rule of eslint.config.mjs that holds the architecture up, seen to fire once. ESLint runs in a process of its own: it
// loads its config with a plain import(), which the module loader of jest does not serve.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { whyNot } from './import-rules.mjs';
import { run } from './run.ts';

interface Snippet {
  /** An existing file, for the typed rules know only those. */
  readonly file: string;
  readonly text: string;
  readonly rule: string;
}

const snippets: readonly Snippet[] = [
  {
    file: 'core/clock.ts',
    text: `export const f = async () => 1;\nexport const g = () => { f(); };`,
    rule: '@typescript-eslint/no-floating-promises',
  },
  {
    file: 'core/clock.ts',
    text: `export const f = async () => true;\nexport const g = () => { if (f()) return 1; return 2; };`,
    rule: '@typescript-eslint/no-misused-promises',
  },
  {
    file: 'core/clock.ts',
    text: `export const f = (x: 'a' | 'b') => { switch (x) { case 'a': return 1; } return 2; };`,
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  {
    file: 'core/clock.ts',
    text: `import { ServiceError } from './errors.ts';\nexport type E = ServiceError;`,
    rule: '@typescript-eslint/consistent-type-imports',
  },
  { file: 'core/clock.ts', text: 'export {};\n'.repeat(301), rule: 'max-lines' },
  { file: 'producer/word.ts', text: `import 'kafkajs';`, rule: 'verdikt/imports' },
  {
    file: 'core/topics.ts',
    text: `export const f = (now = Date.now()) => now;`,
    rule: 'no-restricted-properties',
  },
  { file: 'core/topics.ts', text: `export const f = () => Math.random();`, rule: 'no-restricted-properties' },
  { file: 'core/topics.ts', text: `export const f = () => process.env.X;`, rule: 'no-restricted-globals' },
  {
    file: 'processor/engine/lanes.ts',
    text: `export const f = () => new Date();`,
    rule: 'no-restricted-syntax',
  },
  { file: 'processor/engine/plan.ts', text: `import 'node:fs';`, rule: 'verdikt/imports' },
  {
    file: 'processor/policy/retry.ts',
    text: `export const f = () => setTimeout(() => 1, 1);`,
    rule: 'no-restricted-globals',
  },
];
const clean: readonly Omit<Snippet, 'rule'>[] = [
  { file: 'core/clock.ts', text: `export const f = () => Date.now();` },
  { file: 'processor/engine/worker.ts', text: `import 'node:fs';` },
  {
    file: 'kafka/link.ts',
    text: `import 'kafkajs';\nimport type { Slice } from '@verdikt/processor/ports.ts';\nexport type S = Slice;`,
  },
];

const SCRIPT = `
  import { ESLint } from 'eslint';
  const chunks = []; for await (const c of process.stdin) chunks.push(c);
  const eslint = new ESLint(); const out = [];
  for (const { file, text } of JSON.parse(Buffer.concat(chunks).toString())) {
    const [result] = await eslint.lintText(text, { filePath: file });
    out.push(result.messages.map((m) => m.ruleId ?? m.message));
  }
  console.log(JSON.stringify(out));`;

let fired: string[][];
beforeAll(async () => {
  const input = JSON.stringify([...snippets, ...clean]);
  const cwd = join(import.meta.dirname, '..');
  const ran = await run(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    input,
    cwd,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (ran.code !== 0) throw new Error(ran.stderr);
  fired = JSON.parse(ran.stdout) as string[][];
}, 120_000);

test.each(snippets.map((s, i) => [s.rule, s.file, i] as const))('%s fires in %s (%#)', (rule, _file, i) => {
  expect(fired[i]).toContain(rule);
});

test.each(clean.map((s, i) => [s.file, snippets.length + i] as const))(
  'what %s may do is let through',
  (_file, i) => {
    expect(fired[i]).toEqual([]);
  },
);

describe('who may import what', () => {
  const rules: readonly (readonly [file: string, specifier: string, why: string | undefined])[] = [
    ['producer/main.ts', 'kafkajs', 'Only kafka/ imports kafkajs.'],
    ['kafka/link.ts', 'kafkajs', undefined],
    ['bench/peers/x.ts', 'kafkajs', undefined],
    ['bench/ours.ts', 'kafkajs', 'Only kafka/ imports kafkajs.'],
    ['producer/word.ts', '@verdikt/processor/ports.ts', 'producer/ never imports processor/.'],
    ['producer/word.ts', '../processor/ports.ts', 'producer/ never imports processor/.'],
    ['producer/routes/x.ts', '../word.ts', undefined],
    ['processor/main.ts', '@verdikt/producer/ports.ts', 'processor/ never imports producer/.'],
    ['processor/engine/task.ts', '../../producer/ports.ts', 'processor/ never imports producer/.'],
    [
      'processor/engine/task.ts',
      '@verdikt/kafka/link.ts',
      'Only main.ts files, cli/, local/, bench/ and tests import @verdikt/kafka.',
    ],
    ['processor/main.ts', '@verdikt/kafka/link.ts', undefined],
    ['processor/engine/task.kafka.test.ts', '@verdikt/kafka/link.ts', undefined],
    ['cli/topics.ts', '@verdikt/kafka/link.ts', undefined],
    ['scenarios/order.test.ts', '@verdikt/kafka/link.ts', undefined],
    ['proofs/dialects/record.ts', '@verdikt/kafka/link.ts', undefined],
    ['core/topics.ts', '@verdikt/schemas/load.ts', 'core/ imports no other package.'],
    ['processor/policy/retry.ts', 'node:crypto', 'A pure file imports no node:*.'],
    ['processor/engine/lanes-model.ts', 'node:crypto', 'A pure file imports no node:*.'],
    ['processor/engine/lanes.test.ts', 'node:crypto', undefined],
    ['core/config.ts', 'node:fs', undefined],
    ['core/management.ts', 'node:http', undefined],
  ];
  test.each(rules)('%s imports %s: %s', (file, specifier, why) => {
    expect(whyNot(file, specifier)).toBe(why);
  });
});
