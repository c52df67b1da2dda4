import type { Planted, HistoryProcess } from './world.ts';
import { createProcess } from './process.ts';
import type { HistoryResult } from './result.ts';
import { createStage } from './stage.ts';
import { withoutStacks } from './without-stacks.ts';

/** Then it is stuck. Of 3,000 histories the longest took 14,172 steps. */
const MOST_STEPS = 200_000;
/** The same where a rule is switched off, which many histories notice only so. */
const MOST_WITHOUT_A_RULE = 30_000;

const HAND_OVERS = {
  told: 'an owner is told',
  'told-late': 'an owner is told late',
  untold: 'an owner is not told',
  frozen: 'an owner is frozen',
} as const;

/** A process that works on task 0 until it is stopped or dies. */
interface Owner extends HistoryProcess {
  /** Is to be told later that it has lost the task. */
  toldLate: boolean;
  stop(): void;
}

const play = async (seed: number, planted: Planted | undefined, tracing: boolean): Promise<HistoryResult> => {
  const stage = createStage(seed, 1, planted, tracing);
  const { script, random, world } = stage;
  const owners: Owner[] = [];
  let owner: Owner | undefined;

  const start = (): void => {
    const process = createProcess(world, `p${owners.length}`, async (task) => {
      await process.steps.at('owns', task);
      return process === owner;
    });
    const task = process.start(0);
    const started: Owner = Object.assign(process, {
      toldLate: false,
      stop: () =>
        void task.stop().then(() => {
          started.done = true;
        }),
    });
    owner = started;
    owners.push(started);
    stage.note(`${owner.name} owns the task`);
  };

  /** The next one waits for it. */
  let leaving: Owner | undefined;
  let handOvers = script.handOvers;
  const handOver = (): void => {
    handOvers--;
    const old = owner;
    const kind = script.gentle
      ? 'stop-first'
      : random.pick(['told', 'told-late', 'untold', 'frozen', 'stop-first'] as const);
    stage.note(`${old?.name} loses the task: ${kind}`);
    if (kind !== 'stop-first') stage.count(HAND_OVERS[kind]);
    if (old !== undefined) {
      if (kind === 'told' || kind === 'stop-first') old.stop();
      else if (kind === 'told-late') old.toldLate = true;
      else if (kind === 'frozen') old.frozen = true;
    }
    if (kind === 'stop-first') {
      leaving = old;
      owner = undefined;
    } else {
      world.watch.trouble();
      start();
    }
  };

  const others = (): void => {
    for (const w of owners) {
      if (w.frozen && random.chance(0.02)) w.frozen = false;
      if (w.toldLate && random.chance(0.05)) {
        w.toldLate = false;
        w.stop();
      }
    }
  };

  const step = (): void => {
    others();
    const vacant = owner === undefined ? leaving?.done !== false || !leaving.alive : !owner.alive;
    if (vacant && random.chance(0.3)) return start();
    if (stage.more() && random.chance(0.15)) return stage.arrive();
    if (random.chance(0.08)) return stage.operate();
    if (handOvers > 0 && random.chance(0.02)) return handOver();
    stage.step();
  };

  let steps = 0;
  let stopping = false;
  let over = false;
  const most = planted === undefined ? MOST_STEPS : MOST_WITHOUT_A_RULE;
  for (; steps < most && !over && !stage.wrong(); steps++) {
    await stage.look();
    if (stage.ended() && owner?.alive === true && !stopping) {
      stopping = true;
      handOvers = 0;
      stage.calm();
      for (const w of owners) {
        w.frozen = false;
        w.stop();
      }
    }
    over = stopping && owners.every((w) => !w.alive || w.done);
    if (!over) step();
  }
  for (const p of owners) {
    if (p.done && p.alive) for (const what of p.leftBehind()) world.broken(`${p.name}: ${what}`);
    p.alive = false;
  }
  return stage.finish(steps, over);
};

/**
 * Runs one history from its seed: submissions arrive, one to several processes work on one task of a broker in memory, all
 * steps happen in an order drawn from the seed, and things go wrong. Whatever happens, each submission must end once, in
 * order, as the oracle says.
 */
export const runHistory = (seed: number, planted?: Planted, tracing = false): Promise<HistoryResult> =>
  tracing ? play(seed, planted, tracing) : withoutStacks(() => play(seed, planted, tracing));
