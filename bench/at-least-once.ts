import type { RecordSink } from '@verdikt/core/ports/sink.ts';
import type {
  Committed,
  TaskTransaction,
  TaskTransactions,
  TransactionPlan,
} from '@verdikt/core/ports/transactions.ts';
import { fromCode } from '../kafka/client/classify.ts';
import { codec } from '../kafka/client/compat.ts';
import type { Kafka } from '@verdikt/kafka/connect.ts';
import { committedOffsets } from './progress.ts';

interface Answer {
  readonly responses: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
}
const offsetCommit = codec<object, Answer>('offsetCommit', 5);

/** Room for the slices of all tasks at once. */
const SINK = { maxRecords: 500_000, maxBytes: 512 * 1024 * 1024 };

/**
 * The port of the engine without its promise: outputs are appended with acks=all, then the offset is committed, and a crash
 * in between doubles them. Only to measure what exactly once costs. Offsets go to a group of their own, since only members
 * may commit for the group that shares out the tasks.
 */
export const atLeastOnce = (kafka: Kafka, offsetGroup: string, words: string): TaskTransactions => {
  const sinks = new Map<string, Promise<RecordSink>>();
  const link = kafka.link();
  const sinkOf = (topic: string): Promise<RecordSink> => {
    const known = sinks.get(topic) ?? kafka.sink({ topic, ...SINK });
    sinks.set(topic, known);
    return known;
  };

  const append = async (
    task: number,
    { topic, records }: TransactionPlan['outputs'][number],
  ): Promise<number[]> => {
    const sink = await sinkOf(topic);
    const results = await sink.append(Array.from(records, (record) => ({ partition: task, record })));
    return (results ?? []).map((r) => {
      if (!r.ok) throw fromCode(-1, `the append to ${topic} failed with ${r.code}`);
      return r.offset;
    });
  };

  const commit = async (task: number, plan: TransactionPlan): Promise<Committed> => {
    const offsets = await Promise.all(plan.outputs.map((output) => append(task, output)));
    if (plan.nextOffset !== null) {
      const partitions = [{ partition: task, offset: plan.nextOffset.toString(), metadata: null }];
      const of = {
        groupId: offsetGroup,
        groupGenerationId: -1,
        memberId: '',
        topics: [{ topic: words, partitions }],
      };
      const { request, response } = offsetCommit(of);
      await link.send(await link.coordinator('group', offsetGroup), request, response);
    }
    return { offsets, appendTime: -1 };
  };

  return {
    fence: (task): Promise<TaskTransaction> =>
      Promise.resolve({
        committed: async () => {
          const offset = (await committedOffsets(link, offsetGroup, words))[task];
          return offset === 0 ? null : BigInt(offset);
        },
        metadata: () => Promise.resolve({ kind: 'foreign' as const }),
        commit: (plan) => commit(task, plan),
        verify: () => Promise.resolve(),
        close: () => Promise.resolve(),
      }),
  };
};
