import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { shortKey } from '@verdikt/core/hash/digest.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { identity, type Accepted } from '../facts.ts';
import { createGuarantees } from '../guarantees.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { MemoryBroker } from '../memory-broker.ts';
import { outRecord } from '../../support/records.ts';
import { createSteps, type Steps } from '../steps.ts';
import { BEGAN } from './checks.ts';
import { createEdge } from './edge.ts';
import { createFaults } from './faults.ts';
import { FOREIGN, foreignRecord } from './foreign.ts';
import { inFlight } from './in-flight.ts';
import { createNeighbors } from './neighbors.ts';
import { createObserver } from './observer.ts';
import { createOperator } from './operator.ts';
import type { Planted } from './world.ts';
import { retryConfig, type HistoryProcess, type Reached, type World } from './world.ts';
import { createRandom } from './random.ts';
import type { Stage } from './result.ts';
import { createScript, expected, MAX_REDRIVES, SHRUNK_MAX, type Submission } from './script.ts';
import { Turns } from './turns.ts';
import { createWatch } from './watch.ts';

const GROUP = 'g';

/**
 * `operators` false: nothing is parked, and nobody asks for anything but resets of the limit. `neighbors` false: nobody else touches
 * the logs.
 */
export const createStage = (
  seed: number,
  partitions: number,
  planted: Planted | undefined,
  tracing: boolean,
  operators = true,
  neighbors = true,
): Stage => {
  const random = createRandom(seed);
  const sizes = createRandom(seed + 0x5412);
  const sockets = createRandom(seed + 0x50c5);
  const whole = createScript(seed, random);
  const script = {
    ...whole,
    ...(operators ? {} : { parks: false, commands: 0 }),
    ...(neighbors ? {} : { neighbors: 0 }),
  };
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
  const topics = topicNames('', GROUP);
  const outputs = [topics.results, topics.retry, topics.deadLetters];
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
      if (calm || !ours || !sockets.chance(forgetful)) return false;
      count('the end of a transaction is forgotten');
      watch.trouble();
      return true;
    },
    timedOut: (id) => {
      const owner = fenced.get(Number(id.slice(GROUP.length + 1)));
      if (id.startsWith(FOREIGN)) count('a foreign transaction times out');
      else count(`a transaction of the ${owner?.alive === true ? 'living' : 'dead'} times out`);
      note(`the transaction of ${id} times out`);
    },
  });
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
    stale: () => count('a read is stale'),
    failed: (task, error) => others.failed(task, error),
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

  const others = createNeighbors({
    ...{ broker, topics, random, clock, nameOf, count, note },
    group: GROUP,
    acts: script.neighbors,
    // Of a submission that was sent twice another copy may be judged then, at another place.
    cuts: script.arrivals.length === script.submissions.length,
    open: (partition) => {
      observer.look();
      return new Set([...open()].filter((name) => accepted.get(name)?.partition === partition));
    },
    lost: (name) => {
      const { id, redrive = 0 } = accepted.get(name) as Accepted;
      accepted.delete(name);
      guarantees.moved(id, redrive);
    },
    fenced: (task) => void fenced.delete(task),
    trouble: watch.trouble,
    broken: world.broken,
  });

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

  const census = (): void => {
    // Decided, but not visible yet: the log may be cut already.
    const ids = Array.from({ length: partitions }, (_, task) => `${GROUP}.${task}`);
    if (broker.transactions.holds() || ids.some((id) => broker.transactions.state(id) === 'ending')) return;
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
    ended: () => arrivals.length === 0 && operator.idle() && others.idle() && open().size === 0,
    operate: () => {
      operator.act();
      others.act();
    },
    look: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      observer.look();
      if (script.neighbors > 0) return;
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
      calm = true;
      operator.stop();
      others.stop();
      faults.stop();
    },
    finish: (steps, over) => {
      if (!over && found.length === 0)
        found.push(
          `stuck: ended ${observer.ended.size} of ${accepted.size}, still to come ${arrivals.length}`,
        );
      if (found.length === 0) {
        if (script.neighbors === 0) census();
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
