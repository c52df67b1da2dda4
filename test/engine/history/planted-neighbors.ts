import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { Ledger } from '../../../engine/state/ledger.ts';
import type { TaskTransaction } from '@verdikt/core/ports/transactions.ts';
import { TransactionCoordinator } from '../coordinator.ts';
import { memoryTransactions } from '../memory-transactions.ts';
import { inRecord } from '../../support/records.ts';
import { STRANGER } from './neighbors.ts';
import type { Planted, Replace } from './world.ts';
import { onLogs } from './planted-logs.ts';
import { replaced } from './planted-state.ts';

const onMetadata =
  (
    change: (m: Awaited<ReturnType<TaskTransaction['metadata']>>) => ReturnType<TaskTransaction['metadata']>,
  ): Replace =>
  (own) => ({
    ...own,
    transactions: {
      fence: async (task) => {
        const t = await own.transactions.fence(task);
        return { ...t, metadata: async () => change(await t.metadata()) };
      },
    },
  });

const withHeaders = (r: InRecord, headers: ReturnType<InRecord['headers']>): InRecord =>
  inRecord({ key: r.key, value: r.value, headers, offset: r.offset, timestamp: r.timestamp });

/** Rules about what others do, and about brokers that are behind. */
export const PLANTED_IN_NEIGHBORS: readonly Planted[] = [
  {
    name: 'a transaction joins one whose end was forgotten',
    ports: (own, { broker, group, topics }, steps) => ({
      ...own,
      transactions: memoryTransactions(broker, { group, wordsTopic: topics.words, steps, looks: false }),
    }),
  },
  {
    name: 'a new owner does not end what was forgotten',
    patch: replaced(TransactionCoordinator.prototype, 'endForgotten', () => () => undefined),
  },
  {
    name: 'a task that has nothing to do never looks whether an end was forgotten',
    ports: (own) => ({
      ...own,
      transactions: {
        fence: async (task) => ({ ...(await own.transactions.fence(task)), verify: () => Promise.resolve() }),
      },
    }),
  },
  {
    name: 'where records are written is not looked at',
    patch: replaced(Ledger.prototype, 'gaps', () => () => []),
  },
  {
    name: 'what is behind the end of an output that was read is not looked at',
    ports: (own, world) => {
      const ends = new Map<string, number>();
      return {
        ...own,
        logs: {
          ...own.logs,
          bounds: async (topic, task) => {
            const bounds = await own.logs.bounds(topic, task);
            ends.set(topic, Math.max(bounds.end, ends.get(topic) ?? 0));
            return bounds;
          },
          // Only the claim reads from where another read has ended.
          scan: (topic, task, from, to, visit) =>
            topic !== world.topics.retry &&
            from > 0 &&
            from < to &&
            world.broker.log(topic, task).start < from
              ? own.logs.scan(topic, task, from, to, (r) => {
                  if (r.header(H.next) === undefined) visit(r);
                })
              : own.logs.scan(topic, task, from, to, visit),
        },
      };
    },
  },
  {
    name: 'what the outputs tell of the position is not read',
    ports: onLogs((logs) => ({
      scan: (topic, task, from, to, visit) =>
        logs.scan(topic, task, from, to, (r) =>
          visit(
            withHeaders(
              r,
              r.headers().filter(([name]) => name !== H.next),
            ),
          ),
        ),
    })),
  },
  {
    name: 'entries are not held against the last commit',
    ports: onMetadata((m) => Promise.resolve(m.kind === 'foreign' ? m : { ...m, note: undefined })),
  },
  {
    name: 'an offset that somebody else has set is believed',
    ports: onMetadata((m) =>
      Promise.resolve(m.kind === 'foreign' ? { kind: 'accepted', accepted: { at: 0 }, note: undefined } : m),
    ),
  },
  {
    name: 'records of strangers are remembered as decided',
    ports: onLogs((logs) => ({
      scan: (topic, task, from, to, visit) =>
        logs.scan(topic, task, from, to, (r) =>
          visit(
            r.header(STRANGER) === undefined
              ? r
              : withHeaders(r, [[H.origin, Buffer.from(String(r.offset))]]),
          ),
        ),
    })),
  },
];
