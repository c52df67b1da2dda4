import type { OffsetMetadata } from '@verdikt/core/record/commit-note.ts';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type {
  Committed,
  TaskTransaction,
  TaskTransactions,
  TransactionPlan,
} from '@verdikt/core/ports/transactions.ts';

export interface MemoryKafka {
  /** Appends outside of any transaction; returns the offset. */
  append(topic: string, record: OutRecord): number;
  readonly transactions: TaskTransactions;
  readonly logs: LogReader;
  readonly trimmer: LogTrimmer;
  source(topic: string): RecordSource;
}

/** Undefined: a marker, or a record that was cut. */
interface Log {
  start: number;
  readonly records: (InRecord | undefined)[];
  readonly listeners: Set<() => void>;
}

/**
 * The Kafka behind the ports of a processor in memory, for one process that is the only writer: topics of one partition, where a
 * commit is visible at once and never fails. `committed` sees each plan after its commit.
 */
export const createMemoryKafka = (
  clock: Clock,
  wordsTopic: string,
  committed: (plan: TransactionPlan) => void,
): MemoryKafka => {
  const topics = new Map<string, Log>();
  const offsets = new Map<string, bigint>();
  let metadata: OffsetMetadata = { kind: 'foreign' };

  const logOf = (topic: string): Log => {
    let log = topics.get(topic);
    if (log === undefined) topics.set(topic, (log = { start: 0, records: [], listeners: new Set() }));
    return log;
  };
  const push = (log: Log, record: OutRecord | undefined): number => {
    const offset = log.records.length;
    log.records.push(record && stored(record, offset, record.timestamp ?? clock.now()));
    return offset;
  };
  const tell = (log: Log): void => {
    for (const listener of log.listeners) listener();
  };

  const write = (plan: TransactionPlan): void => {
    for (const { topic, records } of plan.outputs) for (const record of records) push(logOf(topic), record);
    const written = plan.outputs.filter(({ records }) => records.length > 0).map(({ topic }) => topic);
    for (const topic of new Set([...written, ...(plan.touched ?? [])])) {
      push(logOf(topic), undefined);
      tell(logOf(topic));
    }
    if (plan.nextOffset !== null) {
      offsets.set(wordsTopic, plan.nextOffset);
      metadata = { kind: 'commit', mark: { epoch: 0, last: {} }, note: plan.note };
    }
    for (const { topic, nextOffset } of plan.otherOffsets ?? []) offsets.set(topic, nextOffset);
  };

  const transaction: TaskTransaction = {
    committed: (topic = wordsTopic) => Promise.resolve(offsets.get(topic) ?? null),
    metadata: () => Promise.resolve(metadata),
    commit: async (plan, inspect) => {
      const next = new Map<string, number>();
      const place = (topic: string): number => {
        const offset = next.get(topic) ?? logOf(topic).records.length;
        next.set(topic, offset + 1);
        return offset;
      };
      const result: Committed = {
        offsets: plan.outputs.map(({ topic, records }) => Array.from(records, () => place(topic))),
        appendTime: next.size === 0 ? -1 : clock.now(),
      };
      await inspect?.(result);
      write(plan);
      committed(plan);
      return result;
    },
    verify: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };

  return {
    append: (topic, record) => {
      const log = logOf(topic);
      const offset = push(log, record);
      tell(log);
      return offset;
    },
    transactions: { fence: () => Promise.resolve(transaction) },
    logs: memoryLogs(logOf),
    trimmer: memoryTrimmer(logOf),
    source: (topic) => memorySource(logOf(topic)),
  };
};

const stored = ({ key, value, headers }: OutRecord, offset: number, timestamp: number): InRecord =>
  makeRecord({
    ...{ offset, timestamp, key, headers },
    value: typeof value === 'string' ? Buffer.from(value) : value,
  });

const memoryLogs = (logOf: (topic: string) => Log): LogReader => ({
  describe: (names) => Promise.resolve(names.map((id) => ({ id, partitions: 1 }))),
  bounds: (topic) => Promise.resolve({ start: logOf(topic).start, end: logOf(topic).records.length }),
  offsetAt: (topic, _, time) => {
    const { records } = logOf(topic);
    const found = records.findIndex((r) => r !== undefined && r.timestamp >= time);
    return Promise.resolve(found < 0 ? records.length : found);
  },
  scan: (topic, _, from, to, visit) => {
    for (const r of logOf(topic).records.slice(from, to)) if (r !== undefined) visit(r);
    return Promise.resolve();
  },
  fetch: (topic, _, offsets) =>
    Promise.resolve(offsets.map((offset) => logOf(topic).records[offset] as InRecord)),
});

const memoryTrimmer = (logOf: (topic: string) => Log): LogTrimmer => ({
  trim: (topic, _, offset) => {
    const log = logOf(topic);
    log.records.fill(undefined, log.start, offset);
    log.start = offset;
    return Promise.resolve();
  },
});

const memorySource = (log: Log): RecordSource => {
  let position = 0;
  let ready: (() => void) | undefined;
  const close = (): void => {
    if (ready !== undefined) log.listeners.delete(ready);
  };
  return {
    open: (_, nextOffset, onReady) => {
      close();
      position = Number(nextOffset);
      ready = onReady;
      log.listeners.add(onReady);
      onReady();
    },
    poll: (_, maxRecords, maxBytes) => {
      const from = position;
      const records: InRecord[] = [];
      for (let bytes = 0; position < log.records.length; position++) {
        const record = log.records[position];
        if (record === undefined) continue;
        if (records.length >= maxRecords || (records.length > 0 && bytes + record.size > maxBytes)) break;
        bytes += record.size;
        records.push(record);
      }
      return position === from ? undefined : { records, nextOffset: BigInt(position) };
    },
    lag: () => log.records.length - position,
    readable: () => position < log.records.length,
    close,
    stop: () => Promise.resolve(close()),
  };
};
