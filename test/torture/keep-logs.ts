import { copyFile, glob, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Copies the logs of processes, which `pattern` finds in `from`, to a folder. */
export const keepLogs = async (from: string, pattern: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  for await (const name of glob(pattern, { cwd: from }))
    await copyFile(join(from, name), join(to, name.replaceAll('/', '-')));
};
