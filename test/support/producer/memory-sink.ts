import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { AppendResult, RecordSink, Submission } from '@verdikt/core/ports/sink.ts';

/** Where the records go; a topic of a broker in memory fits. */
export interface AppendLog {
  readonly partitions: number;
  /** Returns the offset. Throws ServiceError with a code of AppendResult. */
  append(partition: number, record: OutRecord): number;
}

export interface MemorySinkOptions {
  readonly log: AppendLog;
  /** Bounds of what waits for its result. Defaults 10,000 records, 8 MiB. */
  readonly maxRecords?: number;
  readonly maxBytes?: number;
  /** Resolves when a produce request may go; default: at once. What is appended meanwhile goes with it. */
  readonly turn?: () => Promise<void> | undefined;
  /** Called for each produce request. `lost-answer`: the records are in the log; `lost-request`: they are not. */
  readonly fault?: () => 'lost-request' | 'lost-answer' | 'BROKER_UNAVAILABLE' | 'ACCESS_DENIED' | undefined;
}

interface Batch {
  readonly submissions: readonly Submission[];
  readonly bytes: number;
  readonly settle: (results: AppendResult[]) => void;
}

type Refusal = Extract<AppendResult, { ok: false }>['code'];
const CODES = new Set<string>([
  'BROKER_UNAVAILABLE',
  'RECORD_TOO_LARGE',
  'ACCESS_DENIED',
] satisfies Refusal[]);

const sizeOf = ({ record }: Submission): number => {
  let n = (record.key?.length ?? 0) + (record.value === null ? 0 : Buffer.byteLength(record.value));
  for (const [name, value] of record.headers)
    n += Buffer.byteLength(name) + (value === null ? 0 : Buffer.byteLength(value));
  return n;
};

/** RecordSink over a log in memory: one produce request at a time, what comes meanwhile shares the next. */
export const memorySink = (options: MemorySinkOptions): RecordSink => {
  const { log, turn, fault } = options;
  const maxRecords = options.maxRecords ?? 10_000;
  const maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
  let queue: Batch[] = [];
  let records = 0;
  let bytes = 0;
  let healthy = true;
  let stopping = false;
  let draining: Promise<void> | undefined;

  const one = (s: Submission): AppendResult => {
    try {
      return { ok: true, offset: log.append(s.partition, s.record) };
    } catch (e) {
      if (isServiceError(e) && CODES.has(e.code)) return { ok: false, code: e.code as Refusal };
      throw new ServiceError('INTERNAL', `cannot append: ${String(e)}`, { partition: s.partition }, e);
    }
  };

  const produce = (batches: readonly Batch[]): AppendResult[][] => {
    const struck = fault?.();
    healthy = struck === undefined;
    if (struck === undefined) return batches.map((b) => b.submissions.map(one));
    if (struck === 'lost-answer') for (const b of batches) b.submissions.forEach(one);
    const code = struck === 'lost-answer' || struck === 'lost-request' ? 'APPEND_UNCONFIRMED' : struck;
    return batches.map((b) => b.submissions.map(() => ({ ok: false, code })));
  };

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      await turn?.();
      await null;
      const batches = queue;
      queue = [];
      const results = produce(batches);
      batches.forEach((b, i) => {
        records -= b.submissions.length;
        bytes -= b.bytes;
        b.settle(results[i]);
      });
    }
    draining = undefined;
  };

  return {
    partitions: log.partitions,
    topicId: () => undefined,
    append: (submissions) => {
      if (stopping) return Promise.resolve(submissions.map(() => ({ ok: false, code: 'STOPPING' })));
      const size = submissions.reduce((n, s) => n + sizeOf(s), 0);
      if (records + submissions.length > maxRecords || bytes + size > maxBytes) return undefined;
      records += submissions.length;
      bytes += size;
      return new Promise((settle) => {
        queue.push({ submissions, bytes: size, settle });
        draining ??= drain();
      });
    },
    pending: () => ({ records, bytes }),
    healthy: () => healthy,
    stop: async () => {
      stopping = true;
      await draining;
    },
  };
};
