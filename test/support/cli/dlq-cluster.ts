import {
  decodeControl,
  encodeAnswer,
  type Command,
  type CommandResult,
} from '@verdikt/core/record/control.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { makeRecord as inRecord } from '@verdikt/core/record/make-record.ts';
import type { Appended, DlqCluster } from '@verdikt/operate/dlq/ports.ts';

/** What a task answers; undefined: nothing, as while no processor runs. */
type Task = (command: Command, key: Buffer | null) => readonly [CommandResult, string] | undefined;

/** The rules of a real task as far as tools can tell: each command once, each record once under each redrive count. */
export const honestTask = (): Task => {
  const commands = new Set<string>();
  const done = new Set<string>();
  return (c) => {
    if (c.action === 'reset') return ['applied', ''];
    const target = `${c.submission}/${c.redrive}/${c.expected}`;
    if (commands.has(c.id) || done.has(target)) return ['duplicate', 'done-before'];
    commands.add(c.id);
    done.add(target);
    return ['applied', ''];
  };
};

/** Topics in memory behind the port of the tools; a stand-in task answers what is appended to `control`. */
export class DlqMemory {
  readonly topics = new Map<string, InRecord[][]>();
  /** First offset of each partition that was cut. */
  readonly starts = new Map<string, number>();
  task: Task = honestTask();
  /** Called before each append; may throw or reject, as a tool that is killed. */
  beforeAppend: (topic: string, records: readonly OutRecord[]) => Appended | undefined = () => undefined;
  readonly control: string;

  constructor(control: string) {
    this.control = control;
  }

  create(topic: string, partitions: number): void {
    this.topics.set(
      topic,
      Array.from({ length: partitions }, () => []),
    );
  }

  log(topic: string, partition: number): InRecord[] {
    const found = this.topics.get(topic)?.[partition];
    if (found === undefined) throw new ServiceError('TOPIC_INVALID', `no ${topic}-${partition}`);
    return found;
  }

  put(
    topic: string,
    partition: number,
    r: Pick<OutRecord, 'key' | 'value' | 'headers' | 'timestamp'>,
  ): number {
    const log = this.log(topic, partition);
    const bytes = (v: Buffer | string | null): Buffer | null =>
      v === null ? null : Buffer.from(v as string);
    const headers = r.headers.map(([n, v]) => [n, bytes(v)] as const);
    const record = inRecord({
      ...{ offset: log.length, timestamp: r.timestamp ?? 1_790_000_000_000 + log.length },
      ...{ key: r.key, value: bytes(r.value), headers },
    });
    log.push(record);
    if (topic === this.control) this.#answer(partition, record);
    return record.offset;
  }

  #answer(partition: number, record: InRecord): void {
    const c = decodeControl(record);
    if (c.kind !== 'command') return;
    const answer = this.task(c.command, c.key);
    if (answer === undefined) return;
    const { id, operation, action } = c.command;
    const target = c.command.action === 'reset' ? undefined : c.command;
    const [result, reason] = answer;
    const told = { id, operation, action, result, reason, offset: record.offset, target };
    this.put(this.control, partition, encodeAnswer(told, c.key));
  }

  cluster(): DlqCluster {
    const start = (topic: string, p: number): number => this.starts.get(`${topic}/${p}`) ?? 0;
    const reject = <T>(f: () => T): Promise<T> => new Promise((resolve) => resolve(f()));
    return {
      logs: {
        describe: (names) => Promise.resolve(names.map(() => ({ id: undefined, partitions: 1 }))),
        bounds: (topic, p) => reject(() => ({ start: start(topic, p), end: this.log(topic, p).length })),
        offsetAt: (topic, p, time) =>
          reject(() => {
            const i = this.log(topic, p).findIndex((r) => r.timestamp >= time);
            return i < 0 ? this.log(topic, p).length : i;
          }),
        scan: (topic, p, from, to, visit) =>
          reject(() =>
            this.log(topic, p)
              .slice(Math.max(from, start(topic, p)), to)
              .forEach(visit),
          ),
        fetch: (topic, p, offsets) =>
          reject(() =>
            offsets.map((o) => {
              const found = o < start(topic, p) ? undefined : this.log(topic, p)[o];
              if (found === undefined) throw new ServiceError('OFFSET_LOST', `${topic}-${p} has no ${o}`);
              return found;
            }),
          ),
      },
      partitionsOf: (topic) =>
        reject(() => {
          this.log(topic, 0);
          return (this.topics.get(topic) ?? []).length;
        }),
      committed: () => Promise.resolve(null),
      appender: (topic) =>
        Promise.resolve({
          append: async (records) =>
            records.map(({ partition, record }): Appended => {
              const refused = this.beforeAppend(topic, [record]);
              return refused ?? { ok: true, offset: this.put(topic, partition, record) };
            }),
          stop: () => Promise.resolve(),
        }),
      quarantine: (topic, partition) =>
        Promise.resolve({
          commit: (records) => reject(() => records.forEach((r) => this.put(topic, partition, r))),
          close: () => Promise.resolve(),
        }),
      trim: (topic, p, offset) => reject(() => void this.starts.set(`${topic}/${p}`, offset)),
      close: () => Promise.resolve(),
    };
  }
}
