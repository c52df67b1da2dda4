import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '@verdikt/local/cache.ts';
import { pypiJre } from '@verdikt/local/java.ts';
import { apicurioApp, kafkaJars } from '@verdikt/local/maven.ts';
import { sh, succeeds, type ShellOptions } from './shell.ts';

const FILES = join(import.meta.dirname, 'images');
const TRUSTED = '/etc/ssl/certs/ca-certificates.crt';

/** Fills the folder from which a stand-in is built. */
type Fill = (folder: string) => Promise<void>;

/** Debian's own base system, with the authorities that this machine trusts. */
const debian = async (folder: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const root = join(folder, 'root');
  const sites = await sh('apt-get', [
    'indextargets',
    '--format',
    '$(SITE)',
    'Identifier: Packages',
    'Codename: bookworm',
  ]);
  const site = sites.split('\n')[0];
  await sh('debootstrap', ['--variant=minbase', 'bookworm', root, ...(site === '' ? [] : [site])], { env });
  for (const path of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/man', 'usr/share/locale'])
    await rm(join(root, path), { recursive: true, force: true });
  await mkdir(join(root, 'etc/ssl/certs'), { recursive: true });
  if (existsSync(TRUSTED)) await cp(TRUSTED, join(root, TRUSTED), { dereference: true });
};

const node: Fill = async (folder) => {
  const cwd = join(folder, 'packed');
  await mkdir(cwd);
  const fetched = ['pack', '--silent', `node-linux-${process.arch}@24`, 'npm@11'];
  await sh('npm', fetched, { cwd });
  await mkdir(join(folder, 'npm'));
  for (const file of await readdir(cwd)) {
    const into = file.startsWith('npm-') ? join(folder, 'npm') : cwd;
    await sh('tar', ['-xzf', join(cwd, file), '--strip-components=1', '-C', into]);
  }
  await cp(join(cwd, 'bin/node'), join(folder, 'node'));
  await rm(cwd, { recursive: true });
};

const TOOLS = ['acls', 'configs', 'console-consumer', 'consumer-groups', 'storage', 'topics'];

const kafka: Fill = async (folder) => {
  await cp(await pypiJre(), join(folder, 'jre'), { recursive: true });
  await cp(await kafkaJars(), join(folder, 'libs'), { recursive: true });
  for (const part of ['bin', 'etc'])
    await cp(join(FILES, 'kafka', part), join(folder, part), { recursive: true });
  for (const tool of TOOLS) await symlink('tool.sh', join(folder, 'bin', `kafka-${tool}.sh`));
};

const registry: Fill = async (folder) => {
  await cp(await pypiJre(), join(folder, 'jre'), { recursive: true });
  await cp(await apicurioApp(), join(folder, 'app'), { recursive: true });
};

const prometheus: Fill = async (folder) => {
  await chmod(folder, 0o755); // apt fetches as a user of its own
  await sh('apt-get', ['download', '--quiet', 'prometheus'], { cwd: folder });
  const [file] = (await readdir(folder)).filter((f) => f.endsWith('.deb'));
  await sh('dpkg-deb', ['--extract', join(folder, file), join(folder, 'opened')]);
  for (const name of ['prometheus', 'promtool'])
    await cp(join(folder, 'opened/usr/bin', name), join(folder, name));
  await rm(join(folder, 'opened'), { recursive: true });
};

const BASE = 'debian:bookworm-slim';
const FILLS: Readonly<Record<string, Fill>> = { node, kafka, registry, prometheus };

/** Stand-ins that we can make, by the part of the name before the tag. */
const standInOf = (image: string): string | undefined =>
  ({
    node: 'node',
    'apache/kafka': 'kafka',
    'apicurio/apicurio-registry': 'registry',
    'prom/prometheus': 'prometheus',
  })[image.split(':')[0]];

const build = async (image: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const name = standInOf(image);
  if (image !== BASE && name === undefined)
    throw new Error(`${image} cannot be pulled, and there is no stand-in for it.`);
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, '.image-'));
  try {
    if (name === undefined) {
      await debian(folder, env);
      const pack = `tar -C ${folder}/root -c . | docker import --change 'CMD ["bash"]' - ${image}`;
      await sh('bash', ['-o', 'pipefail', '-c', pack], { env });
      return;
    }
    await FILLS[name](folder);
    await writeFile(join(folder, '.dockerignore'), 'packed\n*.deb\n');
    const args = [
      'build',
      '--quiet',
      '--network',
      'none',
      '--tag',
      image,
      '--file',
      join(FILES, `${name}.Dockerfile`),
      folder,
    ];
    // The older builder comes with every engine that needs a stand-in.
    await sh('docker', args, { env: { ...env, DOCKER_BUILDKIT: '0' } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** True for an image that was built here, in this run or an earlier one. */
export const isStandIn = async (image: string, env: NodeJS.ProcessEnv): Promise<boolean> => {
  const format = '{{index .Config.Labels "verdikt.stand-in"}}';
  return (await sh('docker', ['image', 'inspect', '--format', format, image], { env })).trim() === 'true';
};

/** Makes the images be here under their real names: as they are, pulled, or as stand-ins. */
export const provideImages = async (
  images: readonly string[],
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> => {
  const has = (image: string, o: ShellOptions = { env }): Promise<boolean> =>
    succeeds('docker', ['image', 'inspect', image], o);
  const missing: string[] = [];
  for (const image of images) if (!(await has(image))) missing.push(image);
  const pull = async (image: string): Promise<boolean> =>
    succeeds('docker', ['pull', '--quiet', image], { env, timeoutMs: 300_000 });
  const toBuild = (await Promise.all(missing.map(async (image) => [image, await pull(image)] as const)))
    .filter(([, pulled]) => !pulled)
    .map(([image]) => image);
  if (toBuild.length === 0) return;
  say(`No image registry gives ${toBuild.join(', ')}: building stand-ins from packages.`);
  if (!(await has(BASE))) await build(BASE, env);
  for (const image of toBuild) await build(image, env);
};
