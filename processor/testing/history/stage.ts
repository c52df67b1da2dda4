import { partitionOf } from '@verdikt/core/murmur2.ts';
import { shortKey } from '@verdikt/core/digest.ts';
import { topicNames } from '@verdikt/core/topics.ts';
import { identity, type Accepted } from '../facts.ts';
import { createGuarantees } from '../guarantees.ts';
import { manualClock, type ManualClock } from '../manual-clock.ts';
import { MemoryBroker } from '../memory-broker.ts';
import { outRecord } from '../records.ts';
import { createSteps, type Steps } from '../steps.ts';
import { BEGAN } from './checks.ts';
import { createEdge } from './edge.ts';
import { createFaults, type FaultKind } from './faults.ts';
import { FOREIGN, foreignRecord } from './foreign.ts';
import { inFlight } from './in-flight.ts';
import { createObserver } from './observer.ts';
import { createOperator } from './operator.ts';
import type { Planted } from './planted.ts';
import { retryConfig, type HistoryProcess, type Reached, type World } from './process.ts';
import { createRandom, type Random } from './random.ts';
import { createScript, expected, MAX_REDRIVES, SHRUNK_MAX, type Script, type Submission } from './script.ts';
import { Turns } from './turns.ts';
import { createWatch } from './watch.ts';

export interface HistoryResult {
  readonly seed: number;
  /** What went wrong, as texts; empty: nothing. */
  readonly violations: readonly string[];
  readonly steps: number;
  readonly reached: ReadonlySet<Reached>;
  /** What went wrong by drawing, and how often. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** How long it took on its own clock. */
  readonly virtualMs: number;
  /** What happened, step by step; only where asked for. */
  readonly trace: readonly string[];
}

const GROUP = 'g';

/** What a history plays on: broker, clock, submissions that arrive, and who watches. */
export interface Stage {
  readonly script: Script;
  readonly random: Random;
  readonly clock: ManualClock;
  readonly turns: Turns;
  readonly world: World;
  /** Anything to arrive? */
  readonly more: () => boolean;
  arrive(): void;
  /** Operators do something, or not. */
  operate(): void;
  /** Everything that arrived has ended. */
  readonly ended: () => boolean;
  /** Lets pass what follows by itself, then looks at the logs, and now and then counts. */
  look(): Promise<void>;
  /** Lets one thing happen. */
  step(): void;
  note(what: string): void;
  /** Something was drawn. */
  count(kind: FaultKind): void;
  readonly wrong: () => boolean;
  /** From now on nothing fails. */
  calm(): void;
  finish(steps: number, over: boolean): HistoryResult;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `operators` false: nothing is parked, and nobody asks for anything but resets of the limit. */
export const createStage = (
  seed: number,
  partitions: number,
  planted: Planted | undefined,
  tracing: boolean,
  operators = true,
): Stage => {
  const random = createRandom(seed);
  const sizes = createRandom(seed + 0x5412);
  const whole = createScript(seed, random);
  const script = operators ? whole : { ...whole, parks: false, commands: 0 };
  const clock = manualClock(BEGAN);
  const turns = new Turns();
  const trace: string[] = [];
  const note = (what: string): void => {
    if (tracing) trace.push(`${clock.now()} ${what}`);
  };

  const watch = createWatch(script, retryConfig(script), clock);
  const faults = createFaults({ script, random, clock, turns, note, trouble: watch.trouble });
  const { count } = faults;
  /** Who fenced a task last, and so is the only one that can write for it. */
  const fenced = new Map<number, HistoryProcess>();
  const broker = new MemoryBroker({
    clock,
    markers: (write) => {
      if (!script.lateMarkers) return write();
      count('markers come late');
      void turns.wait(undefined, 'markers').then(write);
    },
    timedOut: (id) => {
      const owner = fenced.get(Number(id.slice(GROUP.length + 1)));
      if (id.startsWith(FOREIGN)) count('a foreign transaction times out');
      else count(`a transaction of the ${owner?.alive === true ? 'living' : 'dead'} times out`);
      note(`the transaction of ${id} times out`);
    },
  });
  const topics = topicNames('', GROUP);
  const outputs = [topics.results, topics.retry, topics.deadLetters];
  for (const topic of Object.values(topics))
    broker.createTopic(topic, {
      ...{ partitions, logAppendTime: topic !== topics.words },
      ...(outputs.includes(topic) ? { maxRecordBytes: script.outputMaxBytes } : {}),
    });

  const names = new Map<string, string>();
  const nameOf = (id: string, key: string | null): string =>
    names.get(`${id} ${key}`) ?? `unknown ${id} ${key}`;
  const numbers = new Map<string, Submission>();
  const guarantees = createGuarantees({
    oracle: (a) => expected(script, numbers.get(a.id) as Submission, a.redrive),
  });
  /** All that is to end, by its name and redrive count. */
  const accepted = new Map<string, Accepted>();
  const accept = (a: Accepted): void => {
    accepted.set(identity(a), a);
    guarantees.accepted(a);
  };

  const found: string[] = [];
  const reached = new Set<Reached>();
  const world: World = {
    script,
    random,
    clock,
    broker,
    topics,
    turns,
    group: GROUP,
    planted,
    watch,
    reached: (what) => void reached.add(what),
    broken: (what) => void found.push(what),
    // What a fenced process makes of logs that others write is of no account: nothing of it becomes visible.
    wrong: (process, task, what) => {
      if (process === fenced.get(task)) found.push(what);
    },
    steps: (process): Steps =>
      createSteps({
        turn: (step) => turns.wait(process, step),
        fault: (step, task) => {
          const fault = faults.at(process, step);
          // The request goes out now.
          if (step === 'fence' && fault === undefined) fenced.set(task, process);
          return fault;
        },
      }),
  };

  const operator = createOperator({
    ...{ broker, topics, random, note },
    commands: script.commands,
    maxRedrives: MAX_REDRIVES,
    limited: script.limit !== undefined,
    broken: world.broken,
    reached: world.reached,
    original: ({ partition, origin }) => broker.log(topics.words, partition).at(origin)?.record,
    redriven: ({ name, redrive }, moved) => {
      const before = accepted.get(`${name}/${redrive}`);
      if (before === undefined) return found.push(`${name}/${redrive} is redriven, and was not accepted`);
      if (moved) {
        accepted.delete(`${name}/${redrive}`);
        guarantees.moved(name, redrive);
      }
      const inOrder = moved && (redrive === 0 || before.inOrder === true);
      accept({ ...before, redrive: redrive + 1, inOrder });
    },
  });
  const observer = createObserver(guarantees, broker, topics, nameOf, operator);
  const open = (): Set<string> => new Set([...accepted.keys()].filter((k) => !observer.ended.has(k)));

  const edge = createEdge({
    ...{ broker, random, turns, count, note },
    topic: topics.words,
    twice: script.twice,
    broken: world.broken,
  });
  const arrivals = [...script.arrivals];
  const counters = new Map<string | null, number>();
  const arrive = (): void => {
    const n = arrivals.shift() as number;
    const s = script.submissions[n];
    const partition = s.key === null ? n % partitions : partitionOf(Buffer.from(s.key), partitions);
    if (script.foreign && random.chance(0.2)) {
      const open = random.chance(0.5);
      if (!open) count('a foreign transaction aborts');
      foreignRecord(broker, topics.words, partition, open);
    }
    const record = outRecord({ key: s.key, value: s.value, headers: s.id === null ? {} : { id: s.id } });
    const origin = edge.append(partition, record);
    const name = `s${n}`;
    // Its dead letter, if it has one, is a stub.
    const key = s.key === null ? null : shortKey(Buffer.from(s.key)).toString();
    note(`${name} arrives at ${origin}, key ${key}`);
    if (numbers.has(name)) return count('a submission is sent twice');
    numbers.set(name, s);
    names.set(`${s.id ?? `${topics.words}-${partition}-${origin}`} ${key}`, name);
    const counter = counters.get(s.key) ?? 0;
    counters.set(s.key, counter + 1);
    accept({
      id: name,
      key,
      counter,
      origin,
      partition,
      record: { key, value: s.value, headers: record.headers },
    });
  };

  /** What was judged is deleted in time. */
  const expire = (): void => {
    count('the log of words is cut');
    for (let task = 0; task < partitions; task++)
      broker.log(topics.words, task).trim(Number(broker.offset(GROUP, topics.words, task) ?? 0n));
  };

  let shrunk = false;
  const shrink = (): void => {
    shrunk = true;
    count('outputs take smaller records');
    for (const topic of outputs) broker.limit(topic, SHRUNK_MAX);
  };

  const deciding = (): boolean =>
    Array.from({ length: partitions }, (_, task) => broker.transactions.state(`${GROUP}.${task}`)).includes(
      'ending',
    );

  const census = (): void => {
    // Decided, but not visible yet: the log may be cut already.
    if (deciding()) return;
    const { outstanding, twice } = inFlight(broker, topics, GROUP, nameOf, open());
    for (const name of twice) found.push(`${name} has ended and is still in a lane`);
    guarantees.census(outstanding.size);
  };

  return {
    script,
    random,
    clock,
    turns,
    world,
    more: () => arrivals.length > 0,
    arrive,
    ended: () =>
      arrivals.length === 0 && observer.ended.size >= accepted.size && operator.idle() && open().size === 0,
    operate: () => operator.act(),
    look: async () => {
      await settled();
      observer.look();
      if (random.chance(0.03)) census();
      if (script.retention && random.chance(0.01)) expire();
      if (script.shrinks && !shrunk && sizes.chance(0.01)) shrink();
    },
    step: () => {
      // Also while others could go on: a slice ends by its time, a transaction times out.
      let name = random.chance(0.03) ? undefined : turns.one(random);
      if (name === undefined && clock.next()) return note('time passes');
      name ??= turns.one(random);
      if (name !== undefined) note(name);
      // Several answers may arrive at once, and what they set off then runs interleaved.
      while (random.chance(0.15) && (name = turns.one(random)) !== undefined) note(`and ${name}`);
    },
    note,
    count,
    wrong: () => found.length > 0,
    calm: () => {
      operator.stop();
      faults.stop();
    },
    finish: (steps, over) => {
      if (!over && found.length === 0)
        found.push(
          `stuck: ended ${observer.ended.size} of ${accepted.size}, still to come ${arrivals.length}`,
        );
      if (found.length === 0) {
        census();
        found.push(...watch.finish());
        operator.finish();
      }
      // A history that was cut short has not ended everything.
      const whole = found.length === 0;
      const violations = [...found, ...guarantees.check(whole).map((v) => `${v.law}: ${v.detail}`)];
      return {
        ...{ seed, violations, steps, reached, trace },
        faults: faults.counts,
        virtualMs: clock.now() - BEGAN,
      };
    },
  };
};
