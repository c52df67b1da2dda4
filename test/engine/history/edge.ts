import type { OutRecord } from '@verdikt/core/record/record.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import type { FaultKind } from './faults.ts';
import type { Random } from './random.ts';
import type { Turns } from './turns.ts';

interface EdgeDeps {
  readonly broker: MemoryBroker;
  readonly topic: string;
  readonly random: Random;
  readonly turns: Turns;
  /** Share of batches that come twice. */
  readonly twice: number;
  readonly count: (kind: FaultKind) => void;
  readonly note: (what: string) => void;
  readonly broken: (what: string) => void;
}

/**
 * Writes submissions as the edge does: an idempotent producer, one batch per partition at a time. A batch whose answer is lost
 * is sent again before any other of its partition; copies of requests may reach the broker much later.
 */
export const createEdge = (deps: EdgeDeps): { append(partition: number, record: OutRecord): number } => {
  const { broker, topic, random, turns } = deps;
  const writer = broker.transactions.initIdempotent();
  const next = new Map<number, number>();

  /** The same batch again: it keeps its offset, or is out of order where five others have followed. */
  const again = (partition: number, sequence: number, record: OutRecord, offset: number): void => {
    const { end } = broker.log(topic, partition);
    try {
      const answered = broker.appendAs(writer, topic, partition, sequence, [record]);
      if (answered !== offset) deps.broken(`the batch at ${offset} is answered with ${answered}`);
    } catch (e) {
      if (!isServiceError(e) || e.details.kafka !== 45) throw e;
    }
    if (broker.log(topic, partition).end !== end) deps.broken(`the batch at ${offset} is written twice`);
  };

  return {
    append: (partition, record) => {
      const sequence = next.get(partition) ?? 0;
      next.set(partition, sequence + 1);
      const offset = broker.appendAs(writer, topic, partition, sequence, [record]);
      if (!random.chance(deps.twice)) return offset;
      if (random.chance(0.5)) {
        deps.count('a batch of the edge is sent again');
        again(partition, sequence, record, offset);
      } else
        void turns.wait(undefined, 'late copy').then(() => {
          deps.count('a copy of a batch arrives late');
          deps.note(`a copy of the batch at ${offset} arrives`);
          again(partition, sequence, record, offset);
        });
      return offset;
    },
  };
};
