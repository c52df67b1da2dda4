import type { Command } from 'commander';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { LookOptions } from '@verdikt/operate/offsets/look.ts';
import type { Flags } from '../shell/config.ts';
import { loadReaderConfig, type ReaderConfig } from '../shell/reader-config.ts';
import { addCommand, withBrokers, type Answer, type Shell } from '../shell/shell.ts';
import { statusReport, type StatusCluster } from '@verdikt/operate/status/look.ts';
import type { Ask } from '@verdikt/operate/status/processors.ts';
import { CANNOT, statusCode } from '@verdikt/operate/status/report.ts';
import { statusText } from '@verdikt/operate/status/text.ts';

export interface StatusDeps extends Pick<LookOptions, 'wait' | 'late'> {
  readonly cluster: (config: ReaderConfig) => StatusCluster;
  readonly ask: Ask;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type StatusFlags = Flags & { json?: boolean; processor?: readonly string[] };

export const addStatus = (program: Command, shell: Shell, deps: StatusDeps): void => {
  const about =
    'Show what each task does, and what waits and why. Changes nothing. Exit code 0: all is well, 1: something waits for an operator, 2: it could not be looked at everything.';
  withProcessors(withBrokers(addCommand(program, 'status', about))).action(
    async ({ json = false, processor = [], ...flags }: StatusFlags) => {
      await shell.report(json, () => runStatus(shell, deps, flags as Flags, processor), CANNOT);
    },
  );
};

/** The option of commands that ask processors about themselves. */
export const withProcessors = (command: Command): Command =>
  command.option(
    '--processor <url>',
    'management port of a processor, for example http://10.0.0.3:9464; may be repeated. Without it, the members of the group say where theirs are',
    (url: string, all: readonly string[] = []) => [...all, url],
  );

const runStatus = async (
  shell: Shell,
  deps: StatusDeps,
  flags: Flags,
  processors: readonly string[],
): Promise<Answer> => {
  const config = loadReaderConfig(shell.env, flags, shell.readFile);
  const cluster = deps.cluster(config);
  try {
    const { group } = config;
    const report = await statusReport({ ...deps, cluster, group, topics: systemTopics(config) }, processors);
    return { text: statusText(report), json: report, code: statusCode(report) };
  } finally {
    await cluster.close();
  }
};
