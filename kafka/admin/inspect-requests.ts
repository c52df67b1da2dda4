import { codec } from '../client/compat.ts';
import { SENT, asData, type Exchange } from '../wire/protocol.ts';
import {
  compactArray,
  compactString,
  flexible,
  partitionsByTopic,
  putCompactArray,
  putCompactString,
  putNoTags,
  skipTags,
} from '../wire/flexible.ts';

const BROKER = 4;
const describeCodec = codec<object, unknown>('describeConfigs', SENT.DescribeConfigs.version);
interface DescribedBroker {
  readonly resources: readonly {
    readonly errorCode: number;
    readonly configEntries: readonly {
      readonly configName: string;
      readonly configValue: string | null;
      readonly isSensitive: boolean;
    }[];
  }[];
}
/** To be sent to that broker. */
export const describeBroker = (nodeId: number): Exchange<DescribedBroker> => {
  const { request, response } = describeCodec({
    resources: [{ type: BROKER, name: String(nodeId) }],
    includeSynonyms: false,
  });
  return { request, response: asData(response) };
};

interface TransactionAnswer {
  readonly error: number;
  readonly state: string;
  readonly producerId: bigint;
  /** Milliseconds since 1970; -1 when none is open. */
  readonly startedAt: number;
  readonly timeoutMs: number;
}
/** To be sent to its coordinator. */
export const describeTransaction = (transactionalId: string): Exchange<TransactionAnswer> =>
  flexible(
    { name: 'DescribeTransactions', ...SENT.DescribeTransactions },
    (w) => {
      putCompactArray(w, [transactionalId], (id) => putCompactString(w, id));
      putNoTags(w);
    },
    (r) => {
      r.int32();
      const states = compactArray(r, () => {
        const error = r.int16();
        compactString(r);
        const state = compactString(r) ?? '';
        const timeoutMs = r.int32();
        const startedAt = r.int64();
        const producerId = r.bigint64();
        r.int16();
        compactArray(r, () => {
          compactString(r);
          compactArray(r, () => r.int32());
          skipTags(r);
        });
        skipTags(r);
        return { error, state, timeoutMs, startedAt, producerId };
      });
      return states[0] ?? { error: -1, state: '', timeoutMs: 0, startedAt: -1, producerId: -1n };
    },
  );

interface Quorum {
  readonly error: number;
  /** What the leader of the quorum takes as now: it has caught up with itself at the time of asking. */
  readonly now: number;
}
export const describeQuorum = (): Exchange<Quorum> =>
  flexible(
    { name: 'DescribeQuorum', ...SENT.DescribeQuorum },
    (w) => {
      putCompactArray(w, ['__cluster_metadata'], (topic) => {
        putCompactString(w, topic);
        putCompactArray(w, [0], (p) => {
          w.int32(p);
          putNoTags(w);
        });
        putNoTags(w);
      });
      putNoTags(w);
    },
    (r) => {
      const replica = (): { id: number; caughtUp: number } => {
        const id = r.int32();
        r.int64();
        r.int64();
        const caughtUp = r.int64();
        skipTags(r);
        return { id, caughtUp };
      };
      const error = r.int16();
      const found = partitionsByTopic(r, () => {
        r.int32();
        const own = r.int16();
        const leader = r.int32();
        r.int32();
        r.int64();
        const voters = compactArray(r, replica);
        compactArray(r, replica);
        return { error: own, now: voters.find((v) => v.id === leader)?.caughtUp ?? -1 };
      });
      return error === 0 ? (found[0] ?? { error: -1, now: -1 }) : { error, now: -1 };
    },
  );
