import { readFileSync } from 'node:fs';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka, type LocalKafka } from '@verdikt/local/kafka.ts';
import { startRegistry } from '@verdikt/local/registry.ts';
import { openSystem, type Edge, type Fields, type System } from '@verdikt/test/support/system/system.ts';
import { peakRssMiB } from '@verdikt/test/support/system/usage.ts';

/** What each part works with: a broker and a system of its own. */
export interface Stand {
  readonly broker: LocalKafka;
  readonly registryUrl: string;
  readonly system: System;
  /** Folder of the store of the edges. */
  readonly folder: string;
  /** An edge as it is shipped, with view and operators; `fields` go over it. */
  edge(fields?: Fields): Promise<Edge>;
  say(line: string): void;
}

const say = (line: string): void => console.log(line);
/** What an edge may take, all threads and stores in it. */
const MOST_MIB = 400;

/** A figure beside what was promised. */
export const held = (what: string, value: number, unit: string, most: number): string =>
  `${what} ${value.toFixed(value < 10 ? 2 : 1)} ${unit} (${value <= most ? 'within' : 'MORE THAN'} ${most} ${unit})`;

export const memoryOf = (edge: Edge): string =>
  held('peak memory of the edge', peakRssMiB(edge.child.pid), 'MiB', MOST_MIB);

/** Resident memory of a process now, MiB. */
export const rssMiB = (pid: number): number => {
  const found = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) / 1_024;
};

export const withStand = async (work: (stand: Stand) => Promise<void>): Promise<void> => {
  const atEnd: (() => Promise<void> | void)[] = [];
  try {
    const broker = await startKafka({ profile: 'bench', say });
    atEnd.push(() => broker.stop());
    const registry = await startRegistry({ say });
    atEnd.push(() => registry.stop());
    const system = await openSystem({ brokers: broker.brokers.join(','), registryUrl: registry.url });
    const folder = await mkdtemp(join(tmpdir(), 'verdikt-bench-view-'));
    atEnd.push(() => rmSync(folder, { recursive: true, force: true }));
    atEnd.push(() => system.stop());
    const edge = (fields: Fields = {}): Promise<Edge> =>
      system.edge({ view: 'true', viewDirectory: folder, operators: 'true', ...fields });
    await work({ broker, registryUrl: registry.url, system, folder, edge, say });
  } finally {
    for (const f of atEnd.reverse()) await f();
  }
};
