// The pod that the chart renders for `helm test`, as a container of Docker: image, command, environment, user, rights and limits are
// those of the pod. A field that would be lost on the way is refused.
import type { KubeObject } from './kube/rendered.ts';

type Fields = Readonly<Record<string, unknown>>;

const fields = (of: unknown): Fields => (of ?? {}) as Fields;

/** Every field is named here, or the pod does not run as it says. */
const onlyThese = (where: string, of: Fields, known: readonly string[]): void => {
  const other = Object.keys(of).filter((name) => !known.includes(name));
  if (other.length > 0) throw new Error(`${where}: cannot run with ${other.join(', ')}`);
};

const bytesOf = (quantity: string): number => {
  const [, number, unit] = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity) ?? [];
  if (number === undefined) throw new Error(`no size: ${quantity}`);
  return Number(number) * ({ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit] ?? 1);
};

const coresOf = (quantity: string): number => {
  const cores = quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1_000 : Number(quantity);
  if (!(cores > 0)) throw new Error(`no number of cores: ${quantity}`);
  return cores;
};

/** Rights of the container go over those of the pod. `RuntimeDefault` is what Docker does. */
const rights = (pod: Fields, container: Fields): string[] => {
  const { fsGroup, ...ofPod } = pod;
  const all = { ...ofPod, ...container };
  onlyThese('securityContext', all, [
    ...['runAsUser', 'runAsGroup', 'runAsNonRoot', 'seccompProfile'],
    ...['allowPrivilegeEscalation', 'capabilities', 'readOnlyRootFilesystem'],
  ]);
  if (fields(all.seccompProfile).type !== 'RuntimeDefault')
    throw new Error('cannot run with that seccomp profile');
  if (all.runAsNonRoot === true && !(Number(all.runAsUser) > 0)) throw new Error('the pod runs as root');
  const { drop = [] } = fields(all.capabilities);
  return [
    ...['--user', `${String(all.runAsUser)}:${String(all.runAsGroup)}`],
    ...(fsGroup === undefined ? [] : ['--group-add', String(fsGroup as number)]),
    ...(drop as string[]).flatMap((name) => ['--cap-drop', name]),
    ...(all.allowPrivilegeEscalation === false ? ['--security-opt', 'no-new-privileges'] : []),
    ...(all.readOnlyRootFilesystem === true ? ['--read-only'] : []),
  ];
};

const limits = (resources: Fields): string[] => {
  const { memory, cpu, ...other } = fields(resources.limits);
  // Docker limits what a container writes only on some file systems; this one can write to its tmpfs alone, which has a size.
  onlyThese('limits', other, ['ephemeral-storage']);
  return [
    ...(memory === undefined ? [] : ['--memory', String(bytesOf(memory as string))]),
    ...(cpu === undefined ? [] : ['--cpus', String(coresOf(cpu as string))]),
  ];
};

const environment = (env: readonly Fields[]): string[] =>
  env.flatMap(({ name, value, ...other }) => {
    onlyThese(`env ${String(name)}`, other, []);
    return ['--env', `${String(name)}=${String(value)}`];
  });

const mounts = (volumes: readonly Fields[], of: readonly Fields[]): string[] =>
  of.flatMap(({ name, mountPath }) => {
    const { name: _, emptyDir, ...other } = fields(volumes.find((v) => v.name === name));
    onlyThese(`volume ${String(name)}`, other, []);
    const { sizeLimit, ...more } = fields(emptyDir);
    onlyThese(`volume ${String(name)}`, more, []);
    return ['--tmpfs', `${String(mountPath)}:mode=1777,size=${bytesOf(sizeLimit as string)}`];
  });

/** Arguments of `docker run`; `docker` stands before the image: its network, and the names that Kubernetes would know. */
export const runArguments = ({ spec }: KubeObject, docker: readonly string[]): string[] => {
  const pod = fields(spec);
  onlyThese('pod', pod, [
    ...['containers', 'volumes', 'securityContext', 'restartPolicy', 'terminationGracePeriodSeconds'],
    // None of it is there outside of Kubernetes.
    ...['serviceAccountName', 'automountServiceAccountToken', 'enableServiceLinks'],
  ]);
  const [container, ...others] = pod.containers as Fields[];
  if (others.length > 0) throw new Error('a test has one container');
  onlyThese('container', container, [
    ...[
      'name',
      'image',
      'imagePullPolicy',
      'command',
      'args',
      'env',
      'resources',
      'securityContext',
      'volumeMounts',
    ],
  ]);
  const [entrypoint, ...first] = (container.command ?? []) as string[];
  return [
    ...['run', '--rm', ...docker],
    ...rights(fields(pod.securityContext), fields(container.securityContext)),
    ...limits(fields(container.resources)),
    ...environment((container.env ?? []) as Fields[]),
    ...mounts((pod.volumes ?? []) as Fields[], (container.volumeMounts ?? []) as Fields[]),
    ...(entrypoint === undefined ? [] : ['--entrypoint', entrypoint]),
    ...[container.image as string, ...first, ...((container.args ?? []) as string[])],
  ];
};
