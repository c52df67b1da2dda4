import { systemId } from '@verdikt/core/record/system.ts';
import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import type { Stage } from '../cell.ts';

const LEADS = /Partition:\s*(\d+)\s+Leader:\s*(\d+)/g;

/** The brokers that lead a topic, by partition. */
export const leadersOf = async ({ system }: Stage, topic: string): Promise<number[]> => {
  const text = await kafkaTool('topics', [
    ...['--bootstrap-server', system.brokers, '--describe', '--topic', topic],
  ]);
  const leaders: number[] = [];
  for (const [, partition, id] of text.matchAll(LEADS)) leaders[Number(partition)] = Number(id);
  return leaders;
};

/** The broker that leads most partitions of a topic. */
export const leaderOf = async (stage: Stage, topic: string): Promise<number> => {
  const counts = new Map<number, number>();
  for (const id of await leadersOf(stage, topic)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0][0];
};

/** The broker that coordinates the transactions of some task. */
export const transactionCoordinator = async ({ system, random }: Stage): Promise<number> => {
  const text = await kafkaTool('transactions', ['--bootstrap-server', system.brokers, 'list']);
  const brokers = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.trim().split(/\s+/)[1]));
  return random.pick(brokers);
};

/** The broker that coordinates the consumer group. */
export const groupCoordinator = async ({ system }: Stage): Promise<number> => {
  const group = systemId(system.topics.words, system.group);
  const text = await kafkaTool('consumer-groups', [
    ...['--bootstrap-server', system.brokers, '--describe', '--group', group, '--state'],
  ]);
  const found = /\((\d+)\)/.exec(text);
  if (found === null) throw new Error(`no coordinator in:\n${text}`);
  return Number(found[1]);
};

/** Kills a broker, leaves it away for `ms`, and starts it again. Resolves when it answers. */
export const away = async (
  stage: Stage,
  node: number,
  ms: number,
  how: 'SIGKILL' | 'SIGTERM',
): Promise<void> => {
  await stage.kafka.kill(how, node);
  stage.mark('fault', `${how} of broker ${node}`);
  await stage.pause(ms);
  await stage.kafka.restart(node);
  stage.mark('healed', `broker ${node} answers again`);
};
