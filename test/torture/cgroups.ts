import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A memory cgroup for one process. */
export interface Cgroup {
  /** Command that enters it and then becomes what follows. */
  readonly under: readonly string[];
  /** Processes in it that were killed for want of memory. */
  kills(): number;
  /** Its processes have ended. */
  remove(): Promise<void>;
}

const V2 = '/sys/fs/cgroup';
const V1 = '/sys/fs/cgroup/memory';
const PREFIX = 'verdikt-torture-';
const ENTER = 'echo $$ >"$0/cgroup.procs" && exec "$@"';
const REMOVALS = 20;

const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}`);

/** Removes what runs left behind that were killed. */
const sweep = (base: string): void => {
  for (const name of readdirSync(base)) {
    const [pid] = name.slice(PREFIX.length).split('-');
    if (!name.startsWith(PREFIX) || isAlive(pid)) continue;
    try {
      rmdirSync(join(base, name));
    } catch {
      // A process is left in it.
    }
  }
};

/** File of the limit, and what else must be written for it to hold. */
const limits = (base: string, folder: string, bytes: number): void => {
  if (base === V1) return writeFileSync(join(folder, 'memory.limit_in_bytes'), String(bytes));
  if (!existsSync(join(folder, 'memory.max'))) writeFileSync(join(base, 'cgroup.subtree_control'), '+memory');
  writeFileSync(join(folder, 'memory.max'), String(bytes));
  const swap = join(folder, 'memory.swap.max');
  if (existsSync(swap)) writeFileSync(swap, '0');
};

let made = 0;

/** A new cgroup with that limit. Throws where this machine lets us make none. */
export const makeCgroup = (bytes: number): Cgroup => {
  const base = existsSync(V1) ? V1 : V2;
  sweep(base);
  const folder = join(base, `${PREFIX}${process.pid}-${made++}`);
  mkdirSync(folder);
  try {
    limits(base, folder, bytes);
  } catch (e) {
    rmdirSync(folder);
    throw e;
  }
  const events = join(folder, base === V1 ? 'memory.oom_control' : 'memory.events');
  return {
    under: ['sh', '-c', ENTER, folder],
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(events, 'utf8'))?.[1] ?? 0),
    remove: async () => {
      // The kernel takes a moment after the last process.
      for (let i = 0; existsSync(folder) && i < REMOVALS; i++) {
        try {
          rmdirSync(folder);
        } catch {
          // Still busy.
          await pause(100);
        }
      }
    },
  };
};
