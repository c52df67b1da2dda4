import { table } from '@verdikt/core/service/markdown.ts';
import type { Command, Option } from 'commander';
import { EXAMPLES } from './examples.ts';
import { createProgram, type ProgramDeps } from './program.ts';
import { createShell } from './shell/shell.ts';
import { usagesOf } from './shell/usage.ts';

/** Nothing is run: the commands only say what they are. */
const unused = (): never => {
  throw new Error('only described');
};

const program = (): Command => {
  const around = { env: {}, readFile: unused, out: unused, err: unused };
  const deps = {
    ...around,
    version: '',
    reading: {},
    dlq: {},
    offsets: {},
    copy: {},
  } as unknown as ProgramDeps;
  return createProgram(deps, createShell(around));
};

interface DescribedCommand {
  /** Without the program: `dlq list`. */
  readonly path: string;
  readonly command: Command;
}

/** Every command that does something, in the order of `--help`. */
export const commandsOf = (parent: Command = program(), before = ''): DescribedCommand[] =>
  parent.commands.flatMap((command) => {
    const path = `${before}${command.name()}`;
    return command.commands.length > 0 ? commandsOf(command, `${path} `) : [{ path, command }];
  });

const optionCells = ({ flags, description, defaultValue, mandatory }: Option): string[] => {
  const byDefault = typeof defaultValue === 'string' ? `\`${defaultValue}\`` : '';
  return [`\`${flags}\``, description, mandatory ? '**required**' : byDefault];
};

const commandLines = ({ path, command }: DescribedCommand): string[] => {
  const examples = EXAMPLES[path];
  if (examples === undefined) throw new Error(`${path} has no example in cli/examples.ts`);
  const args = command.registeredArguments.map((a) => ` <${a.name()}>`).join('');
  return [
    `## ${path}`,
    '',
    command.description(),
    '',
    '```sh',
    ...examples.map((example) => `npm run verdikt -- ${example}`),
    '```',
    '',
    ...(args === '' ? [] : [`Usage: \`verdikt ${path}${args} [options]\``, '']),
    ...(command.options.length === 0
      ? []
      : table(['option', 'meaning', 'default'], command.options.map(optionCells))),
  ];
};

/** `cli/usage.json`: what help and completions say, so that they need not load the commands. */
export const usageText = (): string => `${JSON.stringify(usagesOf(program()), null, 1)}\n`;

/** `docs/reference/cli.md`. */
export const cliText = (): string => {
  const commands = commandsOf();
  return [
    '# Command line',
    '',
    'Generated from the commands in `cli/commands/` by `npm run generate`. Do not edit.',
    '',
    'Run `npm run verdikt -- <command>` in a checkout, `npx verdikt <command>` with the package installed, or pass the command to the',
    'image: `docker run IMAGE <command>`.',
    '',
    '- Settings come from the same `VERDIKT_*` variables as those of the services; see [Configuration](configuration.md). An option',
    '  overrides its variable: `--topic-prefix` is `VERDIKT_TOPIC_PREFIX`.',
    '- Give every command the prefix, group and topics that the processors use.',
    '- `--json` prints JSON for programs, `--help` the options of a command, `verdikt --version` the version.',
    '- `verdikt completion bash` (`zsh`, `fish`) prints a script with which your shell completes commands and options.',
    '- Whatever a log holds, control characters and characters that turn the writing direction are printed as escapes.',
    '- Exit codes: 0 done, 1 failed, 2 wrong usage, 3 changes are pending (`plan`). Where a command uses them differently, its',
    '  description says so.',
    '',
    ...table(
      ['command', 'what it does'],
      commands.map(({ path, command }) => [
        `[\`${path}\`](#${path.replaceAll(' ', '-')})`,
        command.description(),
      ]),
    ),
    ...commands.flatMap(commandLines),
  ].join('\n');
};
