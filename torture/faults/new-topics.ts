import { setTimeout as wait } from 'node:timers/promises';
import { partitionOf } from '@verdikt/core/murmur2.ts';
import type { Sent } from '../../scenarios/support/load.ts';
import { metricsOf } from '../../scenarios/support/metrics.ts';
import type { Service } from '../../scenarios/support/system.ts';
import { wordOf } from '../../scenarios/support/words.ts';
import type { Side, Stage } from '../cell.ts';
import { drawn } from '../drawn.ts';
import { carryOut, noticed, over, type Trouble } from '../noticed.ts';
import type { Notes } from './cut-logs.ts';
import { addPartitions, committedOffsets, createTopic, deleteTopic, type Reader } from './operator.ts';
import { encoderOf, writePastTheEdge, type Raw } from './past-the-edge.ts';

/** Partitions of `words` once somebody has added some, and of the prefix that takes them over. */
export const GROWN = 15;
const ADDED = 30;
const LOOKED_AT_MS = 8_000;
const TASKS_WITHIN_MS = 60_000;
const CHUNK = 2_000;
const UNREACHABLE = 'http://127.0.0.1:9';

/** Writes words past the edge, and tells that they must end as all others. */
const writeWords = async (
  stage: Stage,
  registryUrl: string,
  words: readonly { key: string; counter: number; partition: number }[],
): Promise<void> => {
  const encode = await encoderOf(stage, registryUrl);
  const sent = words.map(({ key, counter }): Sent => ({
    id: `${key}#${counter}`,
    key,
    counter,
    word: wordOf(key, counter),
  }));
  const raw = sent.map(({ id, key, word }, i): Raw => {
    const { partition } = words[i];
    return { id, key, value: encode(word), partition };
  });
  for (let at = 0; at < raw.length; at += CHUNK) await writePastTheEdge(stage, raw.slice(at, at + CHUNK));
  stage.alsoSent(sent);
};

const hasTasks = async (p: Service): Promise<boolean> =>
  (await metricsOf(p).catch(() => '')).includes('verdikt_lane_entries{');

const copy = async (stage: Stage, to: Side, more: readonly string[]): Promise<void> => {
  const args = ['copy', '--to-prefix', to.system.prefix, ...more, '--yes'];
  const { code, text } = await stage.system.tool(args);
  stage.mark('healed', `verdikt ${args.join(' ')}: ${text.trim().split('\n').at(-1) ?? ''}`);
  if (code !== 0) stage.fail(`verdikt ${args.join(' ')} ended with ${code}: ${text.slice(-300)}`);
};

/** Partitions added to `words` while all runs, and used by others; a second system under a new prefix takes them over. */
export const grow = async (stage: Stage, registryUrl: string, notes: Notes): Promise<Side> => {
  const { fleet, system } = stage;
  const { words } = system.topics;
  const from = Date.now();
  await addPartitions(system, words, GROWN);
  const added = Array.from({ length: ADDED }, (_, n) => ({
    ...{ key: `grown-${n}`, counter: 0 },
    partition: system.partitions + (n % (GROWN - system.partitions)),
  }));
  await writeWords(stage, registryUrl, added);
  stage.mark('fault', `${words} has ${GROWN} partitions, ${ADDED} words are in the new ones`);
  const trouble: Trouble = { code: 'TOPIC_CHANGED', topic: words };
  const line = await noticed(stage, () => fleet.processors(), trouble);
  if (line?.includes('copy') === false) stage.fail(`no remedy is named: ${line}`);
  const [old] = fleet.processors();
  await fleet.retire(old);
  const fresh = await fleet.addProcessor({}, { unready: true });
  const until = Date.now() + TASKS_WITHIN_MS;
  while (!(await hasTasks(fresh)) && Date.now() < until) await wait(300);
  if (!(await hasTasks(fresh))) stage.fail('a processor that starts now gets no tasks');
  await stage.pause(LOOKED_AT_MS);
  notes.windows.push({ from, to: Date.now(), but: [] });
  const next = await stage.open({ names: { topicPrefix: `${system.prefix}new.` }, partitions: GROWN });
  const partitions = Array.from({ length: GROWN - system.partitions }, (_, i) => system.partitions + i);
  await copy(stage, next, ['--partitions', partitions.join(',')]);
  await next.fleet.addProcessor();
  stage.course.add(next.system.topics);
  return next;
};

/** A word may be decided so long after it was sent, at most. */
const RECENT_MS = 60_000;

/** What was decided shortly before the results were deleted, and may have been seen by no reader. */
const unseenVerdicts = async (stage: Stage, reader: Reader, at: number): Promise<string[]> => {
  const committed = await committedOffsets(stage.system);
  const ids = await Promise.all(
    committed.map(async (next, task) => {
      const { live } = await reader.outstanding(task);
      const recent = await reader.words(task, 0, at - RECENT_MS);
      return [...recent].filter(([offset]) => offset < next && !live.has(offset)).map(([, id]) => id);
    }),
  );
  return ids.flat();
};

/** The results deleted and created again while all runs. */
export const newResults = async (stage: Stage, reader: Reader): Promise<void> => {
  const { fleet, system } = stage;
  const { results } = system.topics;
  const replace = await stage.course.replacing(0);
  const at = Date.now();
  await deleteTopic(system, results);
  await replace();
  await createTopic(system, results, ['message.timestamp.type=LogAppendTime', 'max.message.bytes=1114124']);
  stage.mark('fault', `${results} was deleted and created again`);
  const processors = (): readonly Service[] => fleet.processors();
  const troubles = Array.from({ length: system.partitions }, (_, task): Trouble => ({
    code: 'TOPIC_CHANGED',
    task,
  }));
  const lines = await Promise.all(troubles.map((t) => noticed(stage, processors, t)));
  stage.maybeLost(await unseenVerdicts(stage, reader, at));
  for (const [task, line] of lines.entries())
    if (line !== undefined) await carryOut(stage, system, line, task);
  await Promise.all(
    troubles.map((t, task) => (lines[task] === undefined ? undefined : over(stage, processors, t))),
  );
};

/** Fills partitions past what was committed there before, so that offsets alone do not tell that the topic is another one. */
const fillPast = async (
  stage: Stage,
  registryUrl: string,
  committed: readonly number[],
  partitions: readonly number[],
): Promise<void> => {
  const words = partitions.flatMap((partition) => {
    const keys = Array.from({ length: 400 }, (_, n) => `fill-${n}`).filter(
      (key) => partitionOf(Buffer.from(key), stage.system.partitions) === partition,
    );
    const counters = Math.ceil((committed[partition] + 100) / keys.length);
    return Array.from({ length: counters }, (_, counter) => counter).flatMap((counter) =>
      keys.map((key) => ({ key, counter, partition })),
    );
  });
  await writeWords(stage, registryUrl, words);
};

/** `words` deleted and created again while nothing runs; all that is undecided goes to the new prefix, and so does the load. */
export const newWords = async (
  stage: Stage,
  registryUrl: string,
  reader: Reader,
  next: Side,
): Promise<void> => {
  const { fleet, system, random } = stage;
  const { words } = system.topics;
  const count = fleet.processors().length;
  await Promise.all(fleet.processors().map((p) => fleet.retire(p)));
  // Some are accepted that nobody has read.
  await stage.pause(6_000);
  stage.sendTo(() => UNREACHABLE);
  await Promise.all(fleet.edges().map((e) => fleet.retire(e)));
  const committed = await committedOffsets(system);
  const unread = await Promise.all(committed.map((from, p) => reader.words(p, from)));
  const lost = unread.flatMap((ids) => [...ids.values()]);
  stage.maybeLost(lost);
  if (lost.length === 0) stage.fail('nothing was unread when the topic was deleted: the fault did nothing');
  await deleteTopic(system, words);
  await createTopic(system, words, []);
  const filled = drawn(random, system.partitions, 2);
  await fillPast(stage, registryUrl, committed, filled);
  stage.mark('fault', `${words} was deleted and created again, ${lost.length} unread words are lost`);
  for (let i = 0; i < count; i++) await fleet.addProcessor({}, { unready: true });
  for (const task of [...filled, (filled[0] + 1) % system.partitions])
    await noticed(stage, () => fleet.processors(), { code: 'TOPIC_CHANGED', task });
  await Promise.all(fleet.processors().map((p) => fleet.retire(p)));
  await copy(stage, next, []);
  await next.fleet.addEdge();
  for (let i = 1; i < count; i++) await next.fleet.addProcessor();
  stage.sendTo(() => next.fleet.url());
  await stage.pause(6_000);
};
