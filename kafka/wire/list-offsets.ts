import type { ProtocolRequest } from './protocol.ts';
import { ByteWriter } from './byte-writer.ts';
import { requestOf, responseOf } from './exchange.ts';
import { ISOLATION, type Isolation } from './fetch.ts';

/** Instead of a time: the first offset, or the end of the log (at read_committed: its last stable offset). */
export const EARLIEST = -2;
export const LATEST = -1;

interface OffsetQuestion {
  readonly partition: number;
  /** Of the leader that is asked; see FetchPosition. Default -1: any. */
  readonly epoch?: number;
  /** Milliseconds since 1970, or EARLIEST or LATEST. */
  readonly time: number;
}

export const listOffsetsRequest = (
  topic: string,
  questions: readonly OffsetQuestion[],
  isolation: Isolation,
): ProtocolRequest => {
  const w = new ByteWriter(32 + topic.length * 3 + questions.length * 16);
  w.int32(-1);
  w.int8(ISOLATION[isolation]);
  w.int32(1);
  w.string(topic);
  w.int32(questions.length);
  for (const { partition, epoch, time } of questions) {
    w.int32(partition);
    w.int32(epoch ?? -1);
    w.int64(time);
  }
  return requestOf('ListOffsets', w.written());
};

/** The answer for one partition; a Kafka error code is a value here. */
interface ListedOffset {
  readonly partition: number;
  readonly error: number;
  /** -1: no record at or after that time. */
  readonly offset: number;
}

/** Rejects with BROKER_UNAVAILABLE when the answer is malformed. */
export const listOffsetsResponse = responseOf<ListedOffset[]>((r) => {
  const throttleMs = r.int32();
  const value = r
    .array((t) => {
      t.string();
      return t.array((p) => {
        const partition = p.int32();
        const error = p.int16();
        p.int64();
        const offset = p.int64();
        p.int32();
        return { partition, error, offset };
      });
    })
    .flat();
  return { throttleMs, value };
});
