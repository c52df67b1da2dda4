import type { Membership, MembershipListener } from '@verdikt/core/ports/membership.ts';
import { createSteps, type Steps } from './steps.ts';

interface MemoryGroup {
  /** The membership of a process named `id`; joins on `start`. */
  member(id: string): Membership;
  /** The process is gone without a word: the others take over, its own calls are never answered. */
  kill(id: string): void;
  /** The coordinator drops a member that still lives. It hears of it in its own time, then joins again. */
  expel(id: string): void;
  readonly generation: number;
  /** Who owns each task by the newest generation. */
  owners(): ReadonlyMap<number, string>;
}

interface Member {
  readonly id: string;
  readonly listener: MembershipListener;
  tasks: readonly number[];
  /** The generation that it has heard of. */
  heard: number;
  left: boolean;
  joined: () => void;
}

const never = new Promise<never>(() => undefined);

/** Keeps what each has up to its fair share, then hands out the rest in order. */
export const stickySplit = (partitions: number, before: readonly (readonly number[])[]): number[][] => {
  const members = before.length;
  const share = Math.floor(partitions / members);
  let extra = partitions % members;
  const taken = new Set<number>();
  const kept = before.map((tasks) => {
    const most = tasks.length > share && extra > 0 ? share + 1 : share;
    if (most > share) extra--;
    const keep = tasks.filter((t) => !taken.has(t)).slice(0, most);
    for (const t of keep) taken.add(t);
    return keep;
  });
  const free = Array.from({ length: partitions }, (_, t) => t).filter((t) => !taken.has(t));
  for (const tasks of kept) while (tasks.length < share) tasks.push(free.shift() as number);
  for (const tasks of kept) if (tasks.length === share && free.length > 0) tasks.push(free.shift() as number);
  return kept;
};

/** A consumer group without a broker. Every join or leave makes a new generation; each member hears of it in a step of its own. */
export const createMemoryGroup = (partitions: number, steps: Steps = createSteps()): MemoryGroup => {
  const members = new Map<string, Member>();
  const killed = new Set<string>();
  let generation = 0;

  const tell = async (m: Member, round: number): Promise<void> => {
    await steps.at('assigned', 0);
    if (killed.has(m.id)) return;
    if (members.get(m.id) === m && round === generation) {
      m.heard = round;
      m.listener.assigned({ generation: round, tasks: m.tasks });
      m.joined();
    }
  };

  const rebalance = (): void => {
    generation++;
    const all = [...members.values()];
    if (all.length === 0) return;
    const split = stickySplit(
      partitions,
      all.map((m) => m.tasks),
    );
    all.forEach((m, i) => {
      m.tasks = split[i];
      void tell(m, generation);
    });
  };

  const drop = (id: string): Member | undefined => {
    const m = members.get(id);
    if (members.delete(id)) rebalance();
    return m;
  };

  return {
    member: (id) => {
      let mine: Member | undefined;
      return {
        start: (listener) =>
          new Promise((resolve) => {
            mine = { id, listener, tasks: [], heard: -1, left: false, joined: resolve };
            killed.delete(id);
            members.set(id, mine);
            rebalance();
          }),
        owns: async (task) => {
          await steps.at('owns', task);
          if (killed.has(id)) await never;
          const m = members.get(id);
          return m !== undefined && m.heard === generation && m.tasks.includes(task);
        },
        stop: async () => {
          if (killed.has(id)) await never;
          if (mine === undefined) return;
          mine.left = true;
          mine = undefined;
          drop(id);
        },
      };
    },
    kill: (id) => {
      killed.add(id);
      drop(id);
    },
    expel: (id) => {
      const m = drop(id);
      if (m === undefined) return;
      void steps.at('assigned', 0).then(() => {
        if (killed.has(id) || members.has(id) || m.left) return;
        m.listener.lost();
        m.tasks = [];
        m.heard = -1;
        members.set(id, m);
        rebalance();
      });
    },
    get generation() {
      return generation;
    },
    owners: () => new Map([...members.values()].flatMap((m) => m.tasks.map((t) => [t, m.id] as const))),
  };
};
