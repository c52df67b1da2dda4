// Run while the image is built: starts each command once, so that what Node compiles for it lies in NODE_COMPILE_CACHE. A service then
// starts in half the time, and in 26 MiB less: Node need not load its compiler of types.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LEAST_FILES = 200;
const root = join(import.meta.dirname, '../..');
const cache = process.env.NODE_COMPILE_CACHE ?? '';

/** Without brokers a service says so and ends, once all of it is loaded. */
for (const command of [
  ['processor/main.ts'],
  ['producer/main.ts'],
  ['producer/view/main.ts'],
  ['producer/operators/main.ts'],
  ['cli/main.ts', '--help'],
  ['cli/main.ts', 'status'],
  ['deploy/image/main.ts', '--help'],
  ['deploy/image/health.ts'],
])
  spawnSync(process.execPath, command, { cwd: root, stdio: 'ignore', env: { NODE_COMPILE_CACHE: cache } });

const files = readdirSync(cache, { recursive: true, withFileTypes: true });
// Node keeps them for their owner alone; the services run as another user.
for (const file of files) chmodSync(join(file.parentPath, file.name), file.isDirectory() ? 0o755 : 0o644);
if (files.length < LEAST_FILES) throw new Error(`only ${files.length} files were compiled`);
