import type { ServiceError } from '@verdikt/core/errors.ts';
import { topicNames, type TopicNames } from '@verdikt/core/record/topics.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '../memory-broker.ts';
import { createSteps, type Steps } from '../steps.ts';
import { BEGAN } from './checks.ts';
import { createFaults, type FaultKind, type Faults } from './faults.ts';
import { FOREIGN } from './foreign.ts';
import { createRandom, type Random } from './random.ts';
import type { Script } from './script.ts';
import { Turns } from './turns.ts';
import { createWatch } from './watch.ts';
import { retryConfig, type HistoryProcess, type Planted, type Reached, type World } from './world.ts';

const GROUP = 'g';

/** The topics that tasks write to. */
export const outputsOf = (topics: TopicNames): string[] => [topics.results, topics.retry, topics.deadLetters];

interface StageWorldOptions {
  readonly script: Script;
  readonly random: Random;
  readonly partitions: number;
  readonly planted: Planted | undefined;
  readonly tracing: boolean;
  /** A task has failed. */
  readonly failed: (task: number, error: ServiceError) => void;
}

/** A world, and what its stage has to know beside it. */
interface StageWorld {
  readonly world: World;
  readonly clock: ManualClock;
  readonly faults: Faults;
  /** Who fenced a task last, and so is the only one that can write for it. */
  readonly fenced: Map<number, HistoryProcess>;
  /** What went wrong. */
  readonly found: string[];
  readonly reached: ReadonlySet<Reached>;
  readonly trace: readonly string[];
  note(what: string): void;
  /** From now on nothing fails. */
  calm(): void;
}

interface BrokerOptions {
  readonly script: Script;
  readonly clock: ManualClock;
  readonly turns: Turns;
  readonly topics: TopicNames;
  readonly partitions: number;
  /** Who may write for a task. */
  readonly owner: (task: number) => HistoryProcess | undefined;
  readonly trouble: () => void;
  readonly count: (kind: FaultKind) => void;
  readonly note: (what: string) => void;
}

const NOTHING = { logs: [], offsets: false };

const openBroker = (o: BrokerOptions): { readonly broker: MemoryBroker; calm(): void } => {
  const { script, clock, turns, topics, count } = o;
  const sockets = createRandom(script.seed + 0x50c5);
  const outputs = outputsOf(topics);
  const forgetful = script.gentle ? 0 : sockets.pick([0, 0, 0.03, 0.2]);
  let calm = false;
  const broker = new MemoryBroker({
    clock,
    markers: (write) => {
      if (!script.lateMarkers) return write();
      count('markers come late');
      void turns.wait(undefined, 'markers').then(write);
    },
    forgets: (id, logs) => {
      const ours = id.startsWith(`${GROUP}.`) && logs.every((l) => outputs.includes(l.topic));
      if (calm || !ours || !sockets.chance(forgetful)) return NOTHING;
      count('the end of a transaction is forgotten');
      o.trouble();
      // All logs or none: readers of two of them would see the later one first, which no law allows.
      return sockets.pick([
        { logs, offsets: false },
        { logs, offsets: true },
        { logs: [], offsets: true },
      ]);
    },
    timedOut: (id) => {
      const owner = o.owner(Number(id.slice(GROUP.length + 1)));
      if (id.startsWith(FOREIGN)) count('a foreign transaction times out');
      else count(`a transaction of the ${owner?.alive === true ? 'living' : 'dead'} times out`);
      o.note(`the transaction of ${id} times out`);
    },
  });
  for (const topic of Object.values(topics))
    broker.createTopic(topic, {
      ...{ partitions: o.partitions, logAppendTime: topic !== topics.words },
      ...(outputs.includes(topic) ? { maxRecordBytes: script.outputMaxBytes } : {}),
    });
  return { broker, calm: () => (calm = true) };
};

export const createStageWorld = (o: StageWorldOptions): StageWorld => {
  const { script, random, partitions, planted } = o;
  const clock = manualClock(BEGAN);
  const turns = new Turns();
  const trace: string[] = [];
  const note = (what: string): void => {
    if (o.tracing) trace.push(`${clock.now()} ${what}`);
  };
  const watch = createWatch(script, retryConfig(script), clock);
  const { trouble } = watch;
  const faults = createFaults({ script, random, clock, turns, note, trouble });
  const { count } = faults;
  const fenced = new Map<number, HistoryProcess>();
  const owner = (task: number): HistoryProcess | undefined => fenced.get(task);
  const topics = topicNames('', GROUP);
  const { broker, calm } = openBroker({
    ...{ script, clock, turns, topics, partitions, owner, trouble, count, note },
  });
  const found: string[] = [];
  const reached = new Set<Reached>();
  const steps = (process: HistoryProcess): Steps =>
    createSteps({
      turn: (step) => turns.wait(process, step),
      fault: (step, task) => {
        const fault = faults.at(process, step);
        // The request goes out now.
        if (step === 'fence' && fault === undefined) fenced.set(task, process);
        return fault;
      },
    });
  const world: World = {
    ...{ script, random, clock, broker, topics, turns, group: GROUP, planted, watch, steps },
    reached: (what) => void reached.add(what),
    broken: (what) => void found.push(what),
    // What a fenced process makes of logs that others write is of no account: nothing of it becomes visible.
    wrong: (process, task, what) => {
      if (process === owner(task)) found.push(what);
    },
    stale: () => count('a read is stale'),
    failed: o.failed,
  };
  return {
    ...{ world, clock, faults, fenced, found, reached, trace, note },
    calm: () => {
      calm();
      faults.stop();
    },
  };
};
