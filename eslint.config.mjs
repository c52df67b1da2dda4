import { relative, sep } from 'node:path';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { functionLength } from './tools/function-length.mjs';
import { importRule, isPure } from './tools/import-rules.mjs';

const unused = { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' };
const impure = 'A pure file takes this as an argument.';

export default tseslint.config(
  { ignores: ['node_modules/', '.cache/', 'coverage/', 'dist/', 'schemas/types.ts', 'client/api-types.ts'] },
  {
    rules: {
      eqeqeq: 'error',
      'no-async-promise-executor': 'error',
      'no-control-regex': 'error',
      'no-constant-binary-expression': 'error',
      'no-debugger': 'error',
      'no-dupe-else-if': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-unreachable': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-escape': 'error',
    },
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { verdikt: { rules: { imports: importRule, 'function-length': functionLength } } },
    rules: {
      'verdikt/imports': 'error',
      'verdikt/function-length': ['error', { max: 60 }],
      'max-lines': ['error', 300],
      '@typescript-eslint/no-unused-vars': ['error', unused],
      '@typescript-eslint/no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: 'test' }] },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'error' },
  },
  {
    // The files are told by the same function that the import rule asks.
    files: [
      [
        '**/*.ts',
        (path) =>
          isPure(
            relative(import.meta.dirname, path)
              .split(sep)
              .join('/'),
          ),
      ],
    ],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch'].map((name) => ({
          name,
          message: impure,
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: impure },
        { object: 'Math', property: 'random', message: impure },
        { object: 'crypto', property: 'randomUUID', message: impure },
        { object: 'crypto', property: 'getRandomValues', message: impure },
        { object: 'process', property: 'env', message: impure },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: impure },
        { selector: 'CallExpression[callee.name="Date"]', message: impure },
      ],
    },
  },
);
