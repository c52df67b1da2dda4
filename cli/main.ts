// `npm run verdikt -- <command>`; `--help` lists them. Help, version and completions load no command.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { printable } from '@verdikt/core/record/safe-text.ts';
import { VERSION } from '@verdikt/core/service/version.ts';
import { quickAnswer } from './quick.ts';
import type { Usage } from './shell/usage.ts';

// A defect of ours; its message may quote what a log holds.
process.on('uncaughtException', (e) => {
  process.stderr.write(`${printable(inspect(e))}\n`);
  process.exit(1);
});

const args = process.argv.slice(2);
const usages = JSON.parse(readFileSync(new URL('usage.json', import.meta.url), 'utf8')) as Usage[];
const answer = quickAnswer(args, usages, VERSION);
if (answer === undefined) process.exitCode = await (await import('./start.ts')).start(args);
else process.stdout.write(answer);
