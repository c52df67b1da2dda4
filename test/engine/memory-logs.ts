import { ServiceError } from '@verdikt/core/errors.ts';
import { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { PartitionLog } from './partition-log.ts';
import { createSteps, type Steps } from './steps.ts';

/** Records that one answer of a scan holds at most. */
const CHUNK = 500;
const GONE = 0xdd;

/** A view that is only good until `spoil`, as a fetch buffer that is used again. */
const lend = (r: InRecord): { readonly view: InRecord; readonly spoil: () => void } => {
  const buffer = Buffer.from(r.buffer);
  const { keyStart, keyEnd, valueStart, valueEnd, headersStart, headersEnd, headerCount, truncated } = r;
  return {
    view: new InRecord(
      buffer,
      r.offset,
      r.timestamp,
      keyStart,
      keyEnd,
      valueStart,
      valueEnd,
      headersStart,
      headersEnd,
      headerCount,
      truncated,
    ),
    spoil: () => void buffer.fill(GONE),
  };
};

const changed = (log: PartitionLog): Promise<void> =>
  new Promise((resolve) => {
    const stop = log.listen(() => {
      stop();
      resolve();
    });
  });

/** LogReader on a memory broker. `chunk`: entries between two steps of a scan; default 500. */
export const memoryLogReader = (
  broker: MemoryBroker,
  steps: Steps = createSteps(),
  chunk = CHUNK,
): LogReader => ({
  describe: async (topics) => {
    await steps.at('describe', 0);
    return topics.map((topic) => ({ id: broker.topicId(topic), partitions: broker.partitions(topic) }));
  },
  bounds: async (topic, partition) => {
    await steps.at('bounds', partition);
    const { start, end } = broker.log(topic, partition);
    return { start, end };
  },
  offsetAt: async (topic, partition, time) => {
    await steps.at('offset-at', partition);
    const log = broker.log(topic, partition);
    return log.entries().find((e) => e.timestamp >= time)?.offset ?? log.end;
  },
  scan: async (topic, partition, from, to, visit) => {
    const log = broker.log(topic, partition);
    for (let position = from; position < to;) {
      await steps.at('scan', partition);
      while (position >= log.stable) await changed(log);
      const until = Math.min(to, log.stable, position + chunk);
      for (; position < until; position++) {
        const record = log.committed(position);
        if (record === undefined) continue;
        const { view, spoil } = lend(record);
        visit(view);
        spoil();
      }
    }
  },
  fetch: async (topic, partition, offsets) => {
    await steps.at('fetch', partition);
    const log = broker.log(topic, partition);
    return offsets.map((offset) => {
      const record = log.committed(offset);
      if (record === undefined)
        throw new ServiceError('OFFSET_LOST', `${topic}-${partition}: no record at ${offset}`, {
          topic,
          partition,
          offset,
        });
      return record.detach();
    });
  },
});

/** LogTrimmer on a memory broker. As Kafka it refuses to cut past the end. */
export const memoryTrimmer = (broker: MemoryBroker, steps: Steps = createSteps()): LogTrimmer => ({
  trim: async (topic, partition, offset) => {
    await steps.at('trim', partition);
    const log = broker.log(topic, partition);
    if (offset > log.end)
      throw new ServiceError('OFFSET_LOST', `${topic}-${partition}: ${offset} is past the end ${log.end}`, {
        topic,
        partition,
        offset,
      });
    log.trim(offset);
  },
});
