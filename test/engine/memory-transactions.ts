import { decodeMetadata, encodeMetadata } from '@verdikt/core/record/commit-note.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type {
  Committed,
  Inspect,
  TaskTransaction,
  TaskTransactions,
  TransactionPlan,
} from '@verdikt/core/ports/transactions.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { Writer } from './partition-log.ts';
import { createSteps, type Steps } from './steps.ts';

interface MemoryTransactionsOptions {
  readonly group: string;
  readonly wordsTopic: string;
  /** After it the broker aborts an open transaction and shuts its writer out. Default 15,000. */
  readonly timeoutMs?: number;
  readonly steps?: Steps;
  /** Whether what a forgotten end left open is looked for before a transaction writes. Default true. */
  readonly looks?: boolean;
}

const dead = (task: number): ServiceError =>
  new ServiceError('TRANSACTION_FAILED', 'the writer is closed', { task });

const forgotten = (task: number): ServiceError =>
  new ServiceError('TRANSACTION_FAILED', 'the end of an older transaction was forgotten', { task });

/** Says which output of the plan an error is about. */
const ofOutput = <T>(output: number, work: () => T): T => {
  try {
    return work();
  } catch (e) {
    if (!isServiceError(e)) throw e;
    throw new ServiceError(e.code, e.message, { ...e.details, output }, e);
  }
};

/** TaskTransactions on a memory broker. Two of them over one broker are two processes. */
export const memoryTransactions = (
  broker: MemoryBroker,
  options: MemoryTransactionsOptions,
): TaskTransactions => {
  const { group, wordsTopic } = options;
  const steps = options.steps ?? createSteps();
  const { transactions } = broker;

  const writer = (id: string, task: number, who: Writer): TaskTransaction => {
    let beside: string | null | undefined;
    let error: ServiceError | undefined;
    let running = false;
    /** Next sequence number by topic. */
    const sequences = new Map<string, number>();

    const metadataOf = ({ note, accepted }: TransactionPlan): string =>
      accepted === undefined
        ? encodeMetadata({ kind: 'commit', mark: { epoch: who.epoch, last: {} }, note })
        : encodeMetadata({ kind: 'accepted', accepted, note });

    const write = async (plan: TransactionPlan, inspect: Inspect | undefined): Promise<Committed> => {
      const offsets: number[][] = plan.outputs.map(() => []);
      const moves = [
        ...(plan.nextOffset === null
          ? []
          : [{ topic: wordsTopic, nextOffset: plan.nextOffset, metadata: metadataOf(plan) }]),
        ...(plan.otherOffsets ?? []),
      ].map((m) => ({ ...m, group, partition: task }));
      const topics = plan.outputs.filter((o) => o.records.length > 0).map((o) => o.topic);
      const logs = [...new Set([...topics, ...(plan.touched ?? [])])].map((t) => broker.log(t, task));
      const written = { offsets, appendTime: -1 };
      if (logs.length === 0 && moves.length === 0) return written;
      const begin = async (): Promise<void> => {
        await transactions.taken(id, () => transactions.begin(id, who, logs));
        if (options.looks ?? true) commitHeld();
      };
      if (logs.length > 0) {
        const batches = plan.outputs.map(({ topic, records }) => {
          const sequence = sequences.get(topic) ?? 0;
          sequences.set(topic, sequence + records.length);
          return { topic, records, sequence };
        });
        await steps.send('produce', task, async () => {
          await begin();
          batches.forEach(({ topic, records, sequence }, i) => {
            if (records.length === 0) return;
            offsets[i] = ofOutput(i, () => broker.produce(id, who, topic, task, sequence, [...records]));
            const log = broker.log(topic, task);
            const at = log.at(offsets[i][records.length - 1])?.timestamp ?? -1;
            if (log.stamps) written.appendTime = Math.max(written.appendTime, at);
          });
        });
      }
      await inspect?.(written);
      if (moves.length > 0)
        await steps.send('offsets', task, async () => {
          if (logs.length === 0) await begin();
          for (const move of moves) await transactions.taken(id, () => transactions.addOffset(id, who, move));
        });
      await steps.send('end', task, () => transactions.taken(id, () => transactions.end(id, who, true)));
      return written;
    };

    /** Nothing is written yet; an abort of what is would take what was committed with it. */
    const commitHeld = (): void => {
      if (!transactions.holds(who)) return;
      transactions.endForgotten(who);
      transactions.end(id, who, true);
      throw forgotten(task);
    };

    const fail = (e: unknown): ServiceError =>
      e instanceof ServiceError
        ? e
        : new ServiceError('TRANSACTION_FAILED', 'the transaction failed', { task }, e);

    return {
      committed: async (topic = wordsTopic) => {
        if (error !== undefined) throw error;
        try {
          await steps.at('committed', task);
          // Our own last commit may be decided, but not visible yet.
          await transactions.settled(id);
          // Offset and metadata come in one answer, which is kept.
          if (topic === wordsTopic && beside === undefined) beside = broker.metadata(group, wordsTopic, task);
          return broker.offset(group, topic, task);
        } catch (e) {
          throw (error = fail(e));
        }
      },
      metadata: () =>
        Promise.resolve(
          decodeMetadata(beside === undefined ? broker.metadata(group, wordsTopic, task) : beside),
        ),
      commit: async (plan, inspect) => {
        if (error !== undefined) throw error;
        if (running)
          throw new ServiceError('TRANSACTION_FAILED', 'a commit is running; one call at a time', { task });
        running = true;
        try {
          return await write(plan, inspect);
        } catch (e) {
          throw (error = fail(e));
        } finally {
          running = false;
        }
      },
      verify: async () => {
        if (error !== undefined || running) return;
        await transactions.settled(id);
        if (transactions.holds(who)) throw (error = forgotten(task));
      },
      close: () => {
        error ??= dead(task);
        return Promise.resolve();
      },
    };
  };

  return {
    fence: async (task) => {
      const id = `${group}.${task}`;
      await steps.at('fence', task);
      const who = await transactions.taken(id, () => transactions.init(id, options.timeoutMs ?? 15_000));
      transactions.endForgotten(who);
      await steps.at('after-fence', task);
      return writer(id, task, who);
    },
  };
};
