import { Help, type Command, type Option } from 'commander';

/** One command or group as `--help` and completions know it, without its code. */
export interface Usage {
  /** Without the program; empty for the program itself. */
  readonly path: string;
  readonly about: string;
  readonly help: string;
  readonly options: readonly UsageOption[];
  /** Values of its argument, where it takes one of a few. */
  readonly choices: readonly string[];
}

interface UsageOption {
  readonly name: string;
  readonly about: string;
  readonly value: boolean;
}

/** The same everywhere, so that help can be made beforehand. */
export const HELP_WIDTH = 100;

const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
};

const optionOf = ({ long, description, required, optional }: Option): UsageOption => ({
  ...{ name: long ?? '', about: description, value: required || optional },
});

/** The program and all that is below it. Prints nothing. */
export const usagesOf = (command: Command, path = ''): Usage[] => [
  {
    ...{ path, about: command.description(), help: helpOf(command) },
    options: new Help().visibleOptions(command).map(optionOf),
    choices: command.registeredArguments.flatMap((a) => a.argChoices ?? []),
  },
  ...command.commands.flatMap((c) => usagesOf(c, path === '' ? c.name() : `${path} ${c.name()}`)),
];
