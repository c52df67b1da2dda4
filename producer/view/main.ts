// The thread of the view: its own connections to Kafka, its own store. What it costs is not the time of requests that submit.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { kafkaConnection, registryOptions } from '@verdikt/core/config/kafka.ts';
import { BytePool } from '@verdikt/core/record/byte-pool.ts';
import { housekeeping, systemClock } from '@verdikt/core/ports/clock.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createLogger } from '@verdikt/core/service/logger.ts';
import { createStartupRetry } from '@verdikt/core/service/startup-retry.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { createFeed, systemOf, type Feed } from './feed.ts';
import type { FromView, ToView, ViewThread } from './link.ts';
import { createPace } from './pace.ts';
import { failureOf } from './sqlite-file.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { createSeek } from './seek.ts';
import type { ViewStore } from './store.ts';
import { createView, type View } from './view.ts';

const MIB = 1024 * 1024;
const TICK_MS = 1_000;
const READ_AHEAD_BYTES = 256 * 1024;
const FETCH_BYTES = MIB;
/** A fetch for every few records would cost the broker and this thread more than the records do. */
const LEAST_FETCH_MS = 10;
/** Of answers that nobody reads any more. Left to the collector, they would wait for it by the tens of MiB. */
const IDLE_BYTES = 4 * MIB;
const FILE = 'view.sqlite';

const { config, afresh } = workerData as ViewThread;
const port = parentPort as NonNullable<typeof parentPort>;
const post = (message: FromView): void => port.postMessage(message);
const readFile = (path: string): string => readFileSync(path, 'utf8');
const log = createLogger({
  level: config.logLevel,
  fields: { service: 'edge', thread: 'view', pid: process.pid },
});
const topics = topicNames(config.topicPrefix, config.group);
const { partitions, viewWindowMs: windowMs } = config;
/** A principal of its own may read, where that of the edge may write. */
const { viewSaslUsername: kafkaSaslUsername, viewSaslPassword: kafkaSaslPassword } = config;
const login =
  kafkaSaslUsername === undefined || kafkaSaslPassword === undefined
    ? {}
    : { kafkaSaslUsername, kafkaSaslPassword };
const kafka = createKafka({ ...kafkaConnection({ ...config, ...login }, readFile), log });
const logs = kafka.logs();
const startup = createStartupRetry({ clock: systemClock, log });
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
const pool = new BytePool(IDLE_BYTES, housekeeping);
const pace = createPace({ clock: systemClock, later: setImmediate, cpuMs });
let view: View | undefined;
let feed: Feed | undefined;
let live = false;
let ending = false;

const fail = (error: unknown): void => {
  if (ending) return;
  ending = true;
  log.error({ err: error }, 'the view fails; it is begun again');
  post({ it: 'fails', message: String(error), why: failureOf(error) });
};
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

const file = join(config.viewDirectory, FILE);
const forget = (): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
};
const openStore = (): ViewStore => {
  mkdirSync(config.viewDirectory, { recursive: true });
  if (afresh) forget();
  if (!existsSync(file)) log.info({ file }, 'the view is built from Kafka');
  try {
    return openSqliteStore(file);
  } catch (err) {
    if (failureOf(err) !== 'damaged') throw err;
    log.warn({ err, file }, 'the store of the view cannot be used; it is made again from Kafka');
    forget();
    return openSqliteStore(file);
  }
};

/** The store is kept only for the very topics that it was filled from. */
const storeOf = (system: string): ViewStore => {
  const store = openStore();
  if (store.system() !== system) store.reset(system);
  return store;
};

const start = async (): Promise<void> => {
  const system = await startup.until(async () => {
    await kafka.assertSupported('view');
    return systemOf({ logs, topics, partitions });
  });
  if (system === undefined) return;
  const verdicts = createVerdictReader(createSchemaRegistry(registryOptions(config)));
  view = createView({
    ...{ store: storeOf(system), topics, partitions, clock: systemClock },
    bounds: { windowMs, maxRows: config.viewMaxRows, maxBytes: config.viewMaxBytes },
    ...{ appendMs: config.appendTimeoutMs, maxWaiters: config.viewMaxWaiters },
    live: (events) => {
      if (live) post({ it: 'tells', events });
    },
    later: setImmediate,
    seek: createSeek({ logs, topics, verdicts, clock: systemClock }),
  });
  const own = createFeed({
    ...{ view, topics, partitions, logs, windowMs, log, clock: systemClock, failed: fail },
    source: (topic) =>
      kafka.source({
        ...{ topic, readAheadBytes: READ_AHEAD_BYTES, fetchBytes: FETCH_BYTES, pool },
        leastFetchMs: LEAST_FETCH_MS,
      }),
    verdicts,
    breathe: pace.breathe,
  });
  feed = own;
  await startup.until(() => own.start());
  post({ it: 'has-begun' });
};

let full = false;
const tellRoom = (now: boolean): void => {
  full = now;
  const { viewDirectory: folder } = config;
  if (full)
    log.error(
      { folder },
      'the disk of the view is full: it answers from what it has, and reads on when there is room',
    );
  else log.info({ folder }, 'the disk of the view has room again');
};

const tick = (): void => {
  if (ending || view === undefined) return;
  try {
    view.tick();
    const stats = view.stats();
    if (stats.full !== full) tellRoom(stats.full);
    post({ it: 'stats', stats });
  } catch (e) {
    fail(e);
  }
};

const stop = async (): Promise<void> => {
  ending = true;
  startup.end();
  clearInterval(ticking);
  await feed?.stop();
  try {
    view?.close();
  } catch (err) {
    log.warn({ err }, 'the store of the view could not be closed');
  }
  await kafka.close();
  port.close();
};

port.on('message', (m: ToView) => {
  if (m.do === 'stop') return void stop();
  if (m.do === 'live') return void (live = m.on);
  if (m.do === 'give-way') return pace.giveWay(m.on);
  const { n } = m;
  if (view === undefined || ending) return post({ it: 'answers', n, answer: { is: 'behind', asOf: -1 } });
  const asked = view;
  // A promise of its own, so that what the store throws is caught as well.
  void (async () => post({ it: 'answers', n, answer: await asked.ask(m.question) }))().catch(fail);
});
const ticking = setInterval(tick, TICK_MS);
void start().catch(fail);
