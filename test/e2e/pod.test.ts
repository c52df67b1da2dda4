import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from './kube/rendered.ts';
import { runArguments } from './pod.ts';

const container = {
  ...{ name: 'probe', image: 'verdikt:1', args: ['probe', '--timeout', '60s'] },
  securityContext: {
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ['ALL'] },
  },
  resources: { limits: { memory: '256Mi', cpu: '500m', 'ephemeral-storage': '64Mi' } },
  env: [{ name: 'KAFKA_BROKERS', value: 'kafka:9092' }],
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
};
const spec = {
  restartPolicy: 'Never',
  securityContext: {
    ...{ runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true, fsGroup: 65532 },
    seccompProfile: { type: 'RuntimeDefault' },
  },
  containers: [container],
  volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '32Mi' } }],
};
const pod = (spec: object): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } },
  spec: spec as Readonly<Record<string, unknown>>,
});

test('runs with the image, rights, limits and environment of the pod', () => {
  expect(runArguments(pod(spec), ['--network', 'n']).join(' ')).toBe(
    'run --rm --network n --user 65532:65532 --group-add 65532 --cap-drop ALL --security-opt no-new-privileges --read-only ' +
      '--memory 268435456 --cpus 0.5 --env KAFKA_BROKERS=kafka:9092 --tmpfs /tmp:mode=1777,size=33554432 ' +
      'verdikt:1 probe --timeout 60s',
  );
});

describe('what would be lost is refused', () => {
  const withContainer = (more: object): object => ({ ...spec, containers: [{ ...container, ...more }] });
  test.each([
    ['a field of the pod', { ...spec, hostNetwork: true }, 'hostNetwork'],
    ['a second container', { ...spec, containers: [container, container] }, 'one container'],
    ['a field of the container', withContainer({ workingDir: '/' }), 'workingDir'],
    ['a right', withContainer({ securityContext: { procMount: 'Unmasked' } }), 'procMount'],
    ['a root user', withContainer({ securityContext: { runAsUser: 0 } }), 'root'],
    [
      'a seccomp profile',
      withContainer({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
      'seccomp',
    ],
    ['a variable from elsewhere', withContainer({ env: [{ name: 'A', valueFrom: {} }] }), 'valueFrom'],
    ['another limit', withContainer({ resources: { limits: { 'hugepages-2Mi': '2Mi' } } }), 'hugepages'],
    ['another volume', { ...spec, volumes: [{ name: 'tmp', secret: {} }] }, 'secret'],
  ])('%s', (_, changed, said) => {
    expect(() => runArguments(pod(changed), [])).toThrow(said);
  });
});
