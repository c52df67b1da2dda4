import { flushCompileCache } from 'node:module';
import closeWithGrace from 'close-with-grace';
import { isServiceError } from '../errors.ts';
import type { Log } from '../ports/log.ts';

interface ServiceRun {
  readonly name: string;
  readonly log: Log;
  /** After this many milliseconds a stop that has not ended is cut off. */
  readonly stopTimeoutMs: number;
  /** Resolves when the service is up; a rejection ends the process. */
  start(): Promise<void>;
  /** Releases everything, also after a start that failed half-way. */
  stop(): Promise<void>;
}

/** Runs a service until SIGTERM or SIGINT. Exit code 0 after a stop that was asked for, 1 after any failure. */
export const runService = async ({ name, log, stopTimeoutMs, start, stop }: ServiceRun): Promise<void> => {
  let failed = false;
  const grace = closeWithGrace({ delay: stopTimeoutMs, logger: false }, async ({ signal, err }) => {
    if (err !== undefined) log.error({ err }, `the ${name} fails`);
    log.info({ signal }, `the ${name} stops`);
    await stop();
    log.info({}, `the ${name} has stopped`);
    if (failed) process.exit(1);
  });
  try {
    await start();
    // Node does so when it ends, which a process that is killed never gets to. No-op without NODE_COMPILE_CACHE.
    flushCompileCache();
  } catch (err) {
    failed = true;
    log.error({ err }, isServiceError(err) ? err.message : `the ${name} cannot start`);
    grace.close();
  }
};

/** For what fails before there is a log, above all a configuration that is wrong: says so in plain words, exit code 1. */
export const runMain = async (main: () => Promise<void>): Promise<void> => {
  try {
    await main();
  } catch (error) {
    const text = isServiceError(error)
      ? `${error.code}: ${error.message}`
      : ((error as Error).stack ?? String(error));
    process.stderr.write(`${text}\n`);
    process.exit(1);
  }
};
