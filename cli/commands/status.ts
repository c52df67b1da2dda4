import type { Command } from 'commander';
import type { ClusterInspector } from '@verdikt/core/ports/inspector.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';
import type { LookOptions, OffsetsReader } from '@verdikt/operate/offsets/look.ts';
import type { Flags } from '../shell/config.ts';
import { loadReaderConfig, type ReaderConfig } from '../shell/reader-config.ts';
import { addCommand, withBrokers, type Answer, type Shell } from '../shell/shell.ts';
import { lookAtSystem } from '@verdikt/operate/status/facts.ts';
import type { Ask } from '@verdikt/operate/status/processors.ts';
import { CANNOT, reportOf, statusCode } from '@verdikt/operate/status/report.ts';
import { statusText } from '@verdikt/operate/status/text.ts';

export interface StatusDeps extends Pick<LookOptions, 'wait' | 'late'> {
  readonly cluster: (config: ReaderConfig) => Cluster & OffsetsReader & Pick<ClusterInspector, 'group'>;
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
  const topics = systemTopics(config);
  const cluster = deps.cluster(config);
  try {
    const counts = await Promise.all(Object.values(topics).map((t) => cluster.partitionsOf(t)));
    const { wait, late, now, ask } = deps;
    const facts = await lookAtSystem(
      {
        ...{ reader: cluster, group: cluster.group, topics, system: systemId(topics.words, config.group) },
        // Partitions that were added to a topic are not part of the system.
        ...{ partitions: Math.min(...counts), wait, late, now, ask },
      },
      processors,
    );
    const report = reportOf(facts);
    return { text: statusText(report), json: report, code: statusCode(report) };
  } finally {
    await cluster.close();
  }
};
