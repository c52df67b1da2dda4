import { isServiceError } from '@verdikt/core/errors.ts';
import type { SlicePlan } from '@verdikt/engine/state/plan.ts';
import type { TaskTransaction, TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import { memoryTransactions } from '../memory-transactions.ts';
import type { Ports, World, Planted, Replace } from './world.ts';

type Commit = (
  task: number,
  t: TaskTransaction,
  plan: TransactionPlan,
  own: Ports,
  world: World,
) => ReturnType<TaskTransaction['commit']>;

export const onCommit =
  (commit: Commit): Replace =>
  (own, world) => ({
    ...own,
    transactions: {
      fence: async (task) => {
        const t = await own.transactions.fence(task);
        // What is planted splits and repeats plans: what the engine would find out by where they were written is not asked here.
        return { ...t, commit: (plan: TransactionPlan) => commit(task, t, plan, own, world) };
      },
    },
  });

const commitOnce = (t: TaskTransaction, plan: TransactionPlan): ReturnType<TaskTransaction['commit']> =>
  t.commit(plan).finally(() => t.close());

/** Rules about fences, transactions and offsets. */
export const PLANTED_IN_TRANSACTIONS: readonly Planted[] = [
  {
    name: 'offsets are read before the fence',
    ports: (own, world) => ({
      ...own,
      transactions: {
        fence: async (task) => {
          const early = world.broker.offset(world.group, world.topics.words, task);
          const t = await own.transactions.fence(task);
          return {
            ...t,
            committed: (topic?: string) =>
              topic === undefined ? Promise.resolve(early) : t.committed(topic),
            // Else the outputs would tell.
            metadata: () =>
              Promise.resolve({ kind: 'accepted' as const, accepted: { at: 0 }, note: undefined }),
          };
        },
      },
    }),
  },
  {
    name: 'ends of the logs are asked for before the fence',
    ports: (own, world) => {
      const ends = new Map<string, { start: number; end: number }>();
      return {
        ...own,
        transactions: {
          fence: (task) => {
            for (const t of Object.values(world.topics)) {
              const { start, end } = world.broker.log(t, task);
              ends.set(t, { start, end });
            }
            return own.transactions.fence(task);
          },
        },
        logs: { ...own.logs, bounds: (topic) => Promise.resolve(ends.get(topic) ?? { start: 0, end: 0 }) },
      };
    },
  },
  {
    name: 'every process has a transactional id of its own: nobody is fenced',
    ports: (own, world, steps, process) => ({
      ...own,
      transactions: {
        fence: async (task) => {
          const group = `${world.group}-${process}`;
          const wordsTopic = world.topics.words;
          const t = await memoryTransactions(world.broker, { group, wordsTopic, steps }).fence(task);
          // Offsets are shared, as a group shares them.
          const shared = (topic: string): bigint | null => world.broker.offset(world.group, topic, task);
          return {
            ...t,
            committed: async (topic = wordsTopic) => (await t.committed(topic), shared(topic)),
            commit: async (plan: TransactionPlan) => {
              const done = await t.commit(plan);
              const words = { topic: wordsTopic, nextOffset: plan.nextOffset };
              for (const { topic, nextOffset } of [words, ...(plan.otherOffsets ?? [])])
                if (nextOffset !== null)
                  world.broker.setOffset({ group: world.group, topic, partition: task, nextOffset });
              return done;
            },
          };
        },
      },
    }),
  },
  {
    name: 'who was thrown out does not ask whether the task is still its own',
    ports: (own) => ({ ...own, owns: () => Promise.resolve(true) }),
  },
  {
    name: 'outputs first, the offset in a transaction after them',
    ports: onCommit(async (task, t, plan) => {
      const done = await t.commit({ ...plan, nextOffset: null });
      await t.commit({ outputs: [], nextOffset: plan.nextOffset });
      return done;
    }),
  },
  {
    name: 'the offset first, outputs in a transaction after it',
    ports: onCommit(async (task, t, plan) => {
      await t.commit({ outputs: [], nextOffset: plan.nextOffset });
      return t.commit({ ...plan, nextOffset: null });
    }),
  },
  {
    name: 'retry entries in a transaction of their own',
    ports: onCommit(async (task, t, plan, _, { topics }) => {
      const retry = await t.commit({
        outputs: plan.outputs.filter((o) => o.topic === topics.retry),
        nextOffset: null,
      });
      const rest = await t.commit({ ...plan, outputs: plan.outputs.filter((o) => o.topic !== topics.retry) });
      return { ...rest, offsets: [...rest.offsets, ...retry.offsets] };
    }),
  },
  {
    name: 'an unknown outcome is taken for a commit',
    ports: onCommit(async (task, t, plan) => {
      try {
        return await t.commit(plan);
      } catch (e) {
        if (isServiceError(e, 'COMMIT_UNCONFIRMED'))
          return { offsets: plan.outputs.map((o) => Array.from(o.records, () => 0)), appendTime: -1 };
        throw e;
      }
    }),
  },
  {
    name: 'an unknown outcome is taken for an abort: the plan is sent again',
    ports: onCommit(async (task, t, plan, own) => {
      try {
        return await t.commit(plan);
      } catch (e) {
        if (!isServiceError(e, 'COMMIT_UNCONFIRMED')) throw e;
        return commitOnce(await own.transactions.fence(task), plan);
      }
    }),
  },
  {
    name: 'what became of an unknown outcome is looked up before the fence',
    ports: onCommit(async (task, t, plan, own, { broker, group, topics, script }) => {
      try {
        return await t.commit(plan);
      } catch (e) {
        // Only the request that is still on its way is to give it away.
        if (!isServiceError(e, 'COMMIT_UNCONFIRMED') || script.lateMarkers) throw e;
        const offset = broker.offset(group, topics.words, task);
        if (plan.nextOffset === null || plan.nextOffset === offset) throw e;
        return commitOnce(await own.transactions.fence(task), plan);
      }
    }),
  },
  {
    name: 'after a failed plan the next one goes on from the same state',
    ports: (own) => ({
      ...own,
      transactions: {
        fence: async (task) => {
          let t = await own.transactions.fence(task);
          return {
            ...t,
            commit: async (plan: TransactionPlan) => {
              try {
                return await t.commit(plan);
              } catch (e) {
                if (!isServiceError(e, 'TRANSACTION_FAILED')) throw e;
                t = await own.transactions.fence(task);
                return { offsets: plan.outputs.map((o) => Array.from(o.records, () => 0)), appendTime: -1 };
              }
            },
            close: () => t.close(),
          };
        },
      },
    }),
  },
  {
    name: 'the committed offset is one too far',
    ports: onCommit((_task, t, plan) =>
      t.commit({ ...plan, nextOffset: plan.nextOffset === null ? null : plan.nextOffset + 1n }),
    ),
  },
  {
    name: 'the retry partition is cut before the commit',
    ports: onCommit(async (task, t, plan, own, { topics }) => {
      const { trimTo } = plan as SlicePlan;
      if (trimTo >= 0) await own.trimmer.trim(topics.retry, task, trimTo);
      return t.commit(plan);
    }),
  },
];
