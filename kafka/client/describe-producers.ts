import {
  compactArray,
  compactString,
  flexible,
  partitionsByTopic,
  putNoTags,
  putTopicPartition,
  skipTags,
} from '../wire/flexible.ts';
import { SENT, type Exchange } from '../wire/protocol.ts';

interface ActiveProducer {
  readonly producerId: bigint;
  readonly epoch: number;
  /** Sequence number of its last record. */
  readonly lastSequence: number;
  /** Time of its last record by the broker's clock, milliseconds since 1970. */
  readonly lastTimestamp: number;
  /** First offset of its open transaction; -1 when it has none. */
  readonly openSince: number;
}
interface Producers {
  readonly error: number;
  readonly producers: readonly ActiveProducer[];
}
/** To be sent to the leader. */
export const describeProducers = (topic: string, partition: number): Exchange<Producers> =>
  flexible(
    { name: 'DescribeProducers', ...SENT.DescribeProducers },
    (w) => {
      putTopicPartition(w, topic, partition);
      putNoTags(w);
    },
    (r) => {
      r.int32();
      const found = partitionsByTopic(r, () => {
        r.int32();
        const error = r.int16();
        compactString(r);
        const producers = compactArray(r, () => {
          const producerId = r.bigint64();
          const epoch = r.int32();
          const lastSequence = r.int32();
          const lastTimestamp = r.int64();
          r.int32();
          const openSince = r.int64();
          skipTags(r);
          return { producerId, epoch, lastSequence, lastTimestamp, openSince };
        });
        return { error, producers };
      });
      return found[0] ?? { error: -1, producers: [] };
    },
  );
