import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir, cachedFolder } from '@verdikt/local/cache.ts';
import { sh, succeeds } from './shell.ts';

const COMPOSE = 'v2.40.3';
const MODULE = 'github.com/docker/compose/v2';

/** How Docker Compose is called here: the plugin, else one that is built from its Go module once (about 3 minutes). */
export const composeCommand = async (say: (line: string) => void): Promise<readonly string[]> => {
  if (await succeeds('docker', ['compose', 'version'])) return ['docker', 'compose'];
  const folder = join('compose', COMPOSE);
  if (!existsSync(join(cacheDir, folder))) say(`Building Docker Compose ${COMPOSE} from its Go module once.`);
  const home = await cachedFolder(folder, async (into) => {
    // Its replace directives make `go install` refuse; a module of our own does not.
    const cwd = await mkdtemp(join(tmpdir(), 'verdikt-compose-'));
    try {
      await sh('go', ['mod', 'init', 'compose'], { cwd });
      await sh('go', ['get', `${MODULE}/cmd@${COMPOSE}`], { cwd });
      const flags = ['-trimpath', '-ldflags', `-s -w -X ${MODULE}/internal.Version=${COMPOSE}`];
      await sh('go', ['build', ...flags, '-o', join(into, 'docker-compose'), `${MODULE}/cmd`], { cwd });
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
  return [join(home, 'docker-compose')];
};
