import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU seconds that a process has used so far, user and system, all threads. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the command may hold spaces; what follows its bracket does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

/** Highest resident memory in the text of /proc/PID/status, MiB; undefined where the process is none any more. */
export const peakIn = (status: string): number | undefined => {
  const found = /^VmHWM:\s*(\d+) kB$/m.exec(status);
  return found === null ? undefined : Number(found[1]) / 1_024;
};

/** Most memory that it has had at once, MiB. */
export const peakRssMiB = (pid: number): number => peakIn(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? 0;
