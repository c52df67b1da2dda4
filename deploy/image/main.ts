// Entry point of the image. Replaces itself, so that the service is process 1 and gets the signals.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryLimit } from '@verdikt/processor/memory.ts';
import { commandOf, merged } from './command.ts';
import { configured } from './configured.ts';

const limit = configured(process.env, 'memoryLimitMiB', (path) => readFileSync(path, 'utf8')) ?? 0;
const limitMiB = memoryLimit(limit, process.constrainedMemory());
const { script, args, env } = commandOf(process.argv.slice(2), limitMiB);
process.execve?.(
  process.execPath,
  [process.execPath, join(import.meta.dirname, '../..', script), ...args],
  merged(env, process.env),
);
