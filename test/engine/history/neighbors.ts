import type { ServiceError } from '@verdikt/core/errors.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { shortKey } from '@verdikt/core/hash/digest.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { setOffset } from '@verdikt/engine/restore/set-offset.ts';
import { toldBy } from '@verdikt/engine/state/told.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import { memoryLogReader } from '../memory-logs.ts';
import { memoryTransactions } from '../memory-transactions.ts';
import { outRecord } from '../../support/records.ts';
import type { FaultKind } from './faults.ts';
import { inFlight } from './in-flight.ts';
import type { Random } from './random.ts';

/** Header of a record that no system wrote. */
export const STRANGER = 'stranger';

interface NeighborDeps {
  readonly broker: MemoryBroker;
  readonly topics: TopicNames;
  readonly group: string;
  readonly random: Random;
  readonly clock: Clock;
  /** What others do to the logs, at most. */
  readonly acts: number;
  /** Whether they delete what is outstanding. */
  readonly cuts: boolean;
  readonly nameOf: (id: string, key: string | null) => string;
  /** Accepted submissions of a partition that have not ended, as far as can be seen now. */
  readonly open: (partition: number) => ReadonlySet<string>;
  /** It was deleted before it was judged, and an operator has accepted that. */
  readonly lost: (name: string) => void;
  /** What was lost so. */
  readonly missing: () => ReadonlySet<string>;
  /** It was lost, and is read again. */
  readonly found: (name: string) => void;
  readonly fenced: (task: number) => void;
  readonly trouble: () => void;
  readonly count: (kind: FaultKind) => void;
  readonly note: (what: string) => void;
  readonly broken: (what: string) => void;
}

/** Others on the same cluster: they cut logs, move offsets and write where they should not. And the operator who puts it right. */
export interface Neighbors {
  act(): void;
  /** A task cannot go on; somebody looks at its error. */
  failed(task: number, error: ServiceError): void;
  /** Nobody is about to put something right. */
  idle(): boolean;
  stop(): void;
}

const REPAIRED = new Set(['OFFSET_LOST', 'OFFSET_MOVED']);
const OUTPUTS = ['results', 'deadLetters', 'retry'] as const;

export const createNeighbors = (d: NeighborDeps): Neighbors => {
  const { broker, topics, group, random, clock } = d;
  const victims = new Set<string>();
  const repairing = new Set<number>();
  let left = d.acts;
  let ids = 0;

  /** Before that an offset is where an operator wants a task to begin, and the start of `words` is wherever it is. */
  const hasWorked = (task: number): boolean =>
    broker
      .log(topics.retry, task)
      .visible()
      .some((r) => toldBy(r) !== undefined);
  const committed = (task: number): number => Number(broker.offset(group, topics.words, task) ?? 0n);

  const nameOf = (r: InRecord, task: number, origin: number): string =>
    d.nameOf(
      r.headerText(H.id) ?? `${topics.words}-${task}-${origin}`,
      r.key === null ? null : shortKey(r.key).toString('utf8'),
    );

  const cutRetry = (task: number): void => {
    const log = broker.log(topics.retry, task);
    const lanes = new Map<string, { readonly name: string; readonly offset: number }>();
    for (const r of log.visible()) {
      const parsed = parseRetryEntry(r);
      if (parsed.kind === 'completed') for (const e of parsed.ended) lanes.delete(`${e.origin} ${e.redrive}`);
      if (parsed.kind !== 'entry') continue;
      const name = `${nameOf(r, task, parsed.origin)}/${parsed.redrive}`;
      lanes.set(`${parsed.origin} ${parsed.redrive}`, { name, offset: r.offset });
    }
    if (log.stable <= log.start) return;
    const to = log.start + 1 + random.below(log.stable - log.start);
    for (const { name, offset } of lanes.values()) if (offset < to) victims.add(name);
    log.trim(to);
    d.count('entries of the retry partition are cut');
    d.note(`somebody cuts ${topics.retry}-${task} up to ${to}`);
  };

  const cutWords = (task: number): void => {
    const log = broker.log(topics.words, task);
    const from = committed(task);
    if (log.stable <= from || !hasWorked(task)) return;
    const to = from + 1 + random.below(log.stable - from);
    // All of it: the committed offset may have been moved.
    for (let o = log.start; o < to; o++) {
      const record = log.at(o)?.record;
      if (record !== undefined) victims.add(`${nameOf(record, task, o)}/0`);
    }
    log.trim(to);
    d.count('words are cut before they are judged');
    d.note(`somebody cuts ${topics.words}-${task} up to ${to}`);
  };

  const moveOffset = (task: number): void => {
    if (!hasWorked(task)) return;
    if (random.chance(0.3)) {
      broker.forgetOffset(group, topics.words, task);
      d.count('the committed offset is lost');
      d.note(`the offset of ${task} expires`);
      return;
    }
    const nextOffset = BigInt(random.below(broker.log(topics.words, task).end + 1));
    broker.setOffset({ group, topic: topics.words, partition: task, nextOffset });
    d.count('the committed offset is moved');
    d.note(`somebody sets the offset of ${task} to ${nextOffset}`);
  };

  const intrude = (task: number): void => {
    const topic = topics[random.pick(OUTPUTS)];
    const record = outRecord({ key: random.pick(['a', null]), value: '{}', headers: { [STRANGER]: '1' } });
    if (random.chance(0.5)) broker.append(topic, task, record);
    else {
      const id = `stranger-${ids++}`;
      const writer = broker.transactions.init(id, 60_000);
      if (writer === undefined) return;
      broker.transactions.begin(id, writer, [broker.log(topic, task)]);
      broker.produce(id, writer, topic, task, 0, [record]);
      broker.transactions.end(id, writer, random.chance(0.5));
    }
    d.count('a stranger writes to an output');
    d.note(`somebody writes to ${topic}-${task}`);
  };

  /** `verdikt offsets set`. */
  const repair = async (task: number): Promise<void> => {
    d.fenced(task);
    const deps = {
      logs: memoryLogReader(broker),
      transactions: memoryTransactions(broker, { group, wordsTopic: topics.words }),
      ...{ topics, system: group, partitions: broker.partitions(topics.words), now: clock.now },
    };
    const { to } = await setOffset(deps, task, 'right').catch((e: ServiceError) => {
      if (e.code !== 'CONFIG_INVALID') throw e;
      return setOffset(deps, task, 'start');
    });
    await broker.transactions.settled(`${group}.${task}`);
    // What a broker forgot of it is ended by the next owner.
    await (await deps.transactions.fence(task)).close();
    d.note(`an operator sets the offset of ${task} to ${to}`);
    // Somebody may have set it while his transaction ended; the task will say so again.
    if (committed(task) === to) account(task);
  };

  /** What is nowhere any more; and what was given up, and is read again: the entry was cut, and `words` now begins before it. */
  const account = (task: number): void => {
    const open = d.open(task);
    const missing = d.missing();
    const { outstanding } = inFlight(broker, topics, group, d.nameOf, new Set([...open, ...missing]));
    for (const name of missing) if (outstanding.has(name)) d.found(name);
    for (const name of open) {
      if (outstanding.has(name)) continue;
      if (!victims.has(name)) d.broken(`${name} is lost, and nobody has cut it`);
      else d.lost(name);
    }
  };

  return {
    act: () => {
      if (left === 0 || !random.chance(0.15)) return;
      left--;
      d.trouble();
      const task = random.below(broker.partitions(topics.words));
      random.pick(d.cuts ? [cutRetry, cutWords, moveOffset, intrude] : [moveOffset, intrude])(task);
    },
    failed: (task, { code }) => {
      if (!REPAIRED.has(code) || repairing.has(task)) return;
      repairing.add(task);
      clock.after(random.below(3_000), () => {
        repair(task).then(
          () => repairing.delete(task),
          // A transaction of his that timed out: the task will say so again.
          () => repairing.delete(task),
        );
      });
    },
    idle: () => repairing.size === 0,
    stop: () => {
      left = 0;
    },
  };
};
