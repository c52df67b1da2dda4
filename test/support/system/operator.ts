import { randomUUID } from 'node:crypto';
import { decodeControl, encodeCommand, type Answer, type Command } from '@verdikt/core/record/control.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { lastAnswer } from '../wait.ts';
import type { System } from './system.ts';

export interface Placed {
  readonly partition: number;
  readonly record: InRecord;
}

/** What an operator has at hand: everything that is visible, and a way to send commands, be they wrong. */
export interface Operator {
  read(topic: string): Promise<Placed[]>;
  /** Parked copies with this redrive count. */
  parked(redrive: number): Promise<Placed[]>;
  answers(): Promise<Answer[]>;
  send(commands: readonly { readonly partition: number; readonly record: OutRecord }[]): Promise<void>;
  stop(): Promise<void>;
}

/** The command that the dead letter itself asks for, with some of it changed. */
export const commandFor = (
  { partition, record }: Placed,
  action: 'redrive' | 'skip',
  change: { readonly redrive?: number } = {},
): { readonly partition: number; readonly record: OutRecord } => {
  const command: Command = {
    id: randomUUID(),
    operation: randomUUID(),
    action,
    issuedAt: Date.now(),
    by: 'scenario',
    submission: record.headerText(H.id) ?? '',
    origin: Number(record.headerText(H.origin)),
    expected: record.headerText(H.disposition) as 'final' | 'parked',
    redrive: Number(record.headerText(H.redrive) ?? 0),
    ...change,
  };
  return { partition, record: encodeCommand(command, record.key) };
};

export const openOperator = async ({ brokers, topics, partitions }: System): Promise<Operator> => {
  const kafka = createKafka({
    ...{ brokers: brokers.split(','), clientId: 'operator', requestTimeoutMs: 10_000 },
    ...{ connectionTimeoutMs: 5_000, clock: systemClock, log: silentLog },
  });
  const logs = kafka.logs();
  const sink = await kafka.sink({ topic: topics.control });
  const read = async (topic: string): Promise<Placed[]> => {
    const all: Placed[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const { start, end } = await logs.bounds(topic, partition);
      await logs.scan(topic, partition, start, end, (r) => all.push({ partition, record: r.detach() }));
    }
    return all;
  };
  return {
    read,
    parked: async (redrive) =>
      (await read(topics.deadLetters)).filter(
        ({ record }) =>
          record.headerText(H.disposition) === 'parked' &&
          Number(record.headerText(H.redrive) ?? 0) === redrive,
      ),
    answers: async () =>
      (await read(topics.control)).flatMap(({ record }) => {
        const control = decodeControl(record);
        return control.kind === 'answer' ? [control.answer] : [];
      }),
    send: async (commands) => {
      const results = await sink.append(commands);
      if (results?.every((r) => r.ok) !== true) throw new Error('a command was not taken');
    },
    stop: async () => {
      await sink.stop();
      await kafka.close();
    },
  };
};

/** Asks again until the answer is that many, or more. */
export const untilMany = async <T>(
  what: string,
  ask: () => Promise<readonly T[]>,
  n: number,
): Promise<readonly T[]> => {
  const got = await lastAnswer(ask, (all) => all.length >= n, { everyMs: 300 });
  if (got.length < n) throw new Error(`${what}: ${got.length} of ${n}`);
  return got;
};
