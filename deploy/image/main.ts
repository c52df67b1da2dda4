// Entry point of the image. Replaces itself, so that the service is process 1 and gets the signals.
import { join } from 'node:path';
import { commandOf, nodeOptions } from './command.ts';

const { script, args, nodeOptions: ours } = commandOf(process.argv.slice(2));
const options = nodeOptions(ours, process.env.NODE_OPTIONS);
const { NODE_OPTIONS: _, ...env } = process.env;
process.execve?.(
  process.execPath,
  [process.execPath, join(import.meta.dirname, '../..', script), ...args],
  options === '' ? env : { ...env, NODE_OPTIONS: options },
);
