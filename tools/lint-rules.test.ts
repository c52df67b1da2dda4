// Each rule of eslint.config.mjs that holds the architecture up, seen to fire once. ESLint runs in a process of its own: it
// loads its config with a plain import(), which the module loader of jest does not serve.
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { whyNot } from './import-rules.mjs';
import { run } from '@verdikt/local/run.ts';

interface Snippet {
  /** An existing file, for the typed rules know only those. */
  readonly file: string;
  readonly text: string;
  readonly rule: string;
}

const snippets: readonly Snippet[] = [
  {
    file: 'core/ports/clock.ts',
    text: `export const f = async () => 1;\nexport const g = () => { f(); };`,
    rule: '@typescript-eslint/no-floating-promises',
  },
  {
    file: 'core/ports/clock.ts',
    text: `export const f = async () => true;\nexport const g = () => { if (f()) return 1; return 2; };`,
    rule: '@typescript-eslint/no-misused-promises',
  },
  {
    file: 'core/ports/clock.ts',
    text: `export const f = (x: 'a' | 'b') => { switch (x) { case 'a': return 1; } return 2; };`,
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  {
    file: 'core/ports/clock.ts',
    text: `import { ServiceError } from './errors.ts';\nexport type E = ServiceError;`,
    rule: '@typescript-eslint/consistent-type-imports',
  },
  { file: 'core/ports/clock.ts', text: 'export {};\n'.repeat(301), rule: 'max-lines' },
  {
    file: 'core/ports/clock.ts',
    text: `export const f = (n: number) => {\n${'n++;\n'.repeat(59)}};`,
    rule: 'verdikt/function-length',
  },
  {
    file: 'core/ports/clock.ts',
    text: `export const f = (x: number | undefined): number => x!;`,
    rule: '@typescript-eslint/no-non-null-assertion',
  },
  { file: 'producer/intake/word.ts', text: `import 'kafkajs';`, rule: 'verdikt/imports' },
  {
    file: 'core/record/topics.ts',
    text: `export const f = (now = Date.now()) => now;`,
    rule: 'no-restricted-properties',
  },
  {
    file: 'core/record/topics.ts',
    text: `export const f = () => Math.random();`,
    rule: 'no-restricted-properties',
  },
  {
    file: 'core/record/topics.ts',
    text: `export const f = () => process.env.X;`,
    rule: 'no-restricted-globals',
  },
  {
    file: 'engine/state/lanes.ts',
    text: `export const f = () => new Date();`,
    rule: 'no-restricted-syntax',
  },
  { file: 'engine/state/plan.ts', text: `import 'node:fs';`, rule: 'verdikt/imports' },
  {
    file: 'engine/policy/retry.ts',
    text: `export const f = () => setTimeout(() => 1, 1);`,
    rule: 'no-restricted-globals',
  },
];
const clean: readonly Omit<Snippet, 'rule'>[] = [
  { file: 'core/ports/clock.ts', text: `export const f = () => Date.now();` },
  {
    // Lines of a function within do not count, nor do lines without code or of a template.
    file: 'core/ports/clock.ts',
    text: `export const f = () => {\n${'\n// why\n'.repeat(50)}\nreturn (n: number) => {\n${'n++;\n'.repeat(56)}return \`${'\n'.repeat(50)}\${n}\`;\n};\n};`,
  },
  { file: 'engine/task/worker.ts', text: `import 'node:fs';` },
  {
    file: 'kafka/client/link.ts',
    text: `import 'kafkajs';\nimport type { Slice } from '@verdikt/core/ports/source.ts';\nexport type S = Slice;`,
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
});

test.each(snippets.map((s, i) => [s.rule, s.file, i] as const))('%s fires in %s (%#)', (rule, _file, i) => {
  expect(fired[i]).toContain(rule);
});

test.each(clean.map((s, i) => [s.file, snippets.length + i] as const))(
  'what %s may do is let through',
  (_file, i) => {
    expect(fired[i]).toEqual([]);
  },
);

const imports: readonly (readonly [file: string, specifier: string, why: string | undefined])[] = [
  ['producer/main.ts', 'kafkajs', 'Only kafka/ imports kafkajs.'],
  ['kafka/client/link.ts', 'kafkajs', undefined],
  ['bench/peers/x.ts', 'kafkajs', undefined],
  ['bench/ours.ts', 'kafkajs', 'Only kafka/ imports kafkajs.'],
  [
    'producer/intake/word.ts',
    '@verdikt/processor/config.ts',
    'producer/ and processor/ never import each other.',
  ],
  [
    'producer/intake/word.ts',
    '../../processor/config.ts',
    'producer/ and processor/ never import each other.',
  ],
  ['kafka/client/link.ts', '@verdikt/schemas/load.ts', 'kafka/ and schemas/ never import each other.'],
  ['core/record/topics.ts', '@verdikt/schemas/load.ts', 'core/ is below schemas/ and never imports it.'],
  ['kafka/produce/sink.ts', '@verdikt/producer/config.ts', 'kafka/ is below producer/ and never imports it.'],
  ['testing/chain.ts', '@verdikt/processor/service.ts', undefined],
  ['processor/service.ts', '@verdikt/testing/chain.ts', 'processor/ is below testing/ and never imports it.'],
  ['client/client.ts', '@verdikt/producer/config.ts', 'client/ is below producer/ and never imports it.'],
  ['local/start.ts', '../tools/build.ts', 'local/ is below tools/ and never imports it.'],
  ['engine/task/task.ts', '@verdikt/kafka/connect.ts', 'engine/ imports core/ alone.'],
  ['engine/policy/x.ts', '@verdikt/schemas/types.ts', 'engine/ imports core/ alone.'],
  [
    'processor/service.ts',
    '@verdikt/kafka/connect.ts',
    'Only main.ts and start.ts of a service import kafka/.',
  ],
  ['processor/start.ts', '@verdikt/kafka/connect.ts', undefined],
  ['cli/adapters/dlq.ts', '@verdikt/kafka/connect.ts', undefined],
  [
    'cli/adapters/dlq.ts',
    '../../kafka/client/link.ts',
    'Import kafka/ by name: only tests reach its inside, by path.',
  ],
  ['tools/chart-files.ts', '../deploy/observability/dashboard.ts', undefined],
  ['processor/start.ts', '../test/support/records.ts', 'Only tests import tests and what helps them.'],
  ['engine/state/state.test.ts', '../../test/support/records.ts', undefined],
  ['test/scenarios/order.test.ts', '../../kafka/client/link.ts', undefined],
  ['bench/ours.ts', '../kafka/transaction/transaction.ts', undefined],
  // Rooms.
  ['core/record/x.ts', '../errors.ts', undefined],
  ['core/hash/x.ts', '../record/record.ts', 'core/hash/ is below core/record/ and never imports it.'],
  [
    'kafka/client/link.ts',
    '../connect.ts',
    'kafka/connect.ts is above kafka/client/, which never imports it.',
  ],
  [
    'engine/state/state.ts',
    '../restore/restore.ts',
    'engine/state/ is below engine/restore/ and never imports it.',
  ],
  ['engine/restore/restore.ts', '../state/state.ts', undefined],
  ['cli/dlq/x.ts', '../commands/dlq.ts', 'cli/dlq/ is below cli/commands/ and never imports it.'],
  ['cli/doctor/x.ts', '../offsets/look.ts', undefined],
  ['producer/intake/ingest.ts', '../tracing.ts', undefined],
  // What decides.
  ['engine/policy/retry.ts', 'node:crypto', 'A pure file imports no node:*.'],
  ['engine/state/lanes-model.ts', 'node:crypto', 'A pure file imports no node:*.'],
  ['engine/state/lanes.test.ts', 'node:crypto', undefined],
  ['core/config/config.ts', 'node:fs', undefined],
  ['core/service/management.ts', 'node:http', undefined],
];
test.each(imports)('%s imports %s: %s', (file, specifier, why) => {
  expect(whyNot(file, specifier)).toBe(why);
});
