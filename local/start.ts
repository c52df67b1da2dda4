// `npm start`: everything on one machine, seen to work; see options.ts.
import { at } from '@verdikt/core/at.ts';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isServiceError } from '@verdikt/core/errors.ts';
import { loadProcessorConfig, processorSchema } from '@verdikt/processor/config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { Kafka } from '@verdikt/kafka/connect.ts';
import { startCheckService } from './check-service.ts';
import { createStarter, prepare, submitSamples, submitWord, type Starter } from './demo.ts';
import { openEnvironment } from './environment.ts';
import { startOptions, usage } from './options.ts';
import { runOwnCheck } from './own-check.ts';
import { FAILURES, OFFERED_WORD, RETRIED_WORD, SAMPLES } from './samples.ts';
import { createScreen } from './screen.ts';
import { envFor, logTail } from './service-process.ts';
import type { ServiceProcess } from './service-process.ts';
import { createTracker } from './tracker.ts';
import { keepUp } from './keep-up.ts';
import { nextSteps } from './next-steps.ts';
import { shellCommands } from './shell-commands.ts';
import { portFrom } from './ports.ts';
import { watchOutputs, type WatchOptions } from './watch.ts';

/** For the samples to reach their end; they need about five seconds. */
const SAMPLES_MS = 60_000;
/** Services get this long to drain; the broker goes after them. Together below 10 s. */
const DRAIN_MS = 3_500;
const BROKER_MS = 5_500;

/** A second verdict would be a fault, so look a little longer than for the first. */
const SECOND_VERDICT_MS = 1_000;
type Watching = Omit<WatchOptions, 'onVerdict' | 'onDeadLetter'>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { platform } = process;
/** Of a checkout, or of the package. */
const inCheckout = import.meta.filename.endsWith('.ts');
const command = inCheckout ? 'npm start --' : 'npx verdikt dev';
const { once, json, help, check, keep } = ((): ReturnType<typeof startOptions> => {
  try {
    return startOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd(), command);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
})();
if (help) {
  process.stdout.write(`${usage(command)}\n`);
  process.exit(0);
}
const screen = createScreen(process.stdout, json);
const tracker = createTracker();
const folder = mkdtempSync(join(tmpdir(), 'verdikt-start-'));
const readFile = (path: string): string => readFileSync(path, 'utf8');

const services: ServiceProcess[] = [];
const closers: (() => Promise<unknown>)[] = [];
let stopping: Promise<void> | undefined;

/** Last opened, first closed; services before what they need. */
const stop = (code: number): Promise<void> =>
  (stopping ??= (async () => {
    screen.progress('');
    await Promise.all(services.map((s) => s.child.stop(DRAIN_MS)));
    for (const close of closers.reverse()) await close().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  })());

const fail = async (e: unknown): Promise<void> => {
  if (stopping !== undefined) return;
  const text = isServiceError(e)
    ? `${e.code}: ${e.message}`
    : e instanceof Error
      ? (e.stack ?? e.message)
      : String(e);
  screen.progress('');
  if (json) screen.note(text);
  process.stderr.write(`${text}\n`);
  await stop(1);
};

// A terminal that was closed takes no more text, and must not keep us from stopping in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping === undefined) screen.note(json ? 'stopping' : '\nStopping…');
    void stop(once ? 130 : 0);
  });
}

const watchFor = (service: ServiceProcess): void => {
  void service.child.exited.then(async ({ code, signal }) => {
    if (stopping !== undefined) return;
    await fail(
      new Error(
        `${service.name} ended with ${signal ?? code}. The end of its log:\n${await logTail(service)}`,
      ),
    );
  });
};

const samplesEnd = async (): Promise<void> => {
  const started = Date.now();
  while (tracker.decided() < tracker.total() && Date.now() - started < SAMPLES_MS && stopping === undefined) {
    const seconds = Math.round((Date.now() - started) / 1000);
    screen.progress(`  … ${tracker.decided()} of ${tracker.total()} decided, ${seconds} s`);
    await pause(100);
  }
  await pause(SECOND_VERDICT_MS);
  screen.progress('');
};

/** Those of the README where nothing listens on them. */
const portFor = async (what: string, wanted: number): Promise<number> => {
  const port = await portFrom(wanted);
  if (port !== wanted) screen.note(`Port ${wanted} is taken; if ${what} is started here, it uses ${port}.`);
  return port;
};

/** The same with a check of somebody's own, which is loaded again whenever it is saved. */
const checkWith = async (file: string, edge: string, starter: Starter, watching: Watching): Promise<void> => {
  screen.note('Topics and schemas are there, and the edge; starting one processor.');
  let ended = 0;
  const unwatch = await watchOutputs({
    ...watching,
    onVerdict: (verdict) => (ended++, screen.verdict(verdict, undefined)),
    onDeadLetter: (letter) => (ended++, screen.deadLetter(letter)),
  });
  closers.push(unwatch);
  const chain = JSON.stringify([{ module: file }]);
  const end = await runOwnCheck({
    ...{ file, drainMs: DRAIN_MS, say: screen.note },
    start: () => starter.processor('processor', { chain, resultsFormat: 'json', retryBaseDelayMs: '500' }),
    up: async () => {
      for (const sample of SAMPLES) await submitWord(edge, sample);
    },
  });
  closers.push(end);
  if (!once)
    return screen.note(
      `Send a word of your own:\n  ${shellCommands(platform).post(`${edge}/v1/words`, '{"word":"rotavator"}')}\nOr in the console: ${edge}/console`,
    );
  for (const until = Date.now() + SAMPLES_MS; ended < SAMPLES.length && Date.now() < until;) await pause(100);
  await stop(ended === SAMPLES.length ? 0 : 1);
};

const keepUpTwo = async (starter: Starter, fields: Readonly<Record<string, string>>): Promise<void> => {
  const settled = await Promise.allSettled(
    ['processor-1', 'processor-2'].map((name) =>
      keepUp({
        ...{ say: screen.note, stopping: () => stopping !== undefined, failed: (e) => void fail(e) },
        start: () => starter.processor(name, fields),
      }),
    ),
  );
  for (const s of settled) if (s.status === 'rejected') throw s.reason;
};

/** With a word that fails at first, so that somebody who posts it sees a retry. */
const consoleOf = (edge: string): string => `${edge}/console#/?word=${OFFERED_WORD}`;

const main = async (): Promise<void> => {
  const ports = {
    kafka: await portFor('Kafka', 9092),
    registry: await portFor('the registry', 8081),
    edge: await portFor('the edge', Number(process.env.VERDIKT_PORT) || 8080),
  };
  const environment = await openEnvironment({
    ...{ registry: true, say: screen.note, ports },
    ...(keep === undefined ? {} : { keep }),
  });
  closers.push(() => environment.stop(BROKER_MS));
  const env = { ...process.env, ...environment.variables };
  const config = loadProcessorConfig(envFor(processorSchema, env), readFile);
  const topics = systemTopics(config);
  const connections = await prepare(config, readFile);
  const kafka: Kafka = connections.kafka;
  closers.push(() => kafka.close());
  const starter = createStarter({ env, folder, started: (s) => void services.push(s) });
  const edge = await starter.edge(ports.edge);
  watchFor(at(services, 0));
  const watching = {
    ...{ logs: kafka.logs(), results: topics.results, deadLetters: topics.deadLetters },
    ...{ partitions: config.partitions, onError: (e: unknown) => void fail(e) },
  };
  if (check !== undefined) return checkWith(check, edge, starter, watching);

  const checks = await startCheckService({
    failing: { words: [RETRIED_WORD, OFFERED_WORD], attempts: FAILURES },
    failed: screen.retry,
  });
  closers.push(() => checks.stop());
  const chain = JSON.stringify(['palindrome', { http: { url: checks.url } }]);
  const processor = { chain, resultsFormat: 'json', retryBaseDelayMs: '500' };
  screen.note('Topics and schemas are there, and the edge; starting two processors.');
  await keepUpTwo(starter, processor);
  const unwatch = await watchOutputs({
    ...watching,
    onVerdict: (verdict) => screen.verdict(verdict, tracker.verdict(verdict)),
    onDeadLetter: (letter) => (tracker.deadLetter(letter), screen.deadLetter(letter)),
  });
  closers.push(unwatch);
  screen.note(`Console: ${consoleOf(edge)}`);
  screen.note(`Submitting to ${edge}/v1/words; verdicts as they appear in ${topics.results}:`);
  await submitSamples(edge, connections, tracker);
  await samplesEnd();
  if (stopping !== undefined) return;
  const problems = tracker.problems();
  screen.end(problems, tracker.decided());
  if (once) return stop(problems.length === 0 ? 0 : 1);
  const about = { ...{ edge, console: consoleOf(edge), config, environment, processor }, services, folder };
  screen.note(nextSteps({ ...about, inCheckout, platform }));
};

// Until it is open, nothing needs an orderly end: what was started ends with this process.
await main().catch(fail);
