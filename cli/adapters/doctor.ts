import { setTimeout as wait } from 'node:timers/promises';
import pc from 'picocolors';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaConnection } from '@verdikt/core/config/kafka.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { DoctorDeps } from '../commands/doctor.ts';
import { ask, late } from '@verdikt/operate/adapters/cluster.ts';

/** Kafka, clock and colours for `verdikt doctor`. */
export const doctorDeps = (readFile: ReadFile): DoctorDeps['doctor'] => ({
  open: (config) => {
    const kafka = createKafka(kafkaConnection(config, readFile));
    return {
      ...{ inspector: kafka.inspector(), admin: kafka.admin(), acls: kafka.acls() },
      offsets: { logs: kafka.logs(), offset: kafka.committed },
      close: () => kafka.close(),
    };
  },
  ask,
  now: Date.now,
  wait: async (ms) => {
    await wait(ms);
  },
  late,
  paint: { error: pc.red, warning: pc.yellow, info: pc.dim },
});
