import { silentLog } from '@verdikt/core/ports/log.ts';
import { createWorker, type Worker } from '@verdikt/engine/task/worker.ts';
import { createMemoryGroup } from '../memory-group.ts';
import { createSteps } from '../steps.ts';
import type { Planted, HistoryProcess } from './world.ts';
import { createProcess } from './process.ts';
import type { HistoryResult } from './result.ts';
import { createStage } from './stage.ts';
import { withoutStacks } from './without-stacks.ts';

const MOST_STEPS = 60_000;
const MOST_PROCESSES = 3;
const MOST_SETTLING = 2_000;

const MOVES = {
  join: 'a member joins',
  leave: 'a member leaves',
  kill: 'a member is killed',
  expel: 'a member is expelled',
  freeze: 'a member is expelled and frozen',
} as const;

interface Member extends HistoryProcess {
  readonly worker: Worker;
  /** True once it was told to leave. */
  leaving: boolean;
}

const play = async (seed: number, planted: Planted | undefined, tracing: boolean): Promise<HistoryResult> => {
  const partitions = 2 + (seed % 3);
  const stage = createStage(seed, partitions, planted, tracing);
  const { script, random, world, turns } = stage;
  const group = createMemoryGroup(partitions, createSteps({ turn: (step) => turns.wait(undefined, step) }));
  const members: Member[] = [];

  const join = (): void => {
    const name = `p${members.length}`;
    const membership = group.member(name);
    const process = createProcess(world, name, async (task) => {
      await process.steps.at('owns', task);
      return membership.owns(task);
    });
    const worker = createWorker({
      membership,
      start: process.start,
      rebalanced: () => undefined,
      log: silentLog,
    });
    members.push(Object.assign(process, { worker, leaving: false }));
    stage.note(`${name} joins`);
    void worker.start();
  };
  const leave = (m: Member): void => {
    m.leaving = true;
    stage.note(`${m.name} leaves`);
    void m.worker.stop().then(() => {
      m.done = true;
    });
  };
  const present = (): Member[] => members.filter((m) => m.alive && !m.leaving);

  let stopping = false;
  let moves = script.handOvers + 1;
  const move = (): void => {
    moves--;
    world.watch.trouble();
    const all = present();
    const m = random.pick(all);
    const kind = random.pick(['join', 'leave', 'kill', 'expel', 'freeze'] as const);
    if (kind !== 'join' || all.length < MOST_PROCESSES) stage.count(MOVES[kind]);
    if (kind === 'join') {
      if (all.length < MOST_PROCESSES) join();
    } else if (kind === 'leave') leave(m);
    else {
      stage.note(`${m.name}: ${kind}`);
      if (kind === 'kill') m.alive = false;
      else group.expel(m.name);
      if (kind === 'freeze') m.frozen = true;
    }
  };

  /** The coordinator hears of the dead in its own time. */
  const mourned = new Set<Member>();
  const others = (): void => {
    for (const m of members) {
      if (!m.alive && !mourned.has(m) && random.chance(0.1)) {
        mourned.add(m);
        group.kill(m.name);
      }
      if (m.frozen && random.chance(0.02)) m.frozen = false;
    }
  };

  const step = (): void => {
    others();
    if (!stopping && present().length === 0 && random.chance(0.3)) return join();
    if (stage.more() && random.chance(0.15)) return stage.arrive();
    if (random.chance(0.08)) return stage.operate();
    if (moves > 0 && present().length > 0 && random.chance(0.02)) return move();
    stage.step();
  };

  /** Everyone works on what the group gave it, and on nothing else. */
  const settled = (): boolean => {
    const owners = group.owners();
    const works = present().flatMap((m) => [...m.worker.tasks().keys()].map((task) => `${task} ${m.name}`));
    return (
      owners.size === partitions &&
      works.length === partitions &&
      works.every((w) => {
        const [task, name] = w.split(' ');
        return owners.get(Number(task)) === name;
      })
    );
  };

  let steps = 0;
  let settlingSince = -1;
  let over = false;
  for (; steps < MOST_STEPS && !over && !stage.wrong(); steps++) {
    await stage.look();
    if (stage.ended() && settlingSince < 0) {
      settlingSince = steps;
      moves = 0;
      stage.calm();
      for (const m of members) m.frozen = false;
    }
    if (settlingSince >= 0 && !stopping) {
      if (settled()) {
        stopping = true;
        for (const m of present()) leave(m);
      } else if (steps > settlingSince + MOST_SETTLING)
        world.broken('tasks are not worked on by whom the group gave them to');
    }
    over = stopping && members.every((m) => !m.alive || m.done);
    if (!over) step();
  }
  for (const p of members) {
    if (p.done && p.alive) for (const what of p.leftBehind()) world.broken(`${p.name}: ${what}`);
    p.alive = false;
  }
  return stage.finish(steps, over);
};

/**
 * As `runHistory`, of several tasks shared by a group: processes join, leave, die, are dropped by the coordinator while they
 * live, and hear late of all of it, so that two of them believe to own a task.
 */
export const runGroupHistory = (seed: number, planted?: Planted, tracing = false): Promise<HistoryResult> =>
  tracing ? play(seed, planted, tracing) : withoutStacks(() => play(seed, planted, tracing));
