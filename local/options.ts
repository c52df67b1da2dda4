import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { ServiceError } from '@verdikt/core/errors.ts';

interface StartOptions {
  /** Ends when all samples have come to their end. */
  readonly once: boolean;
  /** One JSON object a line, for programs. */
  readonly json: boolean;
  readonly help: boolean;
  /** Full path of the module of a check. */
  readonly check: string | undefined;
  /** Full path of the folder in which the data stays. */
  readonly keep: string | undefined;
}

/** `command`: how it was called, for example `npm start --`. */
export const usage = (command: string): string =>
  [
    'Runs everything on this machine: Kafka, a registry, one edge, processors, sample words, live verdicts.',
    '',
    `  ${command}                  until Ctrl-C, with things to try`,
    `  ${command} --check FILE     with a check of your own in place of ours; reloaded when you save it`,
    `  ${command} --keep FOLDER   keeps topics and records in that folder for the next run`,
    `  ${command} --once           ends when every sample has its verdict; exit code 0 when all are as expected`,
    `  ${command} --json           one JSON object a line`,
    '',
    'FILE is a module, TypeScript or JavaScript, that exports a function of the word or what defineCheck returns.',
  ].join('\n');

/** Throws CONFIG_INVALID for what it does not know. */
export const startOptions = (args: readonly string[], folder: string, command: string): StartOptions => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        check: { type: 'string' },
        keep: { type: 'string' },
      },
    });
    const { check, keep, ...flags } = values;
    const full = (path: string | undefined): string | undefined =>
      path === undefined ? undefined : resolve(folder, path);
    return { ...flags, check: full(check), keep: full(keep) };
  } catch (error) {
    throw new ServiceError('CONFIG_INVALID', `${(error as Error).message}\n\n${usage(command)}`);
  }
};
