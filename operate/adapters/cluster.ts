// Puts Kafka and HTTP behind the ports of what operators do, for the command line and the edge.
import { at } from '@verdikt/core/at.ts';
import { setTimeout as after } from 'node:timers/promises';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';
import { createKafka, type Kafka, type ConfiguredKafka } from '@verdikt/kafka/connect.ts';
import type { DlqCluster } from '../dlq/ports.ts';
import type { Post } from '../forecast/ask.ts';
import type { Ask } from '../status/processors.ts';

/** A client, and what reading needs of it; closing the cluster closes both. */
export const openReader = (connection: ConfiguredKafka): { kafka: Kafka; cluster: Cluster } => {
  const kafka = createKafka(connection);
  let closed = false;
  // The reader waits out what a closed connection looks like to it; once we have closed it, its patience is over.
  const clock: Clock = { ...systemClock, now: () => (closed ? Infinity : systemClock.now()) };
  const cluster: Cluster = {
    logs: kafka.logs({ clock }),
    partitionsOf: async (topic) => at(await kafka.partitionsOf([topic]), 0),
    committed: kafka.inspector().committed,
    close: () => {
      closed = true;
      return kafka.close();
    },
  };
  return { kafka, cluster };
};

/** Far more than reading the ends of logs takes. */
const LATE_MS = 20_000;
export const late = (over: AbortSignal): Promise<void> => after(LATE_MS, undefined, { signal: over });

/** Set on the topics by `topics apply`; the broker has the last word on what is too large. */
const MAX_BATCH_BYTES = 64 * 1_048_576;

/** Opens what tools write records with. */
export const appenderOf =
  (kafka: Kafka): DlqCluster['appender'] =>
  (topic) =>
    kafka.sink({ topic, maxBatchBytes: MAX_BATCH_BYTES, deliveryMs: 30_000 });

/** `group`: as configured. */
export const openDlqCluster = (
  connection: ConfiguredKafka,
  group: string,
): { kafka: Kafka; cluster: DlqCluster } => {
  const { kafka, cluster } = openReader(connection);
  const dlq: DlqCluster = {
    ...cluster,
    appender: appenderOf(kafka),
    quarantine: async (topic, partition) => {
      const transaction = await kafka.transactions({ group, words: topic }).fence(partition);
      return {
        commit: async (records) => {
          await transaction.commit({ outputs: [{ topic, records }], nextOffset: null });
        },
        close: () => transaction.close(),
      };
    },
    trim: async (topic, partition, offset) => {
      const admin = kafka.admin();
      await admin.trim(topic, partition, offset).finally(() => admin.close());
    },
  };
  return { kafka, cluster: dlq };
};

/** A processor that is well answers within milliseconds. */
const ASK_MS = 3_000;

/** Rejects with an Error that says why nobody answers. */
const open = (url: string, within: number, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, signal: AbortSignal.timeout(within), redirect: 'error' }).catch((e: Error) => {
    const cause = (e.cause as { code?: string } | undefined)?.code;
    throw new Error(cause ?? e.message, { cause: e });
  });

export const ask: Ask = async (url) => {
  const answer = await open(url, ASK_MS);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
};

export const post: Post = async (url, body, token, within) => {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const answer = await open(url, within, { method: 'POST', headers, body });
  // What is not JSON says no more than its status.
  return { status: answer.status, body: await answer.json().catch(() => undefined) };
};
