import type { Command } from 'commander';
import type { Shell } from '../shell/shell.ts';
import type { DlqDeps } from './dlq-cluster.ts';
import { addRead } from './dlq-read.ts';
import { addWhatIf } from './dlq-what-if.ts';
import { addWrite } from './dlq-write.ts';

export const addDlq = (program: Command, shell: Shell, deps: DlqDeps): void => {
  const dlq = program.command('dlq').description('Inspect dead letters, redrive them, or abandon them.');
  addRead(dlq, shell, deps);
  addWhatIf(dlq, shell, deps);
  addWrite(dlq, shell, deps);
};
