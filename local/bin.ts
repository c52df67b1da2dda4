#!/usr/bin/env node
// `verdikt` of the package: the command line, and `verdikt dev`, which is `npm start` of a checkout.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(`verdikt needs Node 24.12 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
if (process.argv[2] === 'dev') {
  process.argv.splice(2, 1);
  delete process.env.INIT_CWD;
  await import('./start.ts');
} else await import('@verdikt/cli/main.ts');
