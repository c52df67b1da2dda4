import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import { metricOver } from '../support/system/metrics.ts';
import type { Service } from '../support/system/system.ts';
import { lastAnswer } from '../support/wait.ts';
import type { Finding } from './laws.ts';

const SETTLE_MS = 15_000;

/** I6: when everything has ended, the processors hold nothing and have read everything. */
export const outstanding = async (processors: readonly Service[]): Promise<Finding[]> => {
  const ended = await Promise.all(
    processors.map(async (p) => {
      const exit = p.child.exit();
      if (exit === undefined) return [];
      const log = (await p.log()).split('\n').slice(-8).join('\n');
      return [{ law: 'liveness', detail: `${p.name} ended with ${exit.signal ?? exit.code}:\n${log}` }];
    }),
  );
  if (ended.flat().length > 0) return ended.flat();
  const left = async (): Promise<{ held: number; unread: number }> => {
    const [held, unread] = await Promise.all([
      metricOver(processors, 'verdikt_lane_entries'),
      metricOver(processors, 'verdikt_lag_records'),
    ]);
    return { held, unread };
  };
  const none = (n: { held: number; unread: number }): boolean => n.held === 0 && n.unread === 0;
  const last = await lastAnswer(left, none, { withinMs: SETTLE_MS, everyMs: 500 });
  if (none(last)) return [];
  const detail = `all has ended, but ${last.held} are in lanes and ${last.unread} unread`;
  return [{ law: 'conservation', detail }];
};

/** I10: Kafka's own tool finds no transaction that hangs. */
export const hangingTransactions = async (brokers: string): Promise<Finding[]> => {
  const text = await kafkaTool('transactions', ['--bootstrap-server', brokers, 'list']);
  return text
    .split('\n')
    .filter((line) => /\b(Ongoing|PrepareCommit|PrepareAbort)\b/.test(line))
    .map((line) => ({ law: 'liveness', detail: `a transaction is still open: ${line.trim()}` }));
};

/** For a history that stands still: transactions that hold up readers, as Kafka's own tools see them. */
export const standstill = async (brokers: string, topic: string, partitions: number): Promise<Finding[]> => {
  const server = ['--bootstrap-server', brokers];
  const states = await kafkaTool('transactions', [...server, 'list']);
  const out: Finding[] = [{ law: 'standstill', detail: `transactions:\n${states.trim()}` }];
  for (let p = 0; p < partitions; p++) {
    const text = await kafkaTool('transactions', [
      ...server,
      ...['describe-producers', '--topic', topic, '--partition', String(p)],
    ]);
    const open = text.split('\n').filter((line) => /\s\d+\s*$/.test(line) && !/None\s*$/.test(line));
    if (open.length > 0)
      out.push({ law: 'standstill', detail: `${topic}-${p} is held up:\n${open.join('\n')}` });
  }
  return out;
};
