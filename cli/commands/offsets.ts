import { at } from '@verdikt/core/at.ts';
import { Option, type Command } from 'commander';
import type { OffsetMetadata } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { systemTopics, type TopicNames } from '@verdikt/core/record/topics.ts';
import {
  offsetFor,
  setOffset,
  toldOf,
  type OffsetFacts,
  type OffsetTarget,
} from '@verdikt/engine/restore/set-offset.ts';
import type { Flags } from '../shell/config.ts';
import type { OffsetsCluster } from '@verdikt/operate/offsets/cluster.ts';
import { lookAtTask, type LookOptions } from '@verdikt/operate/offsets/look.ts';
import { loadReaderConfig, type ReaderConfig } from '../shell/reader-config.ts';
import { addCommand, withBrokers, type Answer, type Shell } from '../shell/shell.ts';
import { invalid } from '@verdikt/operate/dlq/invalid.ts';
import { wholeNumber } from './dlq-options.ts';
import { count } from '@verdikt/operate/text/count.ts';

export interface OffsetsDeps extends Pick<LookOptions, 'wait' | 'late'> {
  readonly cluster: (config: ReaderConfig) => OffsetsCluster;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Opened {
  readonly cluster: OffsetsCluster;
  readonly topics: TopicNames;
  readonly system: string;
  readonly partitions: number;
  /** Of `words` itself. */
  readonly all: number;
}

export const addOffsets = (program: Command, shell: Shell, deps: OffsetsDeps): void => {
  const offsets = program.command('offsets').description('Show or set the committed offsets of the tasks.');
  withBrokers(addCommand(offsets, 'show', 'Compare each committed offset with what the outputs say.')).action(
    async ({ json = false, ...flags }: Flags & { json?: boolean }) => {
      await shell.report(json, () => withOffsets(shell, deps, flags, (o) => show(o, deps)));
    },
  );
  const about =
    'Set where a task resumes, and accept its logs as they are; missing records are lost. Safe while processors run.';
  withBrokers(addCommand(offsets, 'set', about))
    .requiredOption('--partition <n>', 'the task, by its partition')
    .addOption(
      new Option('--to <where>', 'an offset, `start`, `end`, or `right`: where this system left off').default(
        'right',
      ),
    )
    .option('--dry-run', 'only show what would be set')
    .action(async ({ json = false, ...flags }: Flags & { json?: boolean }) => {
      await shell.report(json, () => runSet(shell, deps, flags));
    });
};

const withOffsets = async (
  shell: Shell,
  deps: OffsetsDeps,
  settings: Flags,
  f: (o: Opened) => Promise<Answer>,
): Promise<Answer> => {
  const config = loadReaderConfig(shell.env, settings, shell.readFile);
  const topics = systemTopics(config);
  const cluster = deps.cluster(config);
  try {
    const names = [topics.words, topics.results, topics.retry, topics.deadLetters, topics.control];
    const counts = await Promise.all(names.map((t) => cluster.partitionsOf(t)));
    // Partitions that were added to a topic are not part of the system.
    const partitions = Math.min(...counts);
    return await f({
      cluster,
      topics,
      system: systemId(topics.words, config.group),
      partitions,
      all: at(counts, 0),
    });
  } finally {
    await cluster.close();
  }
};

const factsOf = async ({ cluster, topics, system }: Opened, task: number): Promise<OffsetFacts> => {
  const [offset, told, words] = await Promise.all([
    cluster.offset(system, topics.words, task),
    toldOf(cluster.logs, topics, system, task),
    cluster.logs.bounds(topics.words, task),
  ]);
  return { ...offset, told, words };
};

const BY: Readonly<Record<OffsetMetadata['kind'], string>> = {
  commit: 'a processor',
  accepted: 'an operator',
  foreign: 'somebody else',
};

const jsonOf = ({ committed, metadata, told, words }: OffsetFacts): object => ({
  committed: committed === null ? null : Number(committed),
  setBy: committed === null ? null : metadata.kind,
  outputs: told ?? null,
  ...words,
});

const show = async (opened: Opened, { wait, late }: OffsetsDeps): Promise<Answer> => {
  const { cluster, topics, system, partitions } = opened;
  const o = { topics, system, partitions, lanes: true, wait, late };
  const tasks: object[] = [];
  const lines: string[] = [];
  let bad = 0;
  for (let task = 0; task < partitions; task++) {
    const { error, entries } = await lookAtTask(cluster, o, task);
    const facts = await factsOf(opened, task);
    if (error !== undefined) bad++;
    const code = error?.code ?? null;
    tasks.push({
      task,
      ...jsonOf(facts),
      lanes: entries?.length ?? null,
      code,
      complaint: error?.message ?? null,
    });
    const { committed, metadata, told, words } = facts;
    const set = committed === null ? 'none' : `${committed} (${BY[metadata.kind]})`;
    const says = told === undefined ? 'nothing' : String(told);
    const lanes = entries === undefined ? '' : `, ${entries.length} in lanes`;
    const wrong = error === undefined ? '' : `\n  ${error.code}: ${oneLine(error.message)}`;
    lines.push(
      `${topics.words}-${task}: committed ${set}, outputs say ${says}, log ${words.start} to ${words.end}${lanes}${wrong}`,
    );
  }
  const added = Array.from({ length: opened.all - partitions }, (_, i) => partitions + i);
  for (const p of added)
    lines.push(`${topics.words}-${p}: added, nobody reads it\n  TOPIC_CHANGED: ${ADDED_REMEDY}`);
  return {
    text: lines.join('\n'),
    json: { group: system, tasks, added },
    code: bad > 0 || added.length > 0 ? 1 : 0,
  };
};

const ADDED_REMEDY =
  'partitions cannot be removed; `verdikt copy --to-prefix NEW` takes what is not checked yet to a new topic prefix';

/** What that means for records, as far as it is known where the system left off. */
const moved = ({ committed, metadata, told, words }: OffsetFacts, to: number): string => {
  const ours = metadata.kind === 'foreign' || committed === null ? undefined : Number(committed);
  const left = metadata.kind === 'accepted' ? ours : told === undefined ? ours : Math.max(told, ours ?? 0);
  if (left === undefined) return '';
  if (to < left)
    return `: ${count(left - to, 'record is', 'records are')} read again; duplicates within the dedup window are dropped`;
  const skipped = to - Math.max(left, words.start);
  const gone = Math.max(0, Math.min(words.start, to) - left);
  return [
    ...(gone > 0 ? [`: ${count(gone, 'record is', 'records are')} gone, unread`] : []),
    ...(skipped > 0 ? [`: ${count(skipped, 'record is', 'records are')} skipped`] : []),
  ].join('');
};

const targetOf = (text: string): OffsetTarget => {
  if (text === 'right' || text === 'start' || text === 'end') return text;
  const to = wholeNumber(text, 'to');
  if (to === undefined) throw invalid('to', 'it is empty', 'write an offset, `start`, `end` or `right`');
  return to;
};

/** A processor that takes its task back at the same moment is faster once, not forever. */
const TRIES = 5;

const runSet = async (shell: Shell, deps: OffsetsDeps, flags: Flags): Promise<Answer> => {
  const { dryRun = false, ...texts } = flags as Flags & { dryRun?: boolean };
  const { partition, to: where = 'right', ...settings } = texts as Flags;
  const task = wholeNumber(partition, 'partition') ?? 0;
  const target = targetOf(where);
  return withOffsets(shell, deps, settings, async (opened) => {
    const { cluster, topics, system, partitions } = opened;
    if (task >= partitions)
      throw invalid('partition', `there is no task ${task}`, `name one below ${partitions}`);
    const name = `${topics.words}-${task}`;
    if (dryRun) {
      const facts = await factsOf(opened, task);
      const to = offsetFor(target, facts);
      const text = `would set ${name} to ${to}${moved(facts, to)}`;
      return { text, json: { dryRun, task, to, before: jsonOf(facts) } };
    }
    const d = { logs: cluster.logs, transactions: cluster.transactions, ...{ topics, system, partitions } };
    for (let i = 1; ; i++) {
      try {
        const { before, to } = await setOffset({ ...d, now: deps.now }, task, target);
        const was = before.committed === null ? 'none' : String(before.committed);
        const text = `set ${name} from ${was} to ${to}${moved(before, to)}`;
        return { text, json: { task, to, before: jsonOf(before) } };
      } catch (e) {
        if (!(e instanceof ServiceError) || e.code !== 'PRODUCER_FENCED' || i === TRIES) throw e;
      }
    }
  });
};
