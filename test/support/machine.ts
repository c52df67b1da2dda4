import { arch, cpus, release, totalmem } from 'node:os';

/** Cores, memory, kernel and Node, as a reader of measurements needs them. */
export const machineOf = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model ?? arch()}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}`;
