import { isOffered, SENT, type ProtocolRequest, type ProtocolResponse, type Versioned } from './protocol.ts';
import type { AbortedTransaction } from './aborted.ts';
import { ByteWriter } from './byte-writer.ts';
import { requestOf, responseOf } from './exchange.ts';
import {
  compactArray,
  compactBytes,
  flexibleRequest,
  flexibleResponse,
  putCompactArray,
  putCompactString,
  putNoTags,
  skipTags,
} from './flexible.ts';

export type Isolation = 'read_uncommitted' | 'read_committed';
export const ISOLATION = { read_uncommitted: 0, read_committed: 1 } as const satisfies Record<
  Isolation,
  number
>;

export interface FetchPosition {
  readonly partition: number;
  readonly offset: number;
  /** Of the leader that is asked: one that was deposed meanwhile, or does not know yet, answers 74 or 75. Default -1: any. */
  readonly epoch?: number;
  /** The first batch of a response may be larger. */
  readonly maxBytes: number;
}

interface FetchOptions {
  readonly isolation: Isolation;
  /** How long the broker waits for `minBytes`. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** For the whole response; filled in the order of the partitions. */
  readonly maxBytes: number;
}

/** The first version that names topics by id. */
const BY_ID = { name: 'Fetch', key: SENT.Fetch.key, version: 13 };

/**
 * Fetches from one topic: by its id where it has one and the broker takes it, so that a topic that was made again under that name is
 * not read (100 or 103), else by its name.
 */
export const fetchFrom =
  (
    topic: { readonly name: string; readonly id: string | undefined },
    positions: readonly FetchPosition[],
    options: FetchOptions,
  ): Versioned<FetchAnswer> =>
  (offered) =>
    topic.id !== undefined && isOffered(offered, BY_ID)
      ? { request: byId(topic.id, positions, options), response: byIdResponse(topic.name) }
      : { request: fetchRequest(topic.name, positions, options), response: fetchResponse };

const byId = (id: string, positions: readonly FetchPosition[], options: FetchOptions): ProtocolRequest =>
  flexibleRequest(BY_ID, (w) => {
    putLimits(w, options);
    putCompactArray(w, [id], () => {
      w.raw(Buffer.from(id, 'base64url'));
      putCompactArray(w, positions, ({ partition, epoch, offset, maxBytes }) => {
        w.int32(partition);
        w.int32(epoch ?? -1);
        w.int64(offset);
        w.int32(-1);
        w.int64(-1);
        w.int32(maxBytes);
        putNoTags(w);
      });
      putNoTags(w);
    });
    putCompactArray(w, [], () => undefined);
    putCompactString(w, '');
    putNoTags(w);
  });

/** No fetch session. */
const putLimits = (w: ByteWriter, options: FetchOptions): void => {
  w.int32(-1);
  w.int32(options.maxWaitMs);
  w.int32(options.minBytes);
  w.int32(options.maxBytes);
  w.int8(ISOLATION[options.isolation]);
  w.int32(0);
  w.int32(-1);
};

/** By name, which every broker takes. No rack. */
export const fetchRequest = (
  topic: string,
  positions: readonly FetchPosition[],
  options: FetchOptions,
): ProtocolRequest => {
  const w = new ByteWriter(64 + topic.length * 3 + positions.length * 28);
  putLimits(w, options);
  w.int32(1);
  w.string(topic);
  w.int32(positions.length);
  for (const { partition, epoch, offset, maxBytes } of positions) {
    w.int32(partition);
    w.int32(epoch ?? -1);
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
  /** The whole answer, which all `records` are views of. */
  readonly bytes: Buffer;
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
        const aborted = p.array((a) => ({ producerId: a.bigint64(), firstOffset: a.int64() }));
        p.int32();
        return { topic, partition, error: code, highWatermark, logStartOffset, aborted, records: p.bytes() };
      });
    })
    .flat();
  return { throttleMs, value: { error, partitions, bytes: r.buffer } };
});

const byIdResponse = (topic: string): ProtocolResponse<FetchAnswer> =>
  flexibleResponse((r) => {
    const throttleMs = r.int32();
    const error = r.int16();
    r.int32();
    const partitions = compactArray(r, () => {
      r.raw(16);
      const found = compactArray(r, (): Fetched => {
        const partition = r.int32();
        const code = r.int16();
        const highWatermark = r.int64();
        r.int64();
        const logStartOffset = r.int64();
        const aborted = compactArray(r, () => {
          const transaction = { producerId: r.bigint64(), firstOffset: r.int64() };
          skipTags(r);
          return transaction;
        });
        r.int32();
        const records = compactBytes(r);
        skipTags(r);
        return { topic, partition, error: code, highWatermark, logStartOffset, aborted, records };
      });
      skipTags(r);
      return found;
    });
    skipTags(r);
    return { throttleMs, value: { error, partitions: partitions.flat(), bytes: r.buffer } };
  });
