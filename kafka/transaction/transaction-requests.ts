import { verifyAnswers } from '../client/verify-answers.ts';
import type { TopicOffset } from '@verdikt/core/ports/transactions.ts';
import { codec } from '../client/compat.ts';
import { SENT, asData, type Exchange } from '../wire/protocol.ts';

/** Who writes: the epoch is what fences. */
export interface Producer {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

const wire = (p: Producer): object => ({
  transactionalId: p.transactionalId,
  producerId: p.producerId.toString(),
  producerEpoch: p.producerEpoch,
});

const initCodec = codec<object, { producerId: string; producerEpoch: number }>(
  'initProducerId',
  SENT.InitProducerId.version,
);
export const initProducerId = (
  transactionalId: string,
  transactionTimeout: number,
): Exchange<{ producerId: string; producerEpoch: number }> =>
  initCodec({ transactionalId, transactionTimeout });

interface PartitionErrors {
  readonly errors: readonly {
    readonly topic: string;
    readonly partitionErrors: readonly { readonly partition: number; readonly errorCode: number }[];
  }[];
}
const addPartitionsCodec = codec<object, PartitionErrors>(
  'addPartitionsToTxn',
  SENT.AddPartitionsToTxn.version,
);

/** Says to the coordinator that the transaction writes to `partition` of these topics. */
export const addPartitions = (p: Producer, topics: readonly string[], partition: number): Exchange<void> => {
  const { request, response } = addPartitionsCodec({
    ...wire(p),
    topics: topics.map((topic) => ({ topic, partitions: [partition] })),
  });
  const raw = asData<PartitionErrors>(response);
  return {
    request,
    response: {
      decode: raw.decode,
      parse: (data: PartitionErrors) => {
        const answers = data.errors.flatMap((t) => t.partitionErrors.map((e) => ({ topic: t.topic, ...e })));
        verifyAnswers('AddPartitionsToTxn', answers, topics, partition);
      },
    },
  };
};

const addOffsetsCodec = codec<object, unknown>('addOffsetsToTxn', SENT.AddOffsetsToTxn.version);
export const addOffsets = (p: Producer, groupId: string): Exchange<unknown> =>
  addOffsetsCodec({ ...wire(p), groupId });

interface OffsetErrors {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
  }[];
}
const offsetCommitCodec = codec<object, OffsetErrors>('txnOffsetCommit', SENT.TxnOffsetCommit.version);
/** Moves the offsets of `partition` of these topics. */
export const commitOffsets = (
  p: Producer,
  groupId: string,
  partition: number,
  offsets: readonly (TopicOffset & { readonly metadata?: string })[],
): Exchange<void> => {
  const { request, response } = offsetCommitCodec({
    ...wire(p),
    groupId,
    topics: offsets.map(({ topic, nextOffset, metadata = null }) => ({
      topic,
      partitions: [{ partition, offset: nextOffset.toString(), metadata }],
    })),
  });
  const topics = offsets.map((o) => o.topic);
  const raw = asData<OffsetErrors>(response);
  return {
    request,
    response: {
      decode: raw.decode,
      parse: (data: OffsetErrors) => {
        const answers = data.topics.flatMap((t) => t.partitions.map((e) => ({ topic: t.topic, ...e })));
        verifyAnswers('TxnOffsetCommit', answers, topics, partition);
      },
    },
  };
};

const endCodec = codec<object, unknown>('endTxn', SENT.EndTxn.version);
export const endTransaction = (p: Producer, commit: boolean): Exchange<unknown> =>
  endCodec({ ...wire(p), transactionResult: commit });
