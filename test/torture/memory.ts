import { DEFAULT_MEMORY_LIMIT_MIB } from '@verdikt/processor/memory.ts';
import type { Child } from '@verdikt/local/child.ts';
import type { Service } from '../support/system/system.ts';
import { peakRssMiB } from '../support/system/usage.ts';
import { makeCgroup, type Cgroup } from './cgroups.ts';
import type { Finding } from './laws.ts';

/** Memory of a processor: the limit of its container. */
export const LIMIT_MIB = DEFAULT_MEMORY_LIMIT_MIB;
const MIB = 1_048_576;
/** Who ends without being told is seen at most so long before, ms. */
const EVERY_MS = 1_000;

const peakOf = (pid: number): number => {
  try {
    return peakRssMiB(pid);
  } catch {
    // It has ended, and its last look counts.
    return 0;
  }
};

/** The memory of all processors of a cell. */
export interface Memory {
  /** Why none is limited; undefined: each runs in a cgroup of its own. */
  readonly unlimited: string | undefined;
  /** Starts a processor under the limit, and watches it. */
  start(begin: (under: readonly string[]) => Promise<Service>): Promise<Service>;
  /** Highest of all so far, MiB. */
  peakMiB(): number;
  findings(): Finding[];
  /** The processors have ended. */
  close(): Promise<void>;
}

interface Watched {
  readonly service: Service;
  readonly cgroup: Cgroup | undefined;
  peak: number;
}

/** What is wrong with one processor. */
export const memoryFindings = (name: string, peak: number, kills: number): Finding[] => {
  const out: Finding[] = [];
  if (kills > 0) out.push({ law: 'memory', detail: `${name} was killed for want of memory` });
  if (peak > LIMIT_MIB)
    out.push({ law: 'memory', detail: `${name} took ${Math.ceil(peak)} MiB, ${LIMIT_MIB} are promised` });
  return out;
};

export const createMemory = (make: typeof makeCgroup = makeCgroup): Memory => {
  const cgroups: Cgroup[] = [];
  const all: Watched[] = [];
  const next = (): Cgroup => {
    const cgroup = make(LIMIT_MIB * MIB);
    cgroups.push(cgroup);
    return cgroup;
  };
  let spare: Cgroup | undefined;
  let unlimited: string | undefined;
  try {
    spare = next();
  } catch (e) {
    unlimited = `no cgroup can be made: ${(e as Error).message}`;
  }
  const look = (w: Watched): void => {
    w.peak = Math.max(w.peak, peakOf(w.service.child.pid));
  };
  const timer = setInterval(() => all.forEach(look), EVERY_MS).unref();
  return {
    unlimited,
    start: async (begin) => {
      const cgroup = unlimited === undefined ? (spare ?? next()) : undefined;
      spare = undefined;
      const service = await begin(cgroup?.under ?? []);
      const w: Watched = { service, cgroup, peak: 0 };
      all.push(w);
      const { child } = service;
      const watched: Child = {
        ...child,
        kill: (signal) => {
          look(w);
          child.kill(signal);
        },
        stop: (graceMs) => {
          look(w);
          return child.stop(graceMs);
        },
      };
      return { ...service, child: watched };
    },
    peakMiB: () => {
      all.forEach(look);
      return all.reduce((most, w) => Math.max(most, w.peak), 0);
    },
    findings: () => all.flatMap((w) => memoryFindings(w.service.name, w.peak, w.cgroup?.kills() ?? 0)),
    close: async () => {
      clearInterval(timer);
      await Promise.all(cgroups.map((c) => c.remove()));
    },
  };
};
