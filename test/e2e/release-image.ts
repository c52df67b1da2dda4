import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Stack } from './stack.ts';

/** A registry on this machine, which forgets all when it ends. */
const startImageRegistry = async (program: string) => {
  const child = spawn(program, ['-port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, 'exit');
  };
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /serving on port (\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    child.stderr.resume();
    return { host: `127.0.0.1:${port}`, stop };
  }
  throw new Error(`${program} ended and told no port`);
};

interface Manifest {
  readonly config?: { readonly digest: string };
}

/** What the registry stores under a tag: its digest, as the registry and as its bytes say, and that of the config. */
const stored = async (host: string, name: string, tag: string) => {
  const accept = [
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v2+json',
  ].join(', ');
  const answer = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, { headers: { accept } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return {
    told: answer.headers.get('docker-content-digest'),
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    config: (JSON.parse(bytes.toString()) as Manifest).config?.digest,
  };
};

/**
 * What a release does with the image, against a registry on this machine: it is pushed under its version, deleted here, and pulled by its
 * digest. From then on `image` is what was pulled. Returns what is not as it was.
 */
export const releaseProblems = async (
  { docker }: Pick<Stack, 'docker'>,
  image: string,
  version: string,
  program: string,
): Promise<string[]> => {
  const registry = await startImageRegistry(program);
  try {
    const name = 'somebody/verdikt';
    const place = `${registry.host}/${name}`;
    const inspect = async (of: string): Promise<string[]> => {
      const format = '{{.Id}}\n{{json .Config}}\n{{json .RootFS.Layers}}';
      return (await docker('image', 'inspect', '--format', format, of)).trim().split('\n');
    };
    const before = await inspect(image);
    await docker('tag', image, `${place}:${version}`);
    const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(await docker('push', `${place}:${version}`))?.[1];
    const { told, digest, config } = await stored(registry.host, name, version);
    await docker('image', 'rm', '--force', `${place}:${version}`, image);
    await docker('pull', `${place}@${digest}`);
    await docker('tag', `${place}@${digest}`, image);
    const after = await inspect(image);
    // An engine names an image by its config, or by its manifest.
    const known = [config, digest].find((d) => d === before[0]);
    await docker('image', 'rm', `${place}@${digest}`);
    const same = (what: string, is: unknown, wanted: unknown): string[] =>
      is === wanted ? [] : [`${what}: ${String(is)} instead of ${String(wanted)}`];
    return [
      ...same('the digest that the push tells', pushed, digest),
      ...same('the digest that the registry tells', told, digest),
      ...same('the image in the registry', known, before[0]),
      ...['the name', 'the settings', 'the layers'].flatMap((what, i) =>
        same(`${what} of what was pulled`, after[i], before[i]),
      ),
    ];
  } finally {
    await registry.stop();
  }
};
