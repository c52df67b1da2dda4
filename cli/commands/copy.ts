import { at } from '@verdikt/core/at.ts';
import type { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { systemTopics, topicNames, type TopicNames } from '@verdikt/core/record/topics.ts';
import type { Flags } from '../shell/config.ts';
import { confirm, type Question } from '../shell/confirm.ts';
import { answerOf, plannedText } from '../copy/answer.ts';
import { look, type Source, type Undecided } from '../copy/look.ts';
import type { Words } from '../copy/record.ts';
import { copiedBefore, copyAll, type Copying } from '../copy/run.ts';
import type { Appender, Pace } from '@verdikt/operate/dlq/ports.ts';
import { loadReaderConfig, type ReaderConfig } from '../shell/reader-config.ts';
import { addCommand, withBrokers, type Answer, type Shell } from '../shell/shell.ts';
import { invalid } from '@verdikt/operate/dlq/invalid.ts';
import { listOf, wholeNumber } from './dlq-options.ts';
import type { OffsetsCluster } from '@verdikt/operate/offsets/cluster.ts';
import { count } from '@verdikt/operate/text/count.ts';

interface CopyCluster extends OffsetsCluster {
  appender(topic: string): Promise<Appender>;
  /** How many members a group has. */
  members(group: string): Promise<number>;
}

export interface CopyDeps {
  readonly cluster: (config: ReaderConfig) => CopyCluster;
  readonly pace: Pace;
  readonly ask: Question;
  /** Undefined where nobody watches standard error. */
  readonly progress: ((line: string) => void) | undefined;
}

type CopyFlags = Flags & { readonly json?: boolean; readonly dryRun?: boolean; readonly yes?: boolean };

export const addCopy = (program: Command, shell: Shell, deps: CopyDeps): void => {
  const about =
    'Copy all undecided records into the `words` topic of another prefix, in order per key. Safe to repeat: each record is copied once.';
  withBrokers(addCommand(program, 'copy', about))
    .requiredOption('--to-prefix <text>', 'prefix of the new system; its topics must exist')
    .option('--to-group <name>', 'group of the new system; default: the same')
    .option('--only <list>', 'only these partitions of `words`; default: all, added ones included')
    .option('--dry-run', 'only show what would be copied')
    .option('--yes', 'do not ask; needed where there is no terminal')
    .action(async ({ json = false, ...flags }: CopyFlags) => {
      await shell.report(json, () => runCopy(shell, deps, flags));
    });
};

const runCopy = async (shell: Shell, deps: CopyDeps, flags: CopyFlags): Promise<Answer> => {
  const { dryRun = false, yes = false, ...texts } = flags;
  const { toPrefix = '', toGroup, only, ...settings } = texts as Flags;
  const config = loadReaderConfig(shell.env, settings, shell.readFile);
  const topics = systemTopics(config);
  const cluster = deps.cluster(config);
  try {
    const to = topicNames(toPrefix, toGroup ?? config.group);
    if (to.words === topics.words)
      throw invalid('toPrefix', `${to.words} is what would be copied`, 'name another prefix');
    const target = await partitionsOfTarget(cluster, to, toPrefix, toGroup ?? config.group);
    const words = at(await cluster.logs.describe([topics.words]), 0);
    const source: Source = { topics, group: config.group, partitions: await partitionsOf(cluster, config) };
    const chosen = chosenOf(only, words.partitions);
    const group = systemId(topics.words, config.group);
    const system: Words = { name: topics.words, id: words.id ?? '' };
    const lookAll = (fence: boolean): Promise<Undecided[]> =>
      eachOf(chosen, (p) => look(cluster, source, words.id, p, fence));
    const planned = await lookAll(false);
    const plan = { source, group, target: to.words, targetPartitions: target, undecided: planned };
    if (dryRun) return { text: plannedText(plan), json: answerOf(plan, undefined, [], toPrefix).json };
    const owned = chosen.some((p) => p < source.partitions);
    if (owned) await refuseActive(cluster, group);
    await confirm({
      ...{ plan: plannedText(plan), question: 'Copy?', yes, strict: true, ask: deps.ask, show: shell.err },
    });
    const undecided = await lookAll(true);
    const sink = await cluster.appender(to.words);
    try {
      const copying: Copying = {
        ...{ logs: cluster.logs, sink, pace: deps.pace, source, words: system },
        ...{ target: to.words, targetPartitions: target },
        progress: (p, at, end) => deps.progress?.(`${topics.words}-${p} ${at} of ${end}`),
      };
      const counts = await copyAll(copying, undecided, await copiedBefore(copying));
      const changed = await changedSince(cluster, source, group, undecided, owned);
      return answerOf({ ...plan, undecided }, counts, changed, toPrefix);
    } finally {
      await sink.stop();
    }
  } finally {
    deps.progress?.('');
    await cluster.close();
  }
};

const eachOf = async <T>(chosen: readonly number[], f: (p: number) => Promise<T>): Promise<T[]> => {
  const all: T[] = [];
  for (const p of chosen) all.push(await f(p));
  return all;
};

const chosenOf = (only: string | undefined, partitions: number): number[] =>
  listOf(only)?.map((text) => {
    const p = wholeNumber(text, 'only') ?? 0;
    if (p < partitions) return p;
    throw invalid('only', `there is no partition ${p}`, `name some below ${partitions}`);
  }) ?? Array.from({ length: partitions }, (_, p) => p);

/** Of the system: what its commits say, else what all its topics have. */
const partitionsOf = async (cluster: CopyCluster, config: ReaderConfig): Promise<number> => {
  const topics = systemTopics(config);
  const group = systemId(topics.words, config.group);
  const counts = await Promise.all(Object.values(topics).map((t: string) => cluster.partitionsOf(t)));
  const least = Math.min(...counts);
  for (let p = 0; p < least; p++) {
    const { metadata } = await cluster.offset(group, topics.words, p);
    if (metadata.kind !== 'foreign' && metadata.note !== undefined)
      return Math.min(least, metadata.note.partitions);
  }
  return least;
};

/** Rejects TOPIC_INVALID with the command that creates them unless all topics of the target are there and alike. */
const partitionsOfTarget = async (
  cluster: CopyCluster,
  to: TopicNames,
  prefix: string,
  group: string,
): Promise<number> => {
  const remedy = `VERDIKT_TOPIC_PREFIX=${prefix} VERDIKT_GROUP=${group} VERDIKT_PARTITIONS=N npm run verdikt -- init`;
  const counts: number[] = [];
  for (const topic of Object.values(to) as string[])
    counts.push(
      await cluster.partitionsOf(topic).catch((e: unknown) => {
        if (!(e instanceof ServiceError) || e.code !== 'TOPIC_INVALID') throw e;
        throw new ServiceError('TOPIC_INVALID', `${topic} does not exist. Remedy: \`${remedy}\`.`, { topic });
      }),
    );
  const [first, ...others] = counts;
  if (first !== undefined && others.every((n) => n === first)) return first;
  throw new ServiceError(
    'TOPIC_INVALID',
    `The topics of ${to.words} have different numbers of partitions. Remedy: choose another prefix, and \`${remedy}\`.`,
    { topic: to.words, counts },
  );
};

const refuseActive = async (cluster: CopyCluster, group: string): Promise<void> => {
  const members = await cluster.members(group);
  if (members > 0)
    throw new ServiceError(
      'INPUT_INVALID',
      `${count(members, 'processor', 'processors')} of ${group} ${members === 1 ? 'is' : 'are'} running and would check the same words. Remedy: stop them and the edges, or give --only with added partitions.`,
      { group, members },
    );
};

/** What happened to the source meanwhile: each is a reason to look again. */
const changedSince = async (
  cluster: CopyCluster,
  { topics, partitions }: Source,
  group: string,
  undecided: readonly Undecided[],
  owned: boolean,
): Promise<string[]> => {
  const changed: string[] = [];
  if (owned && (await cluster.members(group)) > 0)
    changed.push(`processors of ${group} were started meanwhile: stop them, they check the same words`);
  for (const u of undecided) {
    const { end } = await cluster.logs.bounds(topics.words, u.partition);
    const name = `${topics.words}-${u.partition}`;
    if (end > u.words.end)
      changed.push(`${name}: ${end - u.words.end} written meanwhile: stop the edges, run this again`);
    if (u.partition >= partitions || u.former !== undefined) continue;
    const { committed } = await cluster.offset(group, topics.words, u.partition);
    if (committed !== null && committed !== u.committed)
      changed.push(`${name}: the committed offset is ${committed} now: a processor worked on it meanwhile`);
  }
  return changed;
};
