// Runs a command with Kafka, the registry and the process behind its ports.
import { readFileSync } from 'node:fs';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { kafkaConnection } from '@verdikt/core/config/kafka.ts';
import { VERSION } from '@verdikt/core/service/version.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { registerSchemas } from '@verdikt/schemas/register.ts';
import { copyDeps } from './adapters/copy.ts';
import { dlqDeps } from './adapters/dlq.ts';
import { offsetsDeps } from './adapters/offsets.ts';
import { statusDeps } from './adapters/status.ts';
import { doctorDeps } from './adapters/doctor.ts';
import { run } from './program.ts';
import { readerDeps } from './adapters/reader.ts';

const readFile = (path: string): string => readFileSync(path, 'utf8');

/** Resolves with the exit code. */
export const start = (args: readonly string[]): Promise<number> =>
  run(args, {
    version: VERSION,
    env: process.env,
    readFile,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    admin: (config) => createKafka(kafkaConnection(config, readFile)).admin(),
    acls: (config) => createKafka(kafkaConnection(config, readFile)).acls(),
    register: registerSchemas,
    clock: systemClock,
    reading: readerDeps(readFile),
    dlq: dlqDeps(readFile),
    offsets: offsetsDeps(readFile),
    copy: copyDeps(readFile),
    status: statusDeps(readFile),
    doctor: doctorDeps(readFile),
  });
