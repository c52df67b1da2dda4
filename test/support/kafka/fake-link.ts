import { ServiceError } from '@verdikt/core/errors.ts';
import type { Link } from '../../../kafka/client/link.ts';
import type { Offered } from '../../../kafka/wire/protocol.ts';
import { ByteReader } from '../../../kafka/wire/byte-reader.ts';
import { ByteWriter } from '../../../kafka/wire/byte-writer.ts';
import { putProducerId } from './batches.ts';
import { putCompactArray, putNoTags, putUvarint } from '../../../kafka/wire/flexible.ts';

interface FetchAsked {
  readonly partition: number;
  readonly epoch: number;
  readonly offset: number;
  readonly maxBytes: number;
}
export interface FetchRequestSeen {
  readonly node: number;
  readonly maxWaitMs: number;
  readonly isolation: number;
  readonly partitions: readonly FetchAsked[];
}

/** Reads the body of Fetch 11, for one topic. */
export const readFetch = (node: number, body: Buffer): FetchRequestSeen => {
  const r = new ByteReader(body);
  r.int32();
  const maxWaitMs = r.int32();
  r.int32();
  r.int32();
  const isolation = r.int8();
  r.int32();
  r.int32();
  r.int32();
  r.string();
  const partitions = r.array(() => {
    const partition = r.int32();
    const epoch = r.int32();
    const offset = r.int64();
    r.int64();
    return { partition, epoch, offset, maxBytes: r.int32() };
  });
  return { node, maxWaitMs, isolation, partitions };
};

/** Reads topic id, how many positions, and partition, epoch and offset of the first position in the body of Fetch 13. */
export const readFetchById = (
  body: Buffer,
): {
  readonly id: string;
  readonly count: number;
  readonly partition: number;
  readonly epoch: number;
  readonly offset: number;
} => {
  // Tags of the header, the fields before the topics, their count; 16 bytes of id, the count of partitions.
  const r = new ByteReader(body, 1 + 4 + 4 + 4 + 4 + 1 + 4 + 4 + 1);
  const id = r.raw(16).toString('base64url');
  const count = r.int8() - 1;
  return { id, count, partition: r.int32(), epoch: r.int32(), offset: r.int64() };
};

/** The body of an answer to Fetch 13, for one topic. */
export const fetchByIdAnswer = (parts: readonly FetchPart[]): Buffer => {
  const w = new ByteWriter();
  putNoTags(w);
  w.int32(0);
  w.int16(0);
  w.int32(0);
  putCompactArray(w, [parts], () => {
    w.raw(Buffer.alloc(16));
    putCompactArray(w, parts, (p) => {
      w.int32(p.partition);
      w.int16(p.error ?? 0);
      w.int64(p.highWatermark ?? 0);
      w.int64(p.highWatermark ?? 0);
      w.int64(p.logStart ?? 0);
      putCompactArray(w, p.aborted ?? [], (a) => {
        putProducerId(w, a.producerId);
        w.int64(a.firstOffset);
        putNoTags(w);
      });
      w.int32(-1);
      putUvarint(w, (p.records?.length ?? 0) + 1);
      if (p.records !== undefined) w.raw(p.records);
      // A field of a later version.
      putUvarint(w, 1);
      putUvarint(w, 0);
      putUvarint(w, 2);
      w.int16(0);
    });
    putNoTags(w);
  });
  putNoTags(w);
  return w.written();
};

export interface FetchPart {
  readonly partition: number;
  readonly error?: number;
  readonly highWatermark?: number;
  readonly logStart?: number;
  readonly aborted?: readonly { readonly producerId: number | bigint; readonly firstOffset: number }[];
  readonly records?: Buffer;
}

/** The body of an answer to Fetch 11. */
export const fetchAnswer = (parts: readonly FetchPart[], error = 0): Buffer => {
  const w = new ByteWriter();
  w.int32(0);
  w.int16(error);
  w.int32(0);
  w.int32(1);
  w.string('t');
  w.int32(parts.length);
  for (const p of parts) {
    w.int32(p.partition);
    w.int16(p.error ?? 0);
    w.int64(p.highWatermark ?? 0);
    w.int64(p.highWatermark ?? 0);
    w.int64(p.logStart ?? 0);
    w.int32(p.aborted?.length ?? -1);
    for (const a of p.aborted ?? []) {
      putProducerId(w, a.producerId);
      w.int64(a.firstOffset);
    }
    w.int32(-1);
    w.int32(p.records?.length ?? -1);
    if (p.records !== undefined) w.raw(p.records);
  }
  return w.written();
};

/** The body of an answer to ListOffsets 4. */
export const listAnswer = (partition: number, offset: number, error = 0): Buffer => {
  const w = new ByteWriter();
  w.int32(0);
  w.int32(1);
  w.string('t');
  w.int32(1);
  w.int32(partition);
  w.int16(error);
  w.int64(-1);
  w.int64(offset);
  w.int32(-1);
  return w.written();
};

/** The body of an answer to InitProducerId 1. */
export const initAnswer = (producerId: number, epoch = 0, error = 0): Buffer => {
  const w = new ByteWriter();
  w.int32(0);
  w.int16(error);
  w.int64(producerId);
  w.int16(epoch);
  return w.written();
};

/** The body of an answer to Produce 7: error and base offset per partition. */
export const produceAnswer = (
  parts: readonly (readonly [partition: number, error: number, baseOffset: number])[],
): Buffer => {
  const w = new ByteWriter();
  w.int32(1);
  w.string('t');
  w.int32(parts.length);
  for (const [partition, error, baseOffset] of parts) {
    w.int32(partition);
    w.int16(error);
    w.int64(baseOffset);
    w.int64(-1);
    w.int64(0);
  }
  w.int32(0);
  return w.written();
};

/** One request that waits for its answer. */
export interface Sent {
  readonly node: number;
  readonly apiKey: number;
  readonly body: Buffer;
  /** The body where a socket would read it, for as long as it is left alone. */
  readonly written: Buffer;
  answer(body: Buffer): void;
  fail(error: ServiceError): void;
}

export interface FakeLink extends Link {
  /** By partition; tests change it to move a leader. */
  readonly leaders: number[];
  /** By partition, default -1; and the id of the topic, by default unknown. Tests change them too. */
  readonly epochs: number[];
  topicId: string | undefined;
  /** What the brokers offer; by default no more than the versions that every broker needs. */
  offered: Offered;
  refreshed: number;
  /** How often a coordinator was doubted. */
  doubted: number;
  closed: boolean;
  /** While set, `leader` and `refresh` reject with it. */
  broken: ServiceError | undefined;
  /** The next request to any broker. */
  next(apiKey: number): Promise<Sent>;
  /** Requests not taken by `next` yet. */
  readonly waiting: Sent[];
}

/** A link whose requests the test answers one by one. */
export const createFakeLink = (leaders: number[]): FakeLink => {
  const waiting: Sent[] = [];
  const takers: { apiKey: number; take: (sent: Sent) => void }[] = [];
  const closing = Promise.withResolvers<never>();
  closing.promise.catch(() => undefined);
  const link: FakeLink = {
    leaders,
    epochs: [],
    topicId: undefined,
    offered: {},
    refreshed: 0,
    doubted: 0,
    closed: false,
    broken: undefined,
    waiting,
    next: (apiKey) => {
      const at = waiting.findIndex((s) => s.apiKey === apiKey);
      if (at >= 0) return Promise.resolve(waiting.splice(at, 1)[0]);
      return new Promise((take) => takers.push({ apiKey, take }));
    },
    closures: () => 0,
    offers: () => Promise.resolve(true),
    connect: () => Promise.resolve(),
    send: async (node, request, response) => {
      const { apiKey } = request;
      const { buffer: written } = await request.encode();
      const body = Buffer.from(written);
      const answered = Promise.withResolvers<Buffer>();
      const sent: Sent = { node, apiKey, body, written, answer: answered.resolve, fail: answered.reject };
      const at = takers.findIndex((t) => t.apiKey === apiKey);
      if (at >= 0) takers.splice(at, 1)[0].take(sent);
      else waiting.push(sent);
      const raw = await Promise.race([answered.promise, closing.promise]);
      return response.parse(await response.decode(raw));
    },
    exchange: (node, versioned) => {
      const { request, response } = versioned(link.offered);
      return link.send(node, request, response);
    },
    ask: (exchange) => link.exchange(leaders[0], typeof exchange === 'function' ? exchange : () => exchange),
    leader: (_topic, partition) =>
      link.broken
        ? Promise.reject(link.broken)
        : Promise.resolve({
            node: leaders[partition],
            epoch: link.epochs[partition] ?? -1,
            topicId: link.topicId,
          }),
    partitionCount: () => Promise.resolve(leaders.length),
    topics: () => Promise.resolve([]),
    controller: () => Promise.resolve(leaders[0]),
    coordinator: () => Promise.resolve(leaders[0]),
    forgetCoordinator: () => undefined,
    doubtCoordinator: () => void link.doubted++,
    refresh: () => {
      link.refreshed++;
      return link.broken ? Promise.reject(link.broken) : Promise.resolve();
    },
    nodes: () => [...new Set(leaders)],
    brokers: () => Promise.resolve([]),
    close: () => {
      link.closed = true;
      closing.reject(new ServiceError('BROKER_UNAVAILABLE', 'the link is closed'));
      return Promise.resolve();
    },
  };
  return link;
};

/** Lets everything run that waits for no timer and no answer. */
export const settle = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
