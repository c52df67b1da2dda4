import { at } from '@verdikt/core/at.ts';
import { fromCode } from '../client/classify.ts';
import { codec } from '../client/compat.ts';
import { verifyAnswers } from '../client/verify-answers.ts';
import {
  compactString,
  flexible,
  partitionsByTopic,
  putCompactString,
  putNoTags,
  putTopicPartition,
} from '../wire/flexible.ts';
import { isOffered, SENT, asData, type Exchange, type Versioned } from '../wire/protocol.ts';

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

const GROUP_ID_NOT_FOUND = 69;
const UNSTABLE_OFFSET_COMMIT = 88;

/** The committed offset of one partition; none where the broker does not know the group, which Kafka answers without a code. */
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
        if (data.errorCode === GROUP_ID_NOT_FOUND) return { offset: null, metadata: null };
        if (data.errorCode !== 0)
          throw fromCode(data.errorCode, 'the committed offset cannot be read', { group: groupId });
        const answers = data.responses.flatMap((t) => t.partitions.map((p) => ({ topic: t.topic, ...p })));
        verifyAnswers('OffsetFetch', answers, [topic], partition);
        const answer = at(answers, 0);
        const offset = BigInt(answer.offset);
        return { offset: offset < 0n ? null : offset, metadata: answer.metadata };
      },
    },
  };
};

/** The first version that can be asked for stable offsets alone. */
const STABLE = { name: 'OffsetFetch', key: SENT.OffsetFetch.key, version: 7 };

/** Whether a transaction that has not ended holds an offset of this partition; false where the broker cannot say. */
export const offsetPending =
  (groupId: string, topic: string, partition: number): Versioned<boolean> =>
  (offered) => {
    if (!isOffered(offered, STABLE)) {
      const { request, response } = fetchOffset(groupId, topic, partition);
      const parse = async (data: unknown): Promise<boolean> => {
        await response.parse(data);
        return false;
      };
      return { request, response: { decode: (raw) => response.decode(raw) as unknown, parse } };
    }
    return flexible(
      STABLE,
      (w) => {
        putCompactString(w, groupId);
        putTopicPartition(w, topic, partition);
        w.int8(1);
        putNoTags(w);
      },
      (r) => {
        r.int32();
        const codes = partitionsByTopic(r, () => {
          r.int32();
          r.int64();
          r.int32();
          compactString(r);
          return r.int16();
        });
        const code = r.int16() || (codes[0] ?? 0);
        if (code === UNSTABLE_OFFSET_COMMIT) return true;
        if (code !== 0 && code !== GROUP_ID_NOT_FOUND)
          throw fromCode(code, 'the committed offset cannot be read', { group: groupId });
        return false;
      },
    );
  };
