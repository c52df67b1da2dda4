import { systemTopics, quarantineTopic } from '@verdikt/core/record/topics.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { createStates, type Letters } from '@verdikt/operate/dlq/letters.ts';
import { loadDlqConfig, type DlqConfig } from '../dlq/config.ts';
import type { DlqCluster, Pace } from '@verdikt/operate/dlq/ports.ts';
import type { Flags } from '../shell/config.ts';
import type { Question } from '../shell/confirm.ts';
import type { Shell } from '../shell/shell.ts';

/** What commands on dead letters need. */
export interface DlqDeps {
  readonly cluster: (config: DlqConfig) => DlqCluster;
  /** Undefined where none is configured. */
  readonly registry: (config: DlqConfig) => SchemaRegistry | undefined;
  readonly pace: Pace;
  /** UUIDs of operations, which sort by time; and of single commands. */
  readonly newId: () => string;
  readonly newReset: () => string;
  /** Who runs this, for people. */
  readonly user: () => string;
  readonly ask: Question;
  /** Columns of the terminal that shows standard error; undefined where there is none. */
  readonly width: number | undefined;
}

/** An opened cluster with what the settings name. */
interface Opened extends Letters {
  readonly config: DlqConfig;
}

/** Runs `f` on the cluster that the settings name, and closes it. */
export const withCluster = async <T>(
  shell: Shell,
  deps: DlqDeps,
  settings: Flags,
  topic: string | undefined,
  f: (o: Opened) => Promise<T>,
): Promise<T> => {
  const config = loadDlqConfig(shell.env, settings, shell.readFile);
  const names = systemTopics(config);
  const cluster = deps.cluster(config);
  try {
    return await f({
      ...{ config, cluster, names, quarantine: quarantineTopic(names), topic: topic ?? names.deadLetters },
      states: createStates(cluster, names.control),
      ours: topic === undefined || topic === names.deadLetters,
    });
  } finally {
    await cluster.close();
  }
};
