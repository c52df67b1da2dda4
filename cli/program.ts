import { Command } from 'commander';
import type { Env, ReadFile } from '@verdikt/core/config.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { registryOptions } from '@verdikt/core/kafka-config.ts';
import { topicNames } from '@verdikt/core/topics.ts';
import type { registerSchemas } from '@verdikt/schemas/register.ts';
import { loadSchemasConfig, loadTopicsConfig, type Flags, type TopicsConfig } from './config.ts';
import type { TopicAdmin } from './ports.ts';
import { applyTopics, topicsText, type TopicPlan } from './topics.ts';

export interface ProgramDeps {
  readonly env: Env;
  readonly readFile: ReadFile;
  /** Standard output; the text ends with a newline. */
  readonly out: (text: string) => void;
  /** Standard error. */
  readonly err: (text: string) => void;
  readonly admin: (config: TopicsConfig) => TopicAdmin;
  readonly register: typeof registerSchemas;
}

/** Runs one command; resolves with the exit code: 0 done, 1 failed, 2 wrong usage. `args` without node and script. */
export async function run(args: readonly string[], deps: ProgramDeps): Promise<number> {
  let code = 0;
  const program = new Command('verdikt')
    .description(
      'Tools for the topics and schemas of verdikt. Settings come from VERDIKT_* variables or from options.',
    )
    .exitOverride()
    .configureOutput({ writeOut: deps.out, writeErr: deps.err });

  const command = (parent: Command, name: string, description: string): Command =>
    parent
      .command(name)
      .description(description)
      .option('--topic-prefix <text>', 'put before every topic name')
      .option('--json', 'print one JSON document, also on failure');

  command(
    program.command('topics').description('Topics of one prefix and group.'),
    'apply',
    'Create what is missing, change settings that differ. Safe to repeat.',
  )
    .option('--brokers <list>', 'host:port, comma-separated (or KAFKA_BROKERS)')
    .option('--group <name>', 'consumer group of the processors')
    .option('--partitions <n>', 'partitions of every topic')
    .option('--replication-factor <n>', 'replicas of new topics, -1 = default of the cluster')
    .option('--min-insync-replicas <n>', 'replicas that must have a record before it counts as written')
    .option('--words-max-bytes <n>', 'largest batch of words')
    .option('--dry-run', 'only say what would be done')
    .action(async ({ json = false, dryRun = false, ...flags }: Switches) => {
      code = await report(deps, json, () => topicsApply(deps, flags, dryRun));
    });

  command(
    program.command('schemas').description('Schemas of words and results.'),
    'register',
    'Register our schemas with their compatibility. Safe to repeat.',
  )
    .option('--schema-registry-url <url>', 'with its base path (or SCHEMA_REGISTRY_URL)')
    .action(async ({ json = false, ...flags }: Switches) => {
      code = await report(deps, json, () => schemasRegister(deps, flags));
    });

  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (e) {
    // Commander has printed it; asking for help is no mistake.
    const { exitCode } = e as { exitCode?: number };
    if (exitCode === undefined) throw e;
    return exitCode === 0 ? 0 : 2;
  }
}

type Switches = { json?: boolean; dryRun?: boolean } & Flags;

interface Answer {
  readonly text: string;
  readonly json: object;
}

async function topicsApply(deps: ProgramDeps, flags: Flags, dryRun: boolean): Promise<Answer> {
  const config = loadTopicsConfig(deps.env, flags, deps.readFile);
  const { partitions, replicationFactor, minInsyncReplicas, wordsMaxBytes } = config;
  const admin = deps.admin(config);
  try {
    const plan = await applyTopics(admin, topicNames(config.topicPrefix, config.group), {
      partitions,
      replicationFactor,
      wordsMaxBytes,
      dryRun,
      ...(minInsyncReplicas === undefined ? {} : { minInsyncReplicas }),
    });
    return { text: topicsText(plan, dryRun), json: planJson(plan, dryRun) };
  } finally {
    await admin.close();
  }
}

const planJson = (plan: TopicPlan, dryRun: boolean): object => ({
  dryRun,
  created: plan.create.map((t) => ({ name: t.name, partitions: t.partitions, configs: t.configs })),
  changed: plan.change.map(({ name, differences }) => ({ name, differences })),
  unchanged: plan.unchanged,
  warnings: plan.warnings,
});

async function schemasRegister(deps: ProgramDeps, flags: Flags): Promise<Answer> {
  const config = loadSchemasConfig(deps.env, flags, deps.readFile);
  const subjects = await deps.register(registryOptions(config), topicNames(config.topicPrefix, config.group));
  const lines = subjects.map((s) => `registered ${s.subject}: schema id ${s.id}, ${s.compatibility}`);
  return { text: lines.join('\n'), json: { subjects } };
}

async function report(deps: ProgramDeps, json: boolean, f: () => Promise<Answer>): Promise<number> {
  try {
    const answer = await f();
    deps.out(`${json ? JSON.stringify(answer.json) : answer.text}\n`);
    return 0;
  } catch (e) {
    // Anything else is a defect of ours: let it end the process with its stack.
    if (!(e instanceof ServiceError)) throw e;
    if (json)
      deps.out(`${JSON.stringify({ error: { code: e.code, message: e.message, details: e.details } })}\n`);
    else deps.err(`verdikt: ${e.message} [${e.code}]\n`);
    return 1;
  }
}
