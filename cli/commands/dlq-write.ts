import type { Command } from 'commander';
import type { Flags } from '../shell/config.ts';
import { addCommand, withBrokers, withRegistry, type Shell } from '../shell/shell.ts';
import type { DlqDeps } from './dlq-cluster.ts';
import { runPurge } from './dlq-purge.ts';
import { runRedrive, type RedriveFlags } from './dlq-redrive.ts';
import { runReset } from './dlq-reset.ts';
import { withFilter } from './dlq-options.ts';

const withWriting = (command: Command): Command =>
  command
    .option('--as <name>', 'who does this, for the audit; default: the user of the system')
    .option('--dry-run', 'only say what would be done')
    .option('--timeout <duration>', 'give up when no task answers for so long', '60s');

const withOperation = (command: Command): Command =>
  withWriting(withFilter(withBrokers(command)))
    .option('--operation <uuid>', 'go on with this operation, or begin it under this id')
    .option('--rate <n>', 'at most so many letters in a second')
    .option('--max <n>', 'at most so many letters, the oldest of each partition first');

export const addWrite = (dlq: Command, shell: Shell, deps: DlqDeps): void => {
  const about =
    'Put dead letters back, in order per key, and wait until it is done. Exit code 0 only when all were applied.';
  withRegistry(withOperation(addCommand(dlq, 'redrive', about)))
    .option('--from-file <path>', 'letters of an export, in place of those in the topic')
    .option('--max-redrives <n>', 'what was redriven so often goes to the quarantine')
    .option('--record-max-bytes <n>', 'largest original that a stub is put back as; as set for processors')
    .option('--include-quarantined', 'also what is in the quarantine')
    .option('--force-unknown-schema', 'also what cannot be read for want of its schema')
    .option('--allow-target <list>', 'topics that foreign dead letters may go back to')
    .action(async ({ json = false, ...flags }: RedriveFlags) => {
      await shell.report(json, () => runRedrive(shell, deps, flags, 'redrive', json));
    });
  withOperation(
    addCommand(
      dlq,
      'skip',
      'Give up parked records, so that their keys go on. Exit code 0 only when all were applied.',
    ),
  ).action(async ({ json = false, ...flags }: RedriveFlags) => {
    await shell.report(json, () => runRedrive(shell, deps, flags, 'skip', json));
  });
  withWriting(withBrokers(addCommand(dlq, 'purge', 'Delete dead letters up to a point (DeleteRecords).')))
    .option('--topic <name>', 'another dead-letter topic, of foreign software')
    .option('--before <when>', 'all that were given up before: a time, or how long ago (7d)')
    .option('--partition <n>', 'only this partition')
    .option('--to <offset>', 'all below this offset; needs --partition')
    .option('--include-open', 'also letters that were never redriven')
    .option('--include-parked', 'also letters of records that are parked; these stay in their lane')
    .option('--yes', 'really delete')
    .action(async ({ json = false, ...flags }: RedriveFlags) => {
      await shell.report(json, () => runPurge(shell, deps, flags));
    });
  withWriting(
    withBrokers(addCommand(dlq, 'reset', 'Close the dead-letter limit of tasks that wait for an operator.')),
  )
    .option('--partition <list>', 'only these tasks; default: all')
    .action(async ({ json = false, ...flags }: Flags & { json?: boolean }) => {
      await shell.report(json, () => runReset(shell, deps, flags as Flags));
    });
};
