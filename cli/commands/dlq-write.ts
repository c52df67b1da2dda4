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
    .option('--as <name>', 'name for the audit record; default: the current user')
    .option('--dry-run', 'only show what would be done')
    .option('--timeout <duration>', 'stop waiting if no task answers for this long', '60s');

const withOperation = (command: Command): Command =>
  withWriting(withFilter(withBrokers(command)))
    .option('--all', 'all dead letters of the topic; needed where no filter is given')
    .option('--yes', 'do not ask; a question is asked only on a terminal')
    .option('--list <n>', 'maximum number of letters that a dry run lists', '100')
    .option('--operation <uuid>', 'resume this operation, or start one with this ID')
    .option('--rate <n>', 'maximum number of letters per second')
    .option('--max <n>', 'maximum number of letters, oldest of each partition first');

export const addWrite = (dlq: Command, shell: Shell, deps: DlqDeps): void => {
  const about =
    'Return dead letters to processing, in order per key, and wait for the result. Exit code 0 only if all were applied.';
  withRegistry(withOperation(addCommand(dlq, 'redrive', about)))
    .option('--from-file <path>', 'redrive letters from an export instead of the topic')
    .option('--max-redrives <n>', 'letters that were redriven this often are quarantined instead')
    .option(
      '--record-max-bytes <n>',
      'largest original that replaces a stub; use the setting of the processors',
    )
    .option('--include-quarantined', 'also redrive letters that are in quarantine')
    .option('--force-unknown-schema', 'also redrive letters whose schema the registry does not know')
    .option('--allow-target <list>', 'topics that dead letters of other software may return to')
    .action(async ({ json = false, ...flags }: RedriveFlags) => {
      await shell.report(json, () => runRedrive(shell, deps, flags, 'redrive', json));
    });
  withOperation(
    addCommand(
      dlq,
      'skip',
      'Abandon parked records and unblock their keys. Exit code 0 only if all were applied.',
    ),
  ).action(async ({ json = false, ...flags }: RedriveFlags) => {
    await shell.report(json, () => runRedrive(shell, deps, flags, 'skip', json));
  });
  withWriting(
    withBrokers(addCommand(dlq, 'purge', 'Delete dead letters up to a time or an offset (DeleteRecords).')),
  )
    .option('--topic <name>', 'dead-letter topic of other software')
    .option('--before <when>', 'all that were given up before: a time, or how long ago (7d)')
    .option('--partition <n>', 'only this partition')
    .option('--to <offset>', 'all below this offset; needs --partition')
    .option('--include-open', 'also letters that were never redriven')
    .option('--include-parked', 'also letters of records that are parked; these stay in their lane')
    .option('--yes', 'do not ask; needed where there is no terminal')
    .action(async ({ json = false, ...flags }: RedriveFlags) => {
      await shell.report(json, () => runPurge(shell, deps, flags));
    });
  withWriting(
    withBrokers(
      addCommand(
        dlq,
        'reset',
        'Close the dead-letter limit of tasks that wait for an operator, so that they resume.',
      ),
    ),
  )
    .option('--partition <list>', 'only these tasks; default: all')
    .action(async ({ json = false, ...flags }: Flags & { json?: boolean }) => {
      await shell.report(json, () => runReset(shell, deps, flags as Flags));
    });
};
