import { ServiceError } from '@verdikt/core/errors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { TopicAdmin, TopicSpec, TopicState } from '@verdikt/core/ports/topics.ts';
import { wantedTopics, type TopicOptions } from './wanted.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';
import { count } from '@verdikt/operate/text/count.ts';

interface Difference {
  readonly key: string;
  /** Undefined when the cluster does not know the setting. */
  readonly from: string | undefined;
  readonly to: string;
}

interface TopicChange {
  readonly name: string;
  readonly differences: readonly Difference[];
  /** The whole new set of topic-level settings. */
  readonly overrides: Readonly<Record<string, string>>;
}

export interface TopicPlan {
  readonly create: readonly TopicSpec[];
  readonly change: readonly TopicChange[];
  readonly unchanged: readonly string[];
  /** Differences that stay as they are, in words. */
  readonly warnings: readonly string[];
  /** Partition counts that make applying impossible, in words. */
  readonly problems: readonly string[];
}

/** What to do so that the cluster has what we want. */
export function planTopics(wanted: readonly TopicSpec[], existing: readonly TopicState[]): TopicPlan {
  const states = new Map(existing.map((state) => [state.name, state]));
  const plan = {
    create: [] as TopicSpec[],
    change: [] as TopicChange[],
    unchanged: [] as string[],
    warnings: [] as string[],
    problems: [] as string[],
  };
  for (const spec of wanted) {
    const state = states.get(spec.name);
    if (state === undefined) {
      plan.create.push(spec);
      continue;
    }
    plan.problems.push(...partitionProblems(spec, state));
    if (spec.replicationFactor > 0 && spec.replicationFactor !== state.replicationFactor) {
      const has = `${spec.name} has replication factor ${state.replicationFactor}, wanted ${spec.replicationFactor}`;
      plan.warnings.push(`${has}; change it with a partition reassignment.`);
    }
    const differences = Object.entries(spec.configs)
      .filter(([key, to]) => state.configs[key] !== to)
      .map(([key, to]) => ({ key, from: state.configs[key], to }));
    if (differences.length === 0) plan.unchanged.push(spec.name);
    else {
      const overrides = { ...state.overrides, ...Object.fromEntries(differences.map((d) => [d.key, d.to])) };
      plan.change.push({ name: spec.name, differences, overrides });
    }
  }
  return plan;
}

function partitionProblems(spec: TopicSpec, state: TopicState): string[] {
  if (spec.partitions === state.partitions) return [];
  return [`${spec.name} has ${count(state.partitions, 'partition')}, wanted ${spec.partitions}`];
}

interface ApplyOptions extends TopicOptions {
  /** Only say what would be done. Default false. */
  readonly dryRun?: boolean;
}

/**
 * Creates what is missing and changes settings that differ; run again, it changes nothing. All problems are found before
 * anything is touched. Rejects TOPIC_INVALID for another partition count or what the cluster refuses, ACCESS_DENIED,
 * BROKER_UNAVAILABLE.
 */
export async function applyTopics(
  admin: TopicAdmin,
  names: TopicNames,
  { dryRun = false, ...options }: ApplyOptions = {},
): Promise<TopicPlan> {
  const wanted = wantedTopics(names, options);
  const all = wanted.map((spec) => spec.name);
  const plan = planTopics(wanted, await admin.describe(all));
  refuse(plan.problems);
  if (dryRun) return plan;
  if (plan.create.length > 0) {
    await admin.create(plan.create);
    // Somebody else may have created one of them meanwhile, with another count.
    refuse(planTopics(wanted, await admin.describe(all)).problems);
  }
  for (const change of plan.change) await admin.replaceOverrides(change.name, change.overrides);
  return plan;
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const why =
    'The count is fixed for the life of a prefix, since keys and tasks depend on it: ask for the count that the topics have, ' +
    'or take a new prefix.';
  throw new ServiceError('TOPIC_INVALID', `${problems.join('; ')}. ${why}`, { problems });
}

/** One line per topic and warning, for people. */
export function topicsText(plan: TopicPlan, dryRun: boolean): string {
  const verb = (done: string, would: string): string => (dryRun ? `would ${would}` : done);
  return [
    ...plan.create.map((t) => `${verb('created', 'create')} ${t.name} (${count(t.partitions, 'partition')})`),
    ...plan.change.map(
      (t) => `${verb('changed', 'change')} ${t.name}: ${t.differences.map(differenceText).join(', ')}`,
    ),
    ...plan.unchanged.map((name) => `as wanted ${name}`),
    ...plan.warnings.map((warning) => `warning: ${warning}`),
  ]
    .map(oneLine)
    .join('\n');
}

const differenceText = ({ key, from = '(none)', to }: Difference): string => `${key} ${from} → ${to}`;
