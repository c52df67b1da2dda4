import { Argument, type Command } from 'commander';
import { completion, SHELLS } from '../shell/completion.ts';
import type { Shell } from '../shell/shell.ts';
import { usagesOf } from '../shell/usage.ts';

export const addCompletion = (program: Command, shell: Shell): void => {
  program
    .command('completion')
    .description('Print a script with which a shell completes commands and options.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((name: string) => {
      shell.out(completion(name, usagesOf(program)));
      shell.exit(0);
    });
};
