import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { TObject } from 'typebox';
import { envName } from '@verdikt/core/config/env-name.ts';
import { fieldsOf } from '@verdikt/core/config/fields.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import { tail } from './run.ts';

/** One of our services as a process of its own, as anyone would run it. */
export interface ServiceProcess {
  readonly name: string;
  readonly child: Child;
  readonly logFile: string;
}

export interface ServiceOptions {
  readonly name: string;
  /** From the root, for example `producer/main.ts`. */
  readonly script: string;
  readonly schema: TObject;
  /** Config fields by name; they go over the environment. */
  readonly fields: Readonly<Record<string, string>>;
  readonly managementPort: number;
  /** Variables that are none of ours. */
  readonly extra?: Readonly<Record<string, string>>;
  /** For its log. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Checkout to run from; default this one. */
  readonly root?: string;
  /** Command that runs Node in its turn, with its arguments, for example `['prlimit', '--nofile=64']`. */
  readonly under?: readonly string[];
  /** What its `/readyz` must say. Default: that it is ready. */
  readonly until?: (status: number, body: string) => boolean;
}

const here = join(import.meta.dirname, '..');
/** `.js` in the built package. */
const OWN_KIND = extname(import.meta.filename);
const READY_MS = 120_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A service refuses variables of ours that it does not know, so each gets its own; all others are passed on. */
export const envFor = (schema: TObject, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const known = new Set(['VERDIKT_CONFIG', ...fieldsOf(schema).map((f) => f.env)]);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('VERDIKT_') || known.has(name)),
  );
};

const isReady = (status: number): boolean => status === 200;
const says = async (port: number, until: NonNullable<ServiceOptions['until']>): Promise<boolean> => {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) });
    return until(answer.status, await answer.text());
  } catch {
    return false;
  }
};

/** The end of its log, for messages. */
export const logTail = async ({ logFile }: Pick<ServiceProcess, 'logFile'>): Promise<string> =>
  tail(await readFile(logFile, 'utf8'), 12);

/** Starts it and resolves when `/readyz` says what is waited for. Rejects BROKER_UNAVAILABLE with the end of its log. */
export const startService = async (o: ServiceOptions): Promise<ServiceProcess> => {
  const fields = { ...o.fields, managementHost: '127.0.0.1', managementPort: String(o.managementPort) };
  const own = Object.fromEntries(Object.entries(fields).map(([name, value]) => [envName(name), value]));
  const logFile = join(o.folder, `${o.name}.log`);
  const root = o.root ?? here;
  const [command, ...args] = [
    ...(o.under ?? []),
    process.execPath,
    join(root, o.script.replace(/\.ts$/, OWN_KIND)),
  ];
  const child = await startChild(command, args, {
    logFile,
    env: { ...envFor(o.schema, o.env), ...own, ...o.extra },
    cwd: root,
  });
  const started = Date.now();
  while (!(await says(o.managementPort, o.until ?? isReady))) {
    const exit = child.exit();
    if (exit === undefined && Date.now() - started < READY_MS) {
      await pause(100);
      continue;
    }
    await child.stop(1000);
    const what =
      exit === undefined
        ? `was not ready within ${READY_MS / 1000} s`
        : `ended with ${exit.signal ?? exit.code}`;
    throw new ServiceError(
      'BROKER_UNAVAILABLE',
      `${o.name} ${what}. The end of its log:\n${await logTail({ logFile })}`,
    );
  }
  return { name: o.name, child, logFile };
};
