import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isServiceError } from '@verdikt/core/errors.ts';
import type { ServiceProcess } from './service-process.ts';

interface OwnCheckOptions {
  /** Full path of the module. */
  readonly file: string;
  /** Starts a processor that checks with it; rejects with the end of its log. */
  readonly start: () => Promise<ServiceProcess>;
  readonly say: (text: string) => void;
  /** Called each time that a processor is up. */
  readonly up: () => Promise<void>;
  /** How long the old processor may take to finish. */
  readonly drainMs: number;
}

const textOf = (error: unknown): string => (isServiceError(error) ? error.message : String(error));

/** Editors write a file in several steps. */
const SETTLED_MS = 150;

/**
 * A processor that runs the check in a file, restarted when the file was saved with other content: modules cannot be
 * unloaded. A check that cannot be loaded stops nothing; the next save tries again. Resolves when the first one is up or has failed,
 * with a function that ends it.
 */
export const runOwnCheck = async (o: OwnCheckOptions): Promise<() => Promise<void>> => {
  let service: ServiceProcess | undefined;
  /** Content that a running processor checks with; undefined while none runs. */
  let text: string | undefined;
  let begun = false;
  let stopped = false;
  let work = Promise.resolve();

  const begin = async (): Promise<void> => {
    try {
      service = await o.start();
    } catch (error) {
      if (stopped) return;
      text = undefined;
      o.say(`${textOf(error)}\nSave ${basename(o.file)} to try again.`);
      return;
    }
    if (stopped) return;
    const current = service;
    void current.child.exited.then(({ code, signal }) => {
      if (stopped || service !== current) return;
      text = undefined;
      o.say(`The processor ended with ${signal ?? code}. Save ${basename(o.file)} to start it again.`);
    });
    o.say(`Checking with ${o.file}; it is reloaded when you save it.`);
    await o.up().catch((error: unknown) => o.say(textOf(error)));
  };

  const look = async (): Promise<void> => {
    const now = await readFile(o.file, 'utf8').catch(() => undefined);
    if (stopped || (now !== undefined && now === text)) return;
    if (now === undefined) {
      if (!begun) o.say(`${o.file} cannot be read; it is loaded when you save it.`);
      return;
    }
    if (begun) o.say(`${basename(o.file)} was saved.`);
    begun = true;
    text = now;
    const old = service;
    service = undefined;
    await old?.child.stop(o.drainMs);
    if (!stopped) await begin();
  };

  let timer: NodeJS.Timeout | undefined;
  // The folder and not the file: many editors put a new file in the place of the old one.
  const watcher = watch(dirname(o.file), (_, name) => {
    if (name !== null && name !== basename(o.file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void (work = work.then(look)), SETTLED_MS);
  });
  work = work.then(look);
  await work;
  return async () => {
    stopped = true;
    clearTimeout(timer);
    watcher.close();
    await service?.child.stop(o.drainMs);
    await work;
  };
};
