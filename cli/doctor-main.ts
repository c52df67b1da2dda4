import { setTimeout as wait } from 'node:timers/promises';
import pc from 'picocolors';
import type { ReadFile } from '@verdikt/core/config.ts';
import { kafkaConnection } from '@verdikt/core/kafka-config.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { committedState } from '@verdikt/kafka/group-offsets.ts';
import type { DoctorDeps } from './commands/doctor.ts';
import { late } from './offsets-main.ts';

/** Kafka, clock and colours for `verdikt doctor`. */
export const doctorDeps = (readFile: ReadFile): DoctorDeps['doctor'] => ({
  open: (config) => {
    const kafka = createKafka(kafkaConnection(config, readFile));
    const link = kafka.link();
    return {
      ...{ inspector: kafka.inspector(), admin: kafka.admin(), acls: kafka.acls() },
      offsets: { logs: kafka.logs(), offset: (...of) => committedState(link, ...of) },
      close: () => kafka.close(),
    };
  },
  now: Date.now,
  wait: async (ms) => {
    await wait(ms);
  },
  late,
  paint: { error: pc.red, warning: pc.yellow, info: pc.dim },
});
