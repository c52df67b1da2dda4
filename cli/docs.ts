import { table } from '@verdikt/core/service/markdown.ts';
import type { Command, Option } from 'commander';
import { createProgram, type ProgramDeps } from './program.ts';
import { createShell } from './shell/shell.ts';

/** One example for each command, without the program: what you would type most often. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  init: 'init --brokers broker-1:9092 --schema-registry-url http://registry:8080/apis/ccompat/v7',
  'topics apply': 'topics apply --partitions 24 --replication-factor 3 --min-insync-replicas 2',
  'topics plan': 'topics plan',
  'schemas register': 'schemas register',
  'acls apply': 'acls apply --prune',
  'acls plan': 'acls plan --processor-principal User:CN=processor',
  'acls script': 'acls script --no-users > acls.sh',
  tail: 'tail --follow --key order-17',
  probe: 'probe --edge-url http://localhost:8080',
  audit: 'audit --from 2h --max-age 10m',
  'dlq list': 'dlq list --reason http-5xx --since 1d',
  'dlq show': 'dlq show 3:1042',
  'dlq export': 'dlq export --key order-17 > letters.jsonl',
  'dlq redrive': 'dlq redrive --reason http-5xx --rate 50',
  'dlq skip': 'dlq skip --status parked --key order-17',
  'dlq purge': 'dlq purge --before 7d --yes',
  'dlq reset': 'dlq reset --partition 3',
  'offsets show': 'offsets show',
  'offsets set': 'offsets set --partition 3 --dry-run',
  copy: 'copy --to-prefix v2. --dry-run',
  status: 'status',
  doctor: 'doctor --strict',
};

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
  const example = EXAMPLES[path];
  if (example === undefined) throw new Error(`${path} has no example in cli/docs.ts`);
  const args = command.registeredArguments.map((a) => ` <${a.name()}>`).join('');
  return [
    `## ${path}`,
    '',
    command.description(),
    '',
    '```sh',
    `npm run verdikt -- ${example}`,
    '```',
    '',
    ...(args === '' ? [] : [`Usage: \`verdikt ${path}${args} [options]\``, '']),
    ...table(['option', 'meaning', 'default'], command.options.map(optionCells)),
  ];
};

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
    '- `--json` prints JSON for programs, `--help` the options of a command.',
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
