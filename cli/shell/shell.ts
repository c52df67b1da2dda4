import type { Command } from 'commander';
import type { Env, ReadFile } from '@verdikt/core/config/config.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { printable } from '@verdikt/core/record/safe-text.ts';

/** What the process gives to every command. */
export interface Surroundings {
  readonly env: Env;
  readonly readFile: ReadFile;
  /** Standard output; the text ends with a newline. */
  readonly out: (text: string) => void;
  /** Standard error. */
  readonly err: (text: string) => void;
}

/** Exit code of a plan that is not empty: 1 would be a failure, 2 wrong usage. */
export const CHANGES_PENDING = 3;

/** What a command hands back: `text` for people, `json` for programs. */
export interface Answer {
  readonly text: string;
  readonly json: object;
  /** Colors `text` once nothing in it can reach the terminal as a command. */
  readonly paint?: (text: string) => string;
  /** Exit code; default 0. */
  readonly code?: number;
}

/** What `out` and `err` are given may come from a log or a peer: they print escapes for all that a terminal would obey. */
export interface Shell extends Surroundings {
  /** Standard error as it is, for text that is all ours and moves the cursor. */
  readonly draw: (text: string) => void;
  /** Sets the exit code of the process. */
  exit(code: number): void;
  /**
   * Prints the answer (none: `f` has printed all there is), or the ServiceError that `f` rejects with (exit code `failed`,
   * default 1). Any other error passes through.
   */
  report(json: boolean, f: () => Promise<Answer | undefined>, failed?: number): Promise<void>;
}

export const createShell = (around: Surroundings): Shell & { code(): number } => {
  let code = 0;
  const out = (text: string): void => around.out(printable(text));
  const err = (text: string): void => around.err(printable(text));
  const shell = {
    ...around,
    ...{ out, err, draw: around.err },
    code: () => code,
    exit: (to: number) => {
      code = to;
    },
    report: async (json: boolean, f: () => Promise<Answer | undefined>, failed = 1): Promise<void> => {
      try {
        const answer = await f();
        if (json && answer !== undefined) out(`${JSON.stringify(answer.json)}\n`);
        else if (answer !== undefined) {
          const { text, paint = (safe: string) => safe } = answer;
          around.out(`${paint(printable(text))}\n`);
        }
        code = answer?.code ?? 0;
      } catch (e) {
        // Anything else is a defect of ours: let it end the process with its stack.
        if (!(e instanceof ServiceError)) throw e;
        const { code: name, message, details } = e;
        if (json) out(`${JSON.stringify({ error: { code: name, message, details } })}\n`);
        else err(`verdikt: ${message} [${name}]\n`);
        code = failed;
      }
    },
  };
  return shell;
};

/** A command with the options that all of them have. */
export const addCommand = (
  parent: Command,
  name: string,
  description: string,
  json = 'print one JSON document, on failure too',
): Command =>
  parent
    .command(name)
    .description(description)
    .option('--topic-prefix <text>', 'prefix of every topic name')
    .option('--json', json);

/** Options for commands that speak to Kafka. */
export const withBrokers = (command: Command): Command =>
  command
    .option('--brokers <list>', 'host:port, comma-separated (or KAFKA_BROKERS)')
    .option('--group <name>', 'group of the processors')
    .option('--partitions <n>', 'number of partitions of every topic');

/** Options for commands that speak to the registry. */
export const withRegistry = (command: Command): Command =>
  command.option(
    '--schema-registry-url <url>',
    'URL of the registry with its base path (or SCHEMA_REGISTRY_URL)',
  );
