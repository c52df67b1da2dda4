// Puts Kafka and HTTP behind the ports of `verdikt status`.
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaConnection } from '@verdikt/core/config/kafka.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { StatusDeps } from '../commands/status.ts';
import type { Ask } from '../status/processors.ts';
import { offsetsDeps } from './offsets.ts';

/** A processor that is well answers within milliseconds. */
const ASK_MS = 3_000;

export const ask: Ask = async (url) => {
  const signal = AbortSignal.timeout(ASK_MS);
  const answer = await fetch(url, { signal, redirect: 'error' }).catch((e: Error) => {
    const cause = (e.cause as { code?: string } | undefined)?.code;
    throw new Error(cause ?? e.message, { cause: e });
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
};

export const statusDeps = (readFile: ReadFile): StatusDeps => {
  const offsets = offsetsDeps(readFile);
  return {
    ...{ ask, now: offsets.now, wait: offsets.wait, late: offsets.late },
    cluster: (config) => {
      const cluster = offsets.cluster(config);
      const kafka = createKafka(kafkaConnection(config, readFile));
      return {
        ...cluster,
        group: kafka.inspector().group,
        close: async () => {
          await Promise.all([cluster.close(), kafka.close()]);
        },
      };
    },
  };
};
