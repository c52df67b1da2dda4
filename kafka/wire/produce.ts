import type { OutRecords } from '@verdikt/core/record/record.ts';
import type { ProtocolRequest } from './protocol.ts';
import { writeBatch, type BatchMeta } from './batch-writer.ts';
import type { ByteWriter } from './byte-writer.ts';
import { requestOf, responseOf } from './exchange.ts';

interface ProduceHeader {
  readonly transactionalId: string | null;
  /** How long the broker waits for its replicas. acks is always all. */
  readonly timeoutMs: number;
}

/** Writes the body of a Produce request part by part, straight into `writer`. */
export interface ProduceBody {
  /** Begins a topic; its partitions follow. Each topic once. */
  topic(name: string): void;
  /**
   * One batch for a partition of the current topic, as `writeBatch` writes it; returns how many records it took, 0 when the
   * first one alone is over `maxBytes` (the partition is then left out). Each partition once per request.
   */
  partition(
    partition: number,
    records: OutRecords,
    from: number,
    to: number,
    meta: BatchMeta,
    now: number,
    maxBytes?: number,
  ): number;
  /** One batch that was written before: the same bytes again. */
  copy(partition: number, batch: Buffer): void;
  /** Fills in the counts. The request reads `writer`, and what that has borrowed: both must stay untouched until it has settled. */
  end(): ProtocolRequest;
}

export const beginProduce = (writer: ByteWriter, header: ProduceHeader): ProduceBody => {
  writer.string(header.transactionalId);
  writer.int16(-1);
  writer.int32(header.timeoutMs);
  const topicsAt = writer.position;
  writer.int32(0);
  let topics = 0;
  let partitionsAt = 0;
  let partitions = 0;
  const closeTopic = (): void => {
    if (topics > 0) writer.buffer.writeInt32BE(partitions, partitionsAt);
  };
  return {
    topic: (name) => {
      closeTopic();
      topics++;
      writer.string(name);
      partitionsAt = writer.position;
      partitions = 0;
      writer.int32(0);
    },
    partition: (partition, records, from, to, meta, now, maxBytes) => {
      const at = writer.position;
      const before = writer.length;
      writer.int32(partition);
      writer.int32(0);
      const count = writeBatch(writer, records, from, to, meta, now, maxBytes);
      if (count === 0) writer.position = at;
      else {
        writer.buffer.writeInt32BE(writer.length - before - 8, at + 4);
        partitions++;
      }
      return count;
    },
    copy: (partition, batch) => {
      writer.int32(partition);
      writer.int32(batch.length);
      writer.raw(batch);
      partitions++;
    },
    end: () => {
      closeTopic();
      writer.buffer.writeInt32BE(topics, topicsAt);
      return requestOf('Produce', ...writer.parts());
    },
  };
};

/** The answer for one partition; a Kafka error code is a value here. */
export interface Produced {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  /** Offset of the first record of the batch; -1 on an error. */
  readonly baseOffset: number;
  /** When the log stamped the batch, milliseconds since 1970; -1: it keeps the writer's time. */
  readonly appendTime: number;
}

/** Rejects with BROKER_UNAVAILABLE when the answer is malformed. */
export const produceResponse = responseOf<Produced[]>((r) => {
  const value = r
    .array((t) => {
      const topic = t.string();
      return t.array((p) => {
        const partition = p.int32();
        const error = p.int16();
        const baseOffset = p.int64();
        const appendTime = p.int64();
        p.int64();
        return { topic, partition, error, baseOffset, appendTime };
      });
    })
    .flat();
  return { throttleMs: r.int32(), value };
});
