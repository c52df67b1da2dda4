import type { Clock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import {
  TransactionCoordinator,
  type CoordinatorDeps,
  type OffsetMove,
  type WrittenMove,
} from './coordinator.ts';
import { PartitionLog, type Writer } from './partition-log.ts';

interface TopicSpec {
  readonly partitions: number;
  /** Stamp records when they are appended; default false: keep the writer's time. */
  readonly logAppendTime?: boolean;
  /** Bytes of key, value and headers of one record; default 1,000,000. */
  readonly maxRecordBytes?: number;
}

interface BrokerDeps {
  readonly clock: Clock;
  /** See CoordinatorDeps; default: at once. */
  readonly markers?: (write: () => void) => void;
  /** Told of each transaction that the coordinator aborts because it was open for too long. */
  readonly timedOut?: (id: string) => void;
  /** See CoordinatorDeps; all sockets close then. Default: never. */
  readonly forgets?: CoordinatorDeps['forgets'];
}

interface Topic {
  readonly id: string;
  readonly logs: readonly PartitionLog[];
  maxRecordBytes: number;
}

/**
 * Kafka as far as our ports can tell, in memory: topics, transactions, group offsets. A synchronous, deterministic core
 * without I/O; the ports stand beside it (memory-transactions.ts, memory-source.ts, memory-logs.ts, memory-group.ts).
 */
export class MemoryBroker {
  readonly clock: Clock;
  readonly transactions: TransactionCoordinator;
  readonly #topics = new Map<string, Topic>();
  #created = 0;
  readonly #forgot = new Set<() => void>();
  readonly #offsets = new Map<string, WrittenMove>();
  #commits = 0;
  readonly #earlier = new Map<string, OffsetMove>();

  constructor(deps: BrokerDeps) {
    this.clock = deps.clock;
    this.transactions = new TransactionCoordinator({
      clock: deps.clock,
      moved: (m) => this.#moved(m),
      nextAt: () => ++this.#commits,
      markers: deps.markers ?? ((write) => write()),
      timedOut: deps.timedOut ?? (() => undefined),
      forgets: (id, logs) => {
        const forgotten = deps.forgets?.(id, logs) ?? { logs: [], offsets: false };
        if (forgotten.logs.length === 0 && !forgotten.offsets) return forgotten;
        for (const forgot of this.#forgot) forgot();
        return forgotten;
      },
    });
  }

  /** Called whenever an end is forgotten. */
  onForgotten(listener: () => void): void {
    this.#forgot.add(listener);
  }

  createTopic(name: string, spec: TopicSpec): void {
    if (this.#topics.has(name))
      throw new ServiceError('TOPIC_INVALID', `topic ${name} exists`, { topic: name });
    const log = (_: unknown, i: number): PartitionLog =>
      new PartitionLog(name, i, () => this.clock.now(), spec.logAppendTime ?? false);
    const logs = Array.from({ length: spec.partitions }, log);
    const id = `id-${this.#created++}`;
    this.#topics.set(name, { id, logs, maxRecordBytes: spec.maxRecordBytes ?? 1_000_000 });
  }

  /** With all its records and committed offsets. Readers that are open keep what they had. */
  deleteTopic(name: string): void {
    this.#topic(name);
    this.#topics.delete(name);
    for (const key of [...this.#offsets.keys()]) if (key.split(' ')[1] === name) this.#offsets.delete(key);
  }

  /** Of this topic and no other, also of the same name. */
  topicId(topic: string): string {
    return this.#topic(topic).id;
  }

  /** From now on records of the topic may have so many bytes. */
  limit(topic: string, maxRecordBytes: number): void {
    this.#topic(topic).maxRecordBytes = maxRecordBytes;
  }

  partitions(topic: string): number {
    return this.#topic(topic).logs.length;
  }

  /** Throws TOPIC_INVALID where there is no such partition. */
  log(topic: string, partition: number): PartitionLog {
    const log = this.#topic(topic).logs[partition];
    if (log === undefined)
      throw new ServiceError('TOPIC_INVALID', `no partition ${topic}-${partition}`, { topic, partition });
    return log;
  }

  /** Plain produce, without identity. Returns the offset; throws RECORD_TOO_LARGE. */
  append(topic: string, partition: number, record: OutRecord): number {
    const log = this.log(topic, partition);
    this.#fits(topic, [record]);
    return log.append([record], undefined);
  }

  /** Produce of an idempotent producer outside of any transaction. See PartitionLog.append. */
  appendAs(
    writer: Writer,
    topic: string,
    partition: number,
    sequence: number,
    records: readonly OutRecord[],
  ): number {
    const log = this.log(topic, partition);
    this.#fits(topic, records);
    return log.append(records, { ...writer, sequence, transactional: false });
  }

  /**
   * Produce inside the open transaction of `writer`; all records or, where one does not fit, none. Returns their offsets. As in
   * Kafka the coordinator is asked only for the first batch of a transaction in a partition: until the marker is there, the log
   * takes what a writer sends that was fenced meanwhile, and the marker aborts it.
   */
  produce(
    id: string,
    writer: Writer,
    topic: string,
    partition: number,
    sequence: number,
    records: readonly OutRecord[],
  ): number[] {
    const log = this.log(topic, partition);
    if (!log.isOpen(writer)) this.transactions.checkWrite(id, writer, log);
    this.#fits(topic, records);
    const first = log.append(records, { ...writer, sequence, transactional: true });
    return records.map((_, i) => first + i);
  }

  /** Visible committed offset of a group; null where none is. Pending ones do not show. */
  offset(group: string, topic: string, partition: number): bigint | null {
    return this.#offsets.get(`${group} ${topic} ${partition}`)?.nextOffset ?? null;
  }

  /** What was committed beside it; null: nothing. */
  metadata(group: string, topic: string, partition: number): string | null {
    return this.#offsets.get(`${group} ${topic} ${partition}`)?.metadata ?? null;
  }

  /** What was committed before the newest commit. */
  earlierOffset(group: string, topic: string, partition: number): OffsetMove | undefined {
    return this.#earlier.get(`${group} ${topic} ${partition}`);
  }

  /** Sets a group offset outside of any transaction. */
  setOffset(move: OffsetMove): void {
    this.#moved({ ...move, at: ++this.#commits });
  }

  /** What was written before what is visible already stays unseen. */
  #moved(move: WrittenMove): void {
    const key = `${move.group} ${move.topic} ${move.partition}`;
    const before = this.#offsets.get(key);
    if (before !== undefined && before.at > move.at) return;
    if (before !== undefined) this.#earlier.set(key, before);
    this.#offsets.set(key, move);
  }

  /** As if it had expired. */
  forgetOffset(group: string, topic: string, partition: number): void {
    this.#offsets.delete(`${group} ${topic} ${partition}`);
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new ServiceError('TOPIC_INVALID', `no topic ${name}`, { topic: name });
    return topic;
  }

  #fits(topic: string, records: readonly OutRecord[]): void {
    const most = this.#topic(topic).maxRecordBytes;
    records.forEach((record, index) => {
      let bytes = (record.key?.length ?? 0) + (record.value === null ? 0 : Buffer.byteLength(record.value));
      for (const [name, value] of record.headers)
        bytes += Buffer.byteLength(name) + (value === null ? 0 : Buffer.byteLength(value));
      if (bytes > most)
        throw new ServiceError('RECORD_TOO_LARGE', `record of ${bytes} bytes, ${topic} takes ${most}`, {
          ...{ topic, bytes, record: index },
        });
    });
  }
}
