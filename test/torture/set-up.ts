import { join } from 'node:path';
import { startKafka } from '@verdikt/local/kafka.ts';
import { startCheckService } from '../support/system/check-service.ts';
import { openSystem, type SystemOptions } from '../support/system/system.ts';
import type { Arranged, Cell, Place, Side, Stage } from './cell.ts';
import { createFleet } from './fleet.ts';
import { keepLogs } from './keep-logs.ts';
import { createMemory } from './memory.ts';

export interface RunOptions {
  readonly seed: number;
  /** Instead of what the cell says. */
  readonly words?: number;
  readonly registryUrl: string;
  /** The short form of a cell that has one of its own. Default false. */
  readonly short?: boolean;
  /** False: others load the machine too, so how long it stands still, and at what rate it works, is told and not judged. Default true. */
  readonly alone?: boolean;
  /** Checkout from which the services run; default this one. */
  readonly root?: string;
  /** Instead of 90,000: nothing new for so long means that something is lost. Then nobody looks into what stands still. */
  readonly quietMs?: number;
  /** Folder for the logs of all processes, which are gone with the cell if there is none. */
  readonly logs?: string;
  readonly say: (line: string) => void;
}

/** As shipped. */
export const ATTEMPTS = 5;
/** The service that answers lives in this process: a machine that is short of time must not cost an attempt. */
const CHECK_TIMEOUT_MS = 20_000;
export const PARTITIONS = 12;
/** Nothing new for so long while something is outstanding: it is lost, or progress is. */
export const QUIET_MS = 90_000;
/** Quiet for so long at the end of the logs: there is no more. */
export const LAST_READ_MS = 8_000;
/** Of what is not the subject of a cell. */
const IMPATIENT = {
  ...{ retryMaxAttempts: String(ATTEMPTS), deadLetterMax: '100000' },
  ...{ retryBaseDelayMs: '100', retryMaxDelayMs: '1000', sessionTimeoutMs: '6000' },
};

export type AtEnd = (() => Promise<void> | void)[];

/** Brokers, check service and services of a cell, and how to open further systems like its own. */
export const setUp = async <A extends Partial<Arranged>>(
  cell: Cell,
  o: RunOptions,
  atEnd: AtEnd,
  arrange: ((place: Place) => Promise<A>) | undefined,
) => {
  const { before, ...broker } = cell.kafka ?? {};
  const memory = createMemory();
  atEnd.push(() => memory.close());
  if (memory.unlimited !== undefined) o.say(`  MEMORY IS NOT LIMITED: ${memory.unlimited}; only looked at`);
  await before?.();
  const kafka = await startKafka({ nodes: cell.nodes ?? 1, heapMb: 384, ...broker });
  atEnd.push(() => kafka.stop());
  const { logs } = o;
  if (logs !== undefined) atEnd.push(() => keepLogs(kafka.dataDir, '*/server.log', join(logs, 'kafka')));
  const onEnd: Stage['onEnd'] = (f) => void atEnd.push(f);
  const { registryUrl, short = false } = o;
  const arranged = await arrange?.({ kafka, registryUrl, short, onEnd });
  const { failures } = cell;
  const checks = failures === undefined ? undefined : await startCheckService(failures, cell.delay);
  if (checks !== undefined) atEnd.push(() => checks.stop());
  const http = checks && { http: { url: checks.url, timeoutMs: CHECK_TIMEOUT_MS, ...cell.check } };
  const chain = { chain: JSON.stringify(['palindrome', ...(http === undefined ? [] : [http])]) };
  const open = async (own: Partial<SystemOptions>): Promise<Side> => {
    const system = await openSystem({
      brokers: kafka.brokers.join(','),
      registryUrl,
      partitions: PARTITIONS,
      processor: {
        ...chain,
        ...(cell.shipped === true ? {} : IMPATIENT),
        ...cell.processor,
        ...arranged?.processor,
      },
      edge: { ...cell.edge, ...arranged?.edge },
      ...(o.root === undefined ? {} : { root: o.root }),
      ...own,
    });
    atEnd.push(() => system.stop());
    if (logs !== undefined) atEnd.push(() => keepLogs(system.folder, '*.log', join(logs, system.prefix)));
    return { system, fleet: createFleet(system, memory) };
  };
  return { kafka, onEnd, arranged, open, memory };
};
