import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { RecordSource, Slice } from '@verdikt/core/ports/source.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { PartitionLog } from './partition-log.ts';
import { createSteps, type Steps } from './steps.ts';

interface Opened {
  readonly log: PartitionLog;
  position: number;
  /** What the last look at the log found. */
  stable: number;
  end: number;
  looking: boolean;
  /** Holds what the last poll has handed out. */
  lent: Buffer;
  error: ServiceError | undefined;
  stopListening: () => void;
}

/** What bytes are overwritten with once no record may be read from them, so that a late reader is noticed. */
const WIPED = 0xdb;

/** The records as views of bytes that they are lent for a while. */
const lend = (o: Opened, records: readonly InRecord[], bytes: number): InRecord[] => {
  o.lent = Buffer.alloc(bytes);
  let used = 0;
  return records.map((record) => {
    const lent = record.copyTo(o.lent, used);
    used += record.size;
    return lent;
  });
};

/** RecordSource on a memory broker. It sees the log as of its last look, which is a step of its own after every change. */
export const memorySource = (
  broker: MemoryBroker,
  topic: string,
  steps: Steps = createSteps(),
): RecordSource => {
  const opened = new Map<number, Opened>();

  const look = async (task: number, o: Opened, onReady: () => void): Promise<void> => {
    if (o.looking) return;
    o.looking = true;
    try {
      await steps.at('poll', task);
      o.looking = false;
      const { log } = o;
      if (o.position < log.start || o.position > log.end) throw gone(task, o.position);
      o.stable = log.stable;
      o.end = log.end;
    } catch (e) {
      o.looking = false;
      o.error ??= isServiceError(e)
        ? e
        : new ServiceError('INTERNAL', String(e), { topic, partition: task }, e);
    }
    if (opened.get(task) === o) onReady();
  };

  const gone = (task: number, offset: number): ServiceError =>
    new ServiceError('OFFSET_LOST', `${topic}-${task}: offset ${offset} is not in the log`, {
      ...{ topic, partition: task, offset },
    });

  const take = (task: number, o: Opened, maxRecords: number, maxBytes: number): Slice | undefined => {
    const from = o.position;
    // What was deleted since the last look is not passed over.
    if (from < o.log.start) throw (o.error ??= gone(task, from));
    const found: InRecord[] = [];
    let bytes = 0;
    while (o.position < o.stable) {
      const record = o.log.committed(o.position);
      if (record !== undefined) {
        if (found.length >= maxRecords || (found.length > 0 && bytes + record.size > maxBytes)) break;
        bytes += record.size;
        found.push(record);
      }
      o.position++;
    }
    return o.position === from
      ? undefined
      : { records: lend(o, found, bytes), nextOffset: BigInt(o.position) };
  };

  const close = (task: number): void => {
    const o = opened.get(task);
    o?.lent.fill(WIPED);
    o?.stopListening();
    opened.delete(task);
  };

  return {
    open: (task, nextOffset, onReady) => {
      close(task);
      const log = broker.log(topic, task);
      const position = Number(nextOffset);
      const o: Opened = {
        log,
        position,
        stable: position,
        end: position,
        looking: false,
        lent: Buffer.alloc(0),
        error: undefined,
        stopListening: log.listen(() => void look(task, o, onReady)),
      };
      opened.set(task, o);
      void look(task, o, onReady);
    },
    poll: (task, maxRecords, maxBytes) => {
      const o = opened.get(task);
      if (o === undefined) return undefined;
      o.lent.fill(WIPED);
      if (o.error !== undefined) throw o.error;
      return take(task, o, maxRecords, maxBytes);
    },
    lag: (task) => {
      const o = opened.get(task);
      return o === undefined ? 0 : Math.max(0, o.end - o.position);
    },
    readable: (task) => {
      const o = opened.get(task);
      return o !== undefined && o.position < o.stable;
    },
    close,
    stop: () => {
      for (const task of [...opened.keys()]) close(task);
      return Promise.resolve();
    },
  };
};
