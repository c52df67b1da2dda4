// `npm run verdikt -- <command>`; `--help` lists them.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { kafkaConnection } from '@verdikt/core/config/kafka.ts';
import { printable } from '@verdikt/core/record/safe-text.ts';
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

// A defect of ours; its message may quote what a log holds.
process.on('uncaughtException', (e) => {
  process.stderr.write(`${printable(inspect(e))}\n`);
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2), {
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
