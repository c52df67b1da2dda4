// ESM TypeScript through swc. `npm test` gives it a broker and a registry and splits it in phases; see tools/test.ts.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // The one limit for what hangs, hooks as well; no measure of speed: three workers may share two slow cores with a broker and the
  // processes that they start. Tests that wait for minutes on purpose have one of their own.
  testTimeout: 300_000,
  // A worker keeps some MB of each file that it ran, and all of it is looked through at each garbage collection.
  workerIdleMemoryLimit: '400MB',
  testSequencer: '<rootDir>/tools/longest-first.mjs',
  // Those in examples/ are of node:test; tools/examples.kafka.test.ts runs them.
  testMatch: ['<rootDir>/**/*.test.ts', '!**/examples/**'],
  testPathIgnorePatterns: ['/node_modules/', '/.cache/', '/dist/'],
  modulePathIgnorePatterns: ['/.cache/', '/dist/'],
};
