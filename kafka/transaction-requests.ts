import type { TopicOffset } from '@verdikt/processor/ports.ts';
import { fromCode } from './classify.ts';
import { codec } from './compat.ts';
import { SENT, asData, type Exchange } from './protocol.ts';

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

interface Offsets {
  readonly errorCode: number;
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly offset: string;
      readonly metadata: string | null;
      readonly errorCode: number;
    }[];
  }[];
}
const offsetFetchCodec = codec<object, Offsets>('offsetFetch', SENT.OffsetFetch.version);

export interface CommittedOffset {
  /** Null when there is none. A negative one is none: some client reset it. */
  readonly offset: bigint | null;
  readonly metadata: string | null;
}

/** The committed offset of one partition. */
export const fetchOffset = (groupId: string, topic: string, partition: number): Exchange<CommittedOffset> => {
  const { request, response } = offsetFetchCodec({
    groupId,
    topics: [{ topic, partitions: [{ partition }] }],
  });
  const raw = asData<Offsets>(response);
  return {
    request,
    response: {
      decode: raw.decode,
      parse: (data: Offsets) => {
        if (data.errorCode !== 0)
          throw fromCode(data.errorCode, 'the committed offset cannot be read', { group: groupId });
        const answers = data.responses.flatMap((t) => t.partitions.map((p) => ({ topic: t.topic, ...p })));
        verifyAnswers('OffsetFetch', answers, [topic], partition);
        const offset = BigInt(answers[0].offset);
        return { offset: offset < 0n ? null : offset, metadata: answers[0].metadata };
      },
    },
  };
};

const NOT_ATTEMPTED = 55;

interface Answer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** Throws the error of an answer, or BROKER_UNAVAILABLE unless each topic has exactly one answer, for that partition. */
export const verifyAnswers = (
  api: string,
  answers: readonly Answer[],
  topics: readonly string[],
  partition: number,
): void => {
  const bad = answers.filter((a) => a.errorCode !== 0);
  // 55 only says that another one failed.
  const first = bad.find((a) => a.errorCode !== NOT_ATTEMPTED) ?? bad[0];
  if (first !== undefined)
    throw fromCode(first.errorCode, `${api} was refused`, { topic: first.topic, partition: first.partition });
  const named = new Set(answers.map((a) => a.topic));
  const complete =
    answers.length === topics.length &&
    topics.every((t) => named.has(t)) &&
    answers.every((a) => a.partition === partition);
  if (!complete) throw fromCode(-1, `${api} did not answer for each partition once`, { topics, partition });
};
