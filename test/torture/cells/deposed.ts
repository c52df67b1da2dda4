import { isServiceError } from '@verdikt/core/errors.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { Cell, Stage } from '../cell.ts';
import { groupCoordinator, leadersOf } from '../faults/brokers.ts';
import { openReader } from '../faults/operator.ts';
import { createQuorum, NODES, type Quorum } from '../faults/quorum.ts';
import { fillLanes, stuckFail } from '../faults/stuck.ts';
import { lastAnswer } from '../../support/wait.ts';

/** API keys of what a new owner reads by. */
const READS = new Map([
  [1, 'Fetch'],
  [2, 'ListOffsets'],
  [3, 'Metadata'],
]);
const LATE = 'late';
/** Owners that write to the deposed leader first wait for its answers: half a minute. */
const BEHIND_WITHIN_MS = 90_000;
const MIN_BEHIND = 5;
/** On a busy machine brokers may lose their leaderships while they start. */
const LEADS_WITHIN_MS = 60_000;
/** Session time-out, and what a busy machine adds. */
const ANSWERED_WITHIN_MS = 60_000;
const ACTS_MS = 8_000;
/** More than are tried until enough of them lie in one partition. */
const KEYS_A_ROUND = 10_000;
/** Until the broker has caught up. */
const QUIET_MS = 15_000;

/** Answers of deposed leaders to processors that started meanwhile, by kind. */
const answers = new Map<string, number>();
/** Records of retry partitions that deposed leaders did not have when a new owner asked them. */
let behind = 0;

/** Ends of the retry partitions as one client finds them that is opened for it: it may be told of any leader. */
const endsBy = async (stage: Stage, brokers: readonly string[], clientId: string): Promise<number[]> => {
  const { topics, partitions } = stage.system;
  const kafka = createKafka({ brokers: [...brokers], clientId });
  try {
    const logs = kafka.logs();
    const bounds = Array.from({ length: partitions }, (_, p) => logs.bounds(topics.retry, p));
    return (await Promise.all(bounds)).map((b) => b.end);
  } finally {
    await kafka.close();
  }
};

/** While leaders are chosen there may be nobody to say. */
const electing = (error: unknown): undefined => {
  if (isServiceError(error)) return undefined;
  throw error;
};

/** Those that know what a broker lacks: one that is cut off would answer for itself. */
const brokersBut = ({ kafka }: Stage, node: number): string[] =>
  kafka.brokers.filter((_, i) => i + 1 !== node);

/**
 * Tasks whose retry partition the broker leads, if possible such whose words another one leads: they go on at once without it. Topics
 * may happen to be laid out alike; then they go on once it was asked again who leads.
 */
const tasksLedBy = (node: number, retry: readonly number[], words: readonly number[]): number[] => {
  const led = retry.flatMap((id, task) => (id === node ? [task] : []));
  const apart = led.filter((task) => words[task] !== node);
  return apart.length > 0 ? apart : led;
};

/**
 * Waits until the retry partition of one of these tasks has more records than the deposed leader knows of, and answers the task with
 * most of them.
 */
const untilBehind = async (
  stage: Stage,
  quorum: Quorum,
  node: number,
  tasks: readonly number[],
): Promise<number | undefined> => {
  const name = `looks-behind-${stage.random.below(1e9)}`;
  quorum.mislead(name);
  for (const until = Date.now() + BEHIND_WITHIN_MS; Date.now() < until; await stage.pause(1_000)) {
    const before = await endsBy(stage, quorum.brokers, name).catch(electing);
    const now = await endsBy(stage, brokersBut(stage, node), 'looks-ahead').catch(electing);
    if (before === undefined || now === undefined) continue;
    const gaps = tasks.map((task) => now[task] - before[task]);
    const most = Math.max(...gaps);
    if (most < MIN_BEHIND) continue;
    const task = tasks[gaps.indexOf(most)];
    behind += most;
    stage.mark('note', `broker ${node} lacks ${most} records of retry partition ${task}`);
    return task;
  }
  return undefined;
};

/** Entries for those who come next to overlook, seen in the log that goes on without the broker. */
const fillBehind = async (stage: Stage, node: number, task: number, round: number): Promise<void> => {
  const reader = openReader({ ...stage.system, brokers: brokersBut(stage, node).join(',') });
  try {
    await fillLanes(stage, reader, task, round * KEYS_A_ROUND);
  } finally {
    await reader.close();
  }
};

/** Waits until the deposed leader has answered a new owner that reads, and leaves it time to act upon it. */
const untilAnswered = async (stage: Stage): Promise<void> => {
  const before = answers.get('Fetch') ?? 0;
  const more = (): boolean => (answers.get('Fetch') ?? 0) > before;
  await lastAnswer(more, Boolean, { withinMs: ANSWERED_WITHIN_MS, everyMs: 200 });
  await stage.pause(ACTS_MS);
};

/** A broker that leads retry partitions and is not needed by the group, with the tasks of those; undefined: there is none now. */
const brokerToDepose = async (stage: Stage): Promise<{ node: number; tasks: number[] } | undefined> => {
  const coordinator = await groupCoordinator(stage);
  const { topics } = stage.system;
  const [retry, words] = await Promise.all([leadersOf(stage, topics.retry), leadersOf(stage, topics.words)]);
  const found = Array.from({ length: NODES }, (_, i) => i + 1)
    .filter((node) => node !== coordinator)
    .map((node) => ({ node, tasks: tasksLedBy(node, retry, words) }))
    .filter(({ tasks }) => tasks.length > 0);
  return found.length === 0 ? undefined : stage.random.pick(found);
};

/** One broker deposed; all processors killed while it lacks outstanding entries, and replaced by others that believe it. */
const depose = async (stage: Stage, quorum: Quorum, round: number): Promise<void> => {
  const { fleet } = stage;
  const target = await lastAnswer(() => brokerToDepose(stage), Boolean, {
    withinMs: LEADS_WITHIN_MS,
    everyMs: 1_000,
  });
  if (target === undefined)
    return stage.fail('no broker but the coordinator of the group leads a retry partition');
  const { node, tasks } = target;
  const clientId = `${LATE}-${round}`;
  quorum.onAnswer((from, who, apiKey) => {
    const kind = READS.get(apiKey);
    if (from === node && who === clientId && kind !== undefined)
      answers.set(kind, (answers.get(kind) ?? 0) + 1);
  });
  quorum.isolate(node);
  quorum.mislead(clientId);
  stage.mark('fault', `broker ${node} cut off from the others, not from us`);
  const task = await untilBehind(stage, quorum, node, tasks);
  if (task === undefined) stage.mark('note', `broker ${node} lacks nothing`);
  else {
    await fillBehind(stage, node, task, round);
    const killed = fleet.processors();
    for (const p of killed) fleet.kill(p);
    stage.mark('fault', `kill -9 of all processors; the next ones believe broker ${node}`);
    await Promise.all(killed.map(() => fleet.addProcessor({ clientId }, { until: () => true })));
    await untilAnswered(stage);
  }
  quorum.heal();
  quorum.onAnswer(() => undefined);
  const told = [...answers].map(([kind, n]) => `${kind}: ${n}`).join(', ');
  stage.mark('healed', `broker ${node} is back; answers of deposed leaders so far: ${told || 'none'}`);
  await stage.pause(QUIET_MS);
};

/** A leader that is none any more, and does not know it. */
export const deposedCells: readonly Cell[] = [
  (() => {
    const { cell, open } = createQuorum();
    return {
      number: 31,
      name: 'a leader cut off from the other brokers but not from us; new owners ask it',
      holds: 'nothing is lost or judged twice by what a deposed leader says',
      words: 100_000,
      pauseMs: 2_000,
      shipped: true,
      loadLasts: true,
      processors: 2,
      failures: stuckFail,
      ...cell,
      arrange: ({ onEnd }) => {
        const quorum = open();
        onEnd(() => quorum.close());
        answers.clear();
        behind = 0;
        const brokers = quorum.brokers.join(',');
        return Promise.resolve({
          processor: { brokers },
          edge: { brokers },
          strike: async (stage: Stage) => {
            await stage.reached(0.1);
            let round = 0;
            do await depose(stage, quorum, round++);
            while (stage.progress() < 0.8);
          },
        });
      },
      claims: () => [
        ...((answers.get('Fetch') ?? 0) > 0 ? [] : ['a deposed leader never answered a new owner']),
        ...(behind > 0 ? [] : ['no deposed leader ever lacked anything: the fault did nothing']),
      ],
    } satisfies Cell;
  })(),
];
