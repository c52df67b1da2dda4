import type { Clock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { AppendResult, Submission } from '@verdikt/core/ports/sink.ts';
import { sizeOf, type Call, type SinkPartition, type Waiters } from './sink-partition.ts';
import type { Refusal } from './sink-outcome.ts';

interface BufferOptions {
  readonly topic: string;
  readonly partitions: readonly SinkPartition[];
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly deliveryMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Counts what waits for its result, and answers the calls that brought it. */
interface SinkBuffer {
  /** Queues all or, returning undefined, nothing. Throws INPUT_INVALID for a partition that does not exist. */
  offer(submissions: readonly Submission[]): Promise<AppendResult[]> | undefined;
  settle(waiters: Waiters, resultAt: (i: number) => AppendResult): void;
  refuse(waiters: Waiters, code: Refusal): void;
  readonly records: number;
  readonly bytes: number;
  /** Resolves when nothing waits any more. */
  empty(): Promise<void>;
}

export const createSinkBuffer = (o: BufferOptions): SinkBuffer => {
  let records = 0;
  let bytes = 0;
  let whenEmpty: (() => void)[] = [];

  const settle: SinkBuffer['settle'] = (waiters, resultAt) => {
    for (let i = 0; i < waiters.records.length; i++) {
      const call = waiters.calls[i];
      call.results[waiters.places[i]] = resultAt(i);
      records--;
      bytes -= waiters.sizes[i];
      if (--call.left === 0) call.resolve(call.results);
    }
    if (records > 0) return;
    for (const f of whenEmpty) f();
    whenEmpty = [];
  };

  return {
    offer: (submissions) => {
      const n = submissions.length;
      if (n === 0) return Promise.resolve([]);
      if (records + n > o.maxRecords) return undefined;
      let more = 0;
      const sizes = submissions.map(({ partition, record }) => {
        if (o.partitions[partition] === undefined)
          throw new ServiceError('INPUT_INVALID', 'no such partition', { topic: o.topic, partition });
        const size = sizeOf(record);
        more += size;
        return size;
      });
      if (bytes + more > o.maxBytes) return undefined;
      records += n;
      bytes += more;
      const deadline = o.clock.now() + o.deliveryMs;
      return new Promise((resolve) => {
        const call: Call = { results: new Array<AppendResult>(n), left: n, resolve };
        for (let i = 0; i < n; i++) {
          const { queue } = o.partitions[submissions[i].partition];
          queue.records.push(submissions[i].record);
          queue.calls.push(call);
          queue.places.push(i);
          queue.sizes.push(sizes[i]);
          queue.deadlines.push(deadline);
        }
      });
    },
    settle,
    refuse: (waiters, code) => {
      if (waiters.records.length > 0)
        o.log.warn({ topic: o.topic, code, records: waiters.records.length }, 'records not appended');
      const result = { ok: false, code } as const;
      settle(waiters, () => result);
    },
    get records() {
      return records;
    },
    get bytes() {
      return bytes;
    },
    empty: () => (records === 0 ? Promise.resolve() : new Promise((resolve) => whenEmpty.push(resolve))),
  };
};
