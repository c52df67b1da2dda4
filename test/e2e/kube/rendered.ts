// Reads what the chart renders as the services would: their own loaders must take it.
import { parseAllDocuments } from 'yaml';
import { loadSchemasConfig, loadTopicsConfig } from '../../../cli/shell/config.ts';
import { loadReaderConfig } from '../../../cli/shell/reader-config.ts';
import type { Env, ReadFile } from '@verdikt/core/config/config.ts';
import { loadProcessorConfig } from '@verdikt/processor/config.ts';
import { loadEdgeConfig } from '@verdikt/producer/config.ts';

/** One Kubernetes object; its parts are looked up as they are. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

interface Volume {
  readonly name: string;
  readonly secret?: {
    readonly secretName: string;
    readonly items?: readonly { key: string; path: string }[];
  };
}
interface EnvEntry {
  readonly name: string;
  readonly value?: unknown;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}
interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: readonly EnvEntry[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
}
interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly terminationGracePeriodSeconds?: number;
}

export const objectsOf = (manifest: string): KubeObject[] =>
  parseAllDocuments(manifest)
    .map((doc) => {
      if (doc.errors.length > 0) throw new Error(`the chart renders no YAML: ${doc.errors[0].message}`);
      return doc.toJS() as KubeObject | null;
    })
    .filter((object) => object !== null);

export const podSpecOf = (object: KubeObject): PodSpec | undefined => {
  if (object.kind === 'Pod') return object.spec as unknown as PodSpec;
  const template = object.spec?.template as { readonly spec?: PodSpec } | undefined;
  return template?.spec;
};

/** What a Secret holds, by the key; as good as real for a loader. */
const contentOf = (key: string): string =>
  key.endsWith('.json') ? `[{"principal":"shop","sha256":"${'0'.repeat(64)}"}]` : `content of ${key}`;

const envOf = ({ name, env = [] }: Container): Env => {
  const found: Record<string, string> = {};
  for (const { name: variable, value, valueFrom } of env) {
    if (variable in found) throw new Error(`${name} has ${variable} twice`);
    if (value !== undefined && typeof value !== 'string') throw new Error(`${name}: ${variable} is no text`);
    const ref = valueFrom?.secretKeyRef;
    if (value === undefined && ref === undefined) throw new Error(`${name}: ${variable} has no value`);
    found[variable] = value ?? contentOf((ref as { key: string }).key);
  }
  return found;
};

/** Reads what is mounted and nothing else. */
const filesOf = (container: Container, volumes: readonly Volume[]): ReadFile => {
  const there = new Map<string, string>();
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const volume = volumes.find((v) => v.name === name);
    if (volume === undefined)
      throw new Error(`${container.name} mounts ${name}, which is no volume of its pod`);
    for (const { key, path } of volume.secret?.items ?? []) there.set(`${mountPath}/${path}`, contentOf(key));
  }
  return (path) => {
    const content = there.get(path);
    if (content === undefined) throw Object.assign(new Error(`${path} is not mounted`), { code: 'ENOENT' });
    return content;
  };
};

interface Loaded {
  readonly container: string;
  readonly command: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A path within the configuration must be mounted, too; a list of words comes with a volume that we do not know. */
const assertMounted = (config: object, read: ReadFile): void => {
  for (const [field, value] of Object.entries(config))
    if (field.endsWith('File') && typeof value === 'string') read(value);
};

/** The configuration of each container of an object as its program loads it. Throws as the loaders do. */
export const loadedBy = (object: KubeObject): Loaded[] => {
  const pod = podSpecOf(object);
  if (pod === undefined) return [];
  return [...(pod.initContainers ?? []), ...pod.containers].map((container) => {
    const env = envOf(container);
    const read = filesOf(container, pod.volumes ?? []);
    const command = container.args.join(' ');
    const config = load(container.args, env, read);
    assertMounted(config, read);
    return { container: `${object.kind}/${object.metadata.name}/${container.name}`, command, config };
  });
};

const load = (args: readonly string[], env: Env, read: ReadFile): Record<string, unknown> => {
  const [command, ...rest] = args;
  const file = rest[rest.indexOf('--token-file') + 1];
  switch (command === 'schemas' ? args.join(' ') : command) {
    case 'producer':
      return loadEdgeConfig(env, read);
    case 'processor':
      return loadProcessorConfig(env, read);
    case 'probe':
      if (rest.includes('--token-file')) read(file);
      return loadReaderConfig(env, {}, read);
    case 'init':
    case 'schemas register':
      // Its environment also says how topics are made: with Strimzi nothing else in the release does.
      return { ...loadTopicsConfig(env, {}, read), ...loadSchemasConfig(env, {}, read) };
    default:
      throw new Error(`the image knows no command ${args.join(' ')}`);
  }
};
