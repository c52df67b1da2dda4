import type { ProtocolRequest } from '../protocol.ts';
import type { AbortedTransaction } from './aborted.ts';
import { ByteWriter } from './byte-writer.ts';
import { requestOf, responseOf } from './exchange.ts';

export type Isolation = 'read_uncommitted' | 'read_committed';
export const ISOLATION = { read_uncommitted: 0, read_committed: 1 } as const satisfies Record<
  Isolation,
  number
>;

export interface FetchPosition {
  readonly partition: number;
  readonly offset: number;
  /** The first batch of a response may be larger. */
  readonly maxBytes: number;
}

export interface FetchOptions {
  readonly isolation: Isolation;
  /** How long the broker waits for `minBytes`. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** For the whole response; filled in the order of the partitions. */
  readonly maxBytes: number;
}

/** Fetches from one topic. No fetch session, no leader epoch, no rack. */
export const fetchRequest = (
  topic: string,
  positions: readonly FetchPosition[],
  options: FetchOptions,
): ProtocolRequest => {
  const w = new ByteWriter(64 + topic.length * 3 + positions.length * 28);
  w.int32(-1);
  w.int32(options.maxWaitMs);
  w.int32(options.minBytes);
  w.int32(options.maxBytes);
  w.int8(ISOLATION[options.isolation]);
  w.int32(0);
  w.int32(-1);
  w.int32(1);
  w.string(topic);
  w.int32(positions.length);
  for (const { partition, offset, maxBytes } of positions) {
    w.int32(partition);
    w.int32(-1);
    w.int64(offset);
    w.int64(-1);
    w.int32(maxBytes);
  }
  w.int32(0);
  w.string('');
  return requestOf('Fetch', w.written());
};

/** The answer for one partition; a Kafka error code is a value here. */
export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  /** End of the log at read_uncommitted; -1 on an error. */
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** A view of the response. */
  readonly records: Buffer;
}

export interface FetchAnswer {
  /** Error code of the request as a whole. */
  readonly error: number;
  readonly partitions: readonly Fetched[];
}

/** Rejects with BROKER_UNAVAILABLE when the answer is malformed. */
export const fetchResponse = responseOf<FetchAnswer>((r) => {
  const throttleMs = r.int32();
  const error = r.int16();
  r.int32();
  const partitions = r
    .array((t) => {
      const topic = t.string();
      return t.array((p) => {
        const partition = p.int32();
        const code = p.int16();
        const highWatermark = p.int64();
        p.int64();
        const logStartOffset = p.int64();
        const aborted = p.array((a) => ({ producerId: a.int64(), firstOffset: a.int64() }));
        p.int32();
        return { topic, partition, error: code, highWatermark, logStartOffset, aborted, records: p.bytes() };
      });
    })
    .flat();
  return { throttleMs, value: { error, partitions } };
});
