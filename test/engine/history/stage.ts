import { setImmediate as turn } from 'node:timers/promises';
import { createArrivals } from './arrivals.ts';
import { createBook } from './book.ts';
import { BEGAN } from './checks.ts';
import { inFlight } from './in-flight.ts';
import { createNeighbors, type Neighbors } from './neighbors.ts';
import { createObserver } from './observer.ts';
import { createOperator } from './operator.ts';
import { createRandom } from './random.ts';
import type { Stage } from './result.ts';
import { createScript, MAX_REDRIVES, SHRUNK_MAX } from './script.ts';
import { createStageWorld, outputsOf } from './stage-world.ts';
import type { Planted } from './world.ts';

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
  const script = {
    ...createScript(seed, random),
    ...(operators ? {} : { parks: false, commands: 0 }),
    ...(neighbors ? {} : { neighbors: 0 }),
  };
  const own = createStageWorld({
    ...{ script, random, partitions, planted, tracing },
    failed: (task, error) => others.failed(task, error),
  });
  const { world, clock, faults, found, note } = own;
  const { broker, topics, turns, group, broken, reached } = world;
  const { count } = faults;
  const book = createBook(script);
  const { guarantees, nameOf } = book;
  const arrivals = createArrivals(world, book, count, note);

  const operator = createOperator({
    ...{ broker, topics, random, note, broken, reached },
    ...{ commands: script.commands, maxRedrives: MAX_REDRIVES, limited: script.limit !== undefined },
    original: ({ partition, origin }) => broker.log(topics.words, partition).at(origin)?.record,
    redriven: ({ name, redrive }, moved) => {
      if (!book.redriven(name, redrive, moved))
        broken(`${name}/${redrive} is redriven, and was not accepted`);
    },
  });
  const observer = createObserver(guarantees, broker, topics, nameOf, operator);
  const open = (partition?: number): Set<string> => book.open(observer.ended, partition);

  const others: Neighbors = createNeighbors({
    ...{ broker, topics, group, random, clock, nameOf, count, note, broken },
    acts: script.neighbors,
    // Of a submission that was sent twice another copy may be judged then, at another place.
    cuts: script.arrivals.length === script.submissions.length,
    open: (partition) => {
      observer.look();
      return open(partition);
    },
    ...{ lost: book.lost, missing: book.missing },
    found: (name) => book.found(name, observer.ended),
    fenced: (task) => void own.fenced.delete(task),
    trouble: world.watch.trouble,
  });

  /** What was judged is deleted in time. */
  const expire = (): void => {
    count('the log of words is cut');
    for (let task = 0; task < partitions; task++)
      broker.log(topics.words, task).trim(Number(broker.offset(group, topics.words, task) ?? 0n));
  };

  let shrunk = false;
  const shrink = (): void => {
    shrunk = true;
    count('outputs take smaller records');
    for (const topic of outputsOf(topics)) broker.limit(topic, SHRUNK_MAX);
  };

  const census = (): void => {
    // Decided, but not visible yet: the log may be cut already.
    const ids = Array.from({ length: partitions }, (_, task) => `${group}.${task}`);
    if (broker.transactions.holds() || ids.some((id) => broker.transactions.state(id) === 'ending')) return;
    const { outstanding, twice } = inFlight(broker, topics, group, nameOf, open());
    for (const name of twice) broken(`${name} has ended and is still in a lane`);
    guarantees.census(outstanding.size);
  };

  return {
    ...{ script, random, clock, turns, world, note, count },
    more: () => arrivals.left() > 0,
    arrive: arrivals.next,
    ended: () => arrivals.left() === 0 && operator.idle() && others.idle() && book.closed(observer.ended),
    operate: () => {
      operator.act();
      others.act();
    },
    look: async () => {
      await turn();
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
    wrong: () => found.length > 0,
    calm: () => {
      own.calm();
      operator.stop();
      others.stop();
    },
    finish: (steps, over) => {
      if (!over && found.length === 0)
        broken(`stuck: ended ${observer.ended.size} of ${book.size()}, still to come ${arrivals.left()}`);
      if (found.length === 0) {
        if (script.neighbors === 0) census();
        found.push(...world.watch.finish());
        operator.finish();
      }
      // A history that was cut short has not ended everything.
      const whole = found.length === 0;
      const violations = [...found, ...guarantees.check(whole).map((v) => `${v.law}: ${v.detail}`)];
      return {
        ...{ seed, violations, steps, reached: own.reached, trace: own.trace },
        faults: faults.counts,
        virtualMs: clock.now() - BEGAN,
      };
    },
  };
};
