import type { Sent } from '../../support/system/load.ts';
import { metricsOf } from '../../support/system/metrics.ts';
import type { Service } from '../../support/system/system.ts';
import { wordOf } from '../../support/system/words.ts';
import { lastAnswer } from '../../support/wait.ts';
import type { Side, Stage } from '../cell.ts';
import { endedId } from '../course.ts';
import { drawn } from '../drawn.ts';
import { carryOut, noticed, over, type Trouble } from '../noticed.ts';
import type { Notes } from './cut-logs.ts';
import { addPartitions, committedOffsets, createTopic, deleteTopic, type Reader } from './operator.ts';
import { encoderOf, writePastTheEdge, type Raw } from './past-the-edge.ts';
import { sendAgain } from './stuck.ts';

/** Partitions of `words` once somebody has added some. */
const GROWN = 15;
const ADDED = 30;
const LOOKED_AT_MS = 8_000;
const TASKS_WITHIN_MS = 60_000;
const CHUNK = 2_000;
/** Keys of words that are only there to fill a log, and that nobody is to judge. */
const FILLS = 'fill-';
export const isFilling = (key: string): boolean => key.startsWith(FILLS);

/** Writes words past the edge. */
const writeWords = async (
  stage: Stage,
  registryUrl: string,
  words: readonly (Sent & { readonly partition: number })[],
): Promise<void> => {
  const encode = await encoderOf(stage, registryUrl);
  const raw = words.map(({ id, key, word, partition }): Raw => ({ id, key, value: encode(word), partition }));
  for (let at = 0; at < raw.length; at += CHUNK) await writePastTheEdge(stage, raw.slice(at, at + CHUNK));
};

const wordsOf = (key: string, counter: number): Sent => ({
  ...{ id: `${key}#${counter}`, key, counter, word: wordOf(key, counter) },
});

const hasTasks = async (p: Service): Promise<boolean> =>
  (await metricsOf(p).catch(() => '')).includes('verdikt_lane_entries{');

/** A system under a new prefix, which goes on with what is copied to it. */
const openNext = async (stage: Stage): Promise<Side> => {
  const next = await stage.open({ names: { topicPrefix: `${stage.system.prefix}new.` } });
  stage.course.add(next.system.topics);
  await next.fleet.addEdge();
  await next.fleet.addProcessor();
  return next;
};

const copy = async (stage: Stage, next: Side, ...args: readonly string[]): Promise<void> => {
  const all = ['copy', '--to-prefix', next.system.prefix, ...args, '--yes'];
  const { code, stdout, stderr } = await stage.system.tool(all);
  const text = stdout + stderr;
  stage.mark('healed', `verdikt ${all.join(' ')}: ${text.trim()}`);
  if (code !== 0) stage.fail(`verdikt ${all.join(' ')} ended with ${code}: ${text.slice(-300)}`);
};

/** Partitions added to `words` while all runs, and used by others; what they wrote there is copied to the system that is answered. */
export const grow = async (stage: Stage, registryUrl: string, notes: Notes): Promise<Side> => {
  const { fleet, system } = stage;
  const { words } = system.topics;
  const from = Date.now();
  await addPartitions(system, words, GROWN);
  const added = Array.from({ length: ADDED }, (_, n) => wordsOf(`grown-${n}`, 0));
  const placed = added.map((w, n) => ({
    ...w,
    partition: system.partitions + (n % (GROWN - system.partitions)),
  }));
  await writeWords(stage, registryUrl, placed);
  stage.mark('fault', `${words} has ${GROWN} partitions, ${ADDED} words are in the new ones`);
  await noticed(stage, () => fleet.processors(), { code: 'TOPIC_CHANGED', topic: words });
  const [old] = fleet.processors();
  await fleet.retire(old);
  const fresh = await fleet.addProcessor({}, { until: () => true });
  const patience = { withinMs: TASKS_WITHIN_MS, everyMs: 300 };
  if (!(await lastAnswer(() => hasTasks(fresh), Boolean, patience)))
    stage.fail('a processor that starts now gets no tasks');
  await stage.pause(LOOKED_AT_MS);
  notes.windows.push({ from, to: Date.now(), but: [] });
  const next = await openNext(stage);
  const places = Array.from({ length: GROWN - system.partitions }, (_, i) => system.partitions + i);
  await copy(stage, next, '--only', places.join(','));
  stage.alsoSent(added);
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
  const words = partitions.flatMap((partition) =>
    Array.from({ length: committed[partition] + 100 }, (_, n) => ({
      ...wordsOf(`${FILLS}${partition}`, n),
      partition,
    })),
  );
  await writeWords(stage, registryUrl, words);
};

/** Sends all that has no end to the edges of another system, in order per key, as clients do who are told to. */
const sendRest = async (stage: Stage, to: Side): Promise<number> => {
  await stage.pause(READERS_BEHIND_MS);
  const ended = new Set(stage.course.seen().map(endedId));
  const rest = new Map<string, Sent[]>();
  for (const s of stage.sentSoFar()) if (!ended.has(s.id)) rest.set(s.key, [...(rest.get(s.key) ?? []), s]);
  const lanes = [...rest.values()];
  const work = async (): Promise<void> => {
    for (let lane = lanes.pop(); lane !== undefined; lane = lanes.pop())
      for (const s of lane) {
        const id = await sendAgain(stage, () => to.fleet.url(), s);
        if (id !== s.id) stage.fail(`${s.id} got the id ${id} when it was sent again`);
      }
  };
  await Promise.all(Array.from({ length: SENDERS }, work));
  return [...rest.values()].reduce((n, lane) => n + lane.length, 0);
};
const READERS_BEHIND_MS = 5_000;
const SENDERS = 16;

/**
 * `words` deleted and created again while nothing runs. What waits in lanes is copied to the next system, what else has no end is
 * sent to it again, and so is all that follows.
 */
export const newWords = async (stage: Stage, registryUrl: string, next: Side): Promise<void> => {
  const { fleet, system, random } = stage;
  const { words } = system.topics;
  const count = fleet.processors().length;
  await Promise.all(fleet.processors().map((p) => fleet.retire(p)));
  // Some are accepted that nobody has read.
  await stage.pause(6_000);
  const goOn = await stage.holdLoad();
  await Promise.all(fleet.edges().map((e) => fleet.retire(e)));
  const committed = await committedOffsets(system);
  await deleteTopic(system, words);
  await createTopic(system, words, []);
  const filled = drawn(random, system.partitions, 2);
  await fillPast(stage, registryUrl, committed, filled);
  stage.mark('fault', `${words} was deleted and created again`);
  for (let i = 0; i < count; i++) await fleet.addProcessor({}, { until: () => true });
  for (const task of [...filled, (filled[0] + 1) % system.partitions])
    await noticed(stage, () => fleet.processors(), { code: 'TOPIC_CHANGED', task });
  await Promise.all(fleet.processors().map((p) => fleet.retire(p)));
  for (let i = 1; i < count; i++) await next.fleet.addProcessor();
  await copy(stage, next);
  const sent = await sendRest(stage, next);
  stage.mark('healed', `${sent} words without an end were sent again to ${next.system.topics.words}`);
  if (sent === 0) stage.fail('every word had an end: the fault did nothing');
  goOn(() => next.fleet.url());
  await stage.pause(6_000);
};
