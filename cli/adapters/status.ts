// Puts Kafka and HTTP behind the ports of `verdikt status`.
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaConnection } from '@verdikt/core/config/kafka.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { StatusDeps } from '../commands/status.ts';
import { ask } from '@verdikt/operate/adapters/cluster.ts';
import { offsetsDeps } from './offsets.ts';

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
