import type { Command } from 'commander';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { loadTopicsConfig, type Flags, type TopicsConfig } from '../shell/config.ts';
import type { TopicAdmin } from '@verdikt/core/ports/topics.ts';
import { addCommand, CHANGES_PENDING, withBrokers, type Answer, type Shell } from '../shell/shell.ts';
import { applyTopics, topicsText, type TopicPlan } from '../topics/topics.ts';

export interface TopicsDeps {
  readonly admin: (config: TopicsConfig) => TopicAdmin;
}

export const addTopics = (program: Command, shell: Shell, deps: TopicsDeps): void => {
  const topics = program.command('topics').description('Manage the topics of one prefix and group.');
  type TopicFlags = Flags & { json?: boolean; dryRun?: boolean };
  withTopicSettings(
    addCommand(topics, 'apply', 'Create missing topics and correct their settings. Safe to repeat.'),
  )
    .option('--dry-run', 'same as plan')
    .action(async ({ json = false, dryRun = false, ...flags }: TopicFlags) => {
      await shell.report(json, () => topicsApply(shell, deps, flags, dryRun));
    });
  withTopicSettings(
    addCommand(topics, 'plan', 'Show what apply would do. Exit code 3 if there are changes.'),
  ).action(async ({ json = false, ...flags }: TopicFlags) => {
    await shell.report(json, () => topicsApply(shell, deps, flags, true));
  });
};

/** Options that say how topics are made. */
export const withTopicSettings = (command: Command): Command =>
  withBrokers(command)
    .option('--replication-factor <n>', 'replicas of new topics; -1 uses the cluster default')
    .option('--min-insync-replicas <n>', 'replicas that must have a record before it is acknowledged')
    .option('--words-max-bytes <n>', 'largest batch of `words` in bytes');

export const topicsApply = async (
  { env, readFile }: Pick<Shell, 'env' | 'readFile'>,
  deps: TopicsDeps,
  flags: Flags,
  dryRun: boolean,
): Promise<Answer> => {
  const config = loadTopicsConfig(env, flags, readFile);
  const { partitions, replicationFactor, minInsyncReplicas, wordsMaxBytes } = config;
  const admin = deps.admin(config);
  try {
    const plan = await applyTopics(admin, systemTopics(config), {
      partitions,
      replicationFactor,
      wordsMaxBytes,
      dryRun,
      ...(minInsyncReplicas === undefined ? {} : { minInsyncReplicas }),
    });
    const pending = dryRun && plan.create.length + plan.change.length > 0;
    return {
      text: topicsText(plan, dryRun),
      json: planJson(plan, dryRun),
      code: pending ? CHANGES_PENDING : 0,
    };
  } finally {
    await admin.close();
  }
};

const planJson = (plan: TopicPlan, dryRun: boolean): object => ({
  dryRun,
  created: plan.create.map((t) => ({ name: t.name, partitions: t.partitions, configs: t.configs })),
  changed: plan.change.map(({ name, differences }) => ({ name, differences })),
  unchanged: plan.unchanged,
  warnings: plan.warnings,
});
