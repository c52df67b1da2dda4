import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { run, tail } from '@verdikt/local/run.ts';
import { kubectl } from './cluster.ts';
import { CHART, template, valuesFiles } from './helm.ts';
import { refusals } from './refusals.ts';
import { objectsOf, type KubeObject } from './rendered.ts';
import { until } from '../../support/wait.ts';

interface Stage {
  readonly bin: string;
  readonly kubeconfig: string;
}
interface Step {
  readonly name: string;
  /** Resolves with what was seen, in a few words. */
  run(stage: Stage): Promise<string>;
}

const RELEASE = 'words';
const SPACE = 'app';
const EVERYTHING = valuesFiles().find((f) => f.name === 'everything')?.path as string;

const must = async (s: Stage, args: readonly string[], input = ''): Promise<string> => {
  const ran = await kubectl(s.bin, s.kubeconfig, args, input);
  if (ran.code !== 0) throw new Error(`kubectl ${args.slice(0, 4).join(' ')}: ${tail(ran.stderr)}`);
  return ran.stdout;
};
const helm = async (s: Stage, args: readonly string[]): Promise<string> => {
  const ran = await run(join(s.bin, 'helm'), ['--kubeconfig', s.kubeconfig, '--namespace', SPACE, ...args]);
  if (ran.code !== 0) throw new Error(`helm ${args[0]}: ${tail(ran.stderr)}`);
  return ran.stdout;
};
const get = async <T>(s: Stage, ...what: string[]): Promise<T> =>
  JSON.parse(await must(s, ['get', '-n', SPACE, ...what, '-o', 'json'])) as T;

interface Workload {
  readonly spec: {
    readonly replicas: number;
    readonly template: { spec: { containers: { env: { name: string; value?: string }[] }[] } };
  };
  readonly status: { readonly readyReplicas?: number };
}
const ready = async (s: Stage, role: string): Promise<number> =>
  (await get<Workload>(s, 'deployment', `${RELEASE}-verdikt-${role}`)).status.readyReplicas ?? 0;
const variable = async (s: Stage, role: string, name: string): Promise<string | undefined> => {
  const { spec } = await get<Workload>(s, 'deployment', `${RELEASE}-verdikt-${role}`);
  return spec.template.spec.containers[0].env.find((e) => e.name === name)?.value;
};
const release = ['--values', EVERYTHING, '--wait', '--timeout', '120s'];

/** Kinds of the chart, hooks left out. */
const live = async (s: Stage): Promise<KubeObject[]> =>
  objectsOf(await helm(s, ['get', 'manifest', RELEASE]));

let objects: readonly KubeObject[] = [];
/** The objects of the release that was installed, by kind. */
export const listed = (): string =>
  [...Map.groupBy(objects, (o) => o.kind)]
    .map(([kind, all]) => `${kind}: ${all.map((o) => o.metadata.name).join(', ')}`)
    .sort()
    .join('\n');

export const steps: readonly Step[] = [
  {
    name: 'a node and a namespace with the restricted pod security standard',
    run: async (s) => {
      for (const n of [1, 2, 3]) await must(s, ['apply', '-f', '-'], JSON.stringify(node(`node-${n}`)));
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await must(
        s,
        ['apply', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: SPACE, labels } }),
      );
      await until(
        'the default service account',
        async () =>
          (await kubectl(s.bin, s.kubeconfig, ['get', '-n', SPACE, 'serviceaccount', 'default'])).code === 0,
      );
      return '3 nodes, enforce=restricted';
    },
  },
  {
    name: 'every file of values passes strict validation of the API server',
    run: async (s) => {
      let count = 0;
      for (const { path } of valuesFiles()) {
        const manifest = await template(s.bin, ['--values', path]);
        const said = await must(
          s,
          ['apply', '-n', SPACE, '--dry-run=server', '--validate=strict', '-f', '-'],
          manifest,
        );
        const warned = (
          await kubectl(
            s.bin,
            s.kubeconfig,
            ['apply', '-n', SPACE, '--dry-run=server', '--validate=strict', '-f', '-'],
            manifest,
          )
        ).stderr;
        strictEqual(warned, '', 'no warning of pod security or of a deprecated kind');
        count += said.trim().split('\n').length;
      }
      return `${valuesFiles().length} files, ${count} objects, no warning`;
    },
  },
  {
    name: 'install with everything on becomes Ready',
    run: async (s) => {
      await helm(s, ['install', RELEASE, CHART, ...release]);
      // KEDA itself is not there, so the processor has the one replica that the API server gives.
      deepStrictEqual([(await ready(s, 'edge')) >= 1, (await ready(s, 'processor')) >= 1], [true, true]);
      objects = await live(s);
      for (const o of objects)
        await must(s, ['get', '-n', o.metadata.namespace ?? SPACE, `${resourceOf(o)}`, o.metadata.name]);
      return `${objects.length} objects are there`;
    },
  },
  {
    name: 'pods run with nothing that the restricted standard forbids, spread over nodes',
    run: async (s) => {
      const { items } = await get<{
        items: { spec: { nodeName: string; automountServiceAccountToken: boolean } }[];
      }>(s, 'pods');
      ok(items.length >= 2);
      ok(items.every((p) => p.spec.automountServiceAccountToken === false));
      return `${items.length} pods on ${new Set(items.map((p) => p.spec.nodeName)).size} nodes, none with a token`;
    },
  },
  {
    name: 'an upgrade rolls out, a rollback brings the old setting back',
    run: async (s) => {
      await helm(s, ['upgrade', RELEASE, CHART, ...release, '--set', 'processor.config.retryMaxAttempts=9']);
      strictEqual(await variable(s, 'processor', 'VERDIKT_RETRY_MAX_ATTEMPTS'), '9');
      await helm(s, ['rollback', RELEASE, '1', '--wait', '--timeout', '120s']);
      strictEqual(await variable(s, 'processor', 'VERDIKT_RETRY_MAX_ATTEMPTS'), undefined);
      const history = JSON.parse(await helm(s, ['history', RELEASE, '-o', 'json'])) as unknown[];
      return `${history.length} revisions`;
    },
  },
  {
    name: 'scaling by hand, and an upgrade that leaves the replicas to the autoscaler',
    run: async (s) => {
      await must(s, ['scale', '-n', SPACE, `deployment/${RELEASE}-verdikt-processor`, '--replicas=5']);
      await until('five ready processors', async () => (await ready(s, 'processor')) === 5);
      await helm(s, ['upgrade', RELEASE, CHART, ...release]);
      strictEqual(await ready(s, 'processor'), 5);
      return '5 before and after the upgrade';
    },
  },
  {
    name: 'disruption budgets and the autoscaler see their pods',
    run: async (s) => {
      await until('the budget', async () => {
        const { status } = await get<{ status: { expectedPods: number; disruptionsAllowed: number } }>(
          s,
          'pdb',
          `${RELEASE}-verdikt-processor`,
        );
        return status.expectedPods === 5 && status.disruptionsAllowed === 1;
      });
      await until('the autoscaler', async () => {
        const { status } = await get<{ status: { conditions?: { type: string; status: string }[] } }>(
          s,
          'hpa',
          `${RELEASE}-verdikt-edge`,
        );
        return status.conditions?.some((c) => c.type === 'AbleToScale' && c.status === 'True') ?? false;
      });
      return 'one of 5 processors may be evicted; the HPA is able to scale';
    },
  },
  {
    name: 'what cannot work is refused before anything is changed',
    run: async (s) => {
      for (const { why, set, says, by } of refusals) {
        const args = [
          'upgrade',
          RELEASE,
          CHART,
          '--values',
          EVERYTHING,
          '--dry-run=server',
          ...set.flatMap((v) => ['--set', v]),
        ];
        const ran = await run(join(s.bin, 'helm'), [
          '--kubeconfig',
          s.kubeconfig,
          '--namespace',
          SPACE,
          ...args,
          ...(by ?? []),
        ]);
        ok(ran.code !== 0, `not refused: ${why}`);
        match(ran.stderr, says, why);
      }
      return `${refusals.length} cases`;
    },
  },
  {
    name: 'a cluster without the optional kinds: alarms are left out, what was asked for by name fails',
    run: async (s) => {
      const without = await template(
        s.bin,
        [
          '--values',
          EVERYTHING,
          '--set',
          'processor.keda.renderMode=skipIfMissing',
          '--set',
          'strimzi.renderMode=skipIfMissing',
          '--set',
          'producer.httpRoute.renderMode=skipIfMissing',
        ],
        [],
      );
      const kinds = new Set(objectsOf(without).map((o) => o.kind));
      deepStrictEqual(
        ['ServiceMonitor', 'PrometheusRule', 'ScaledObject', 'KafkaTopic', 'HTTPRoute'].filter((k) =>
          kinds.has(k),
        ),
        [],
      );
      const failed = await template(s.bin, ['--values', EVERYTHING], []).then(
        () => '',
        (e: Error) => e.message,
      );
      match(failed, /does not know/);
      return `${kinds.size} kinds remain`;
    },
  },
  {
    name: 'an uninstall removes all but the topics',
    run: async (s) => {
      const before = await live(s);
      await helm(s, ['uninstall', RELEASE, '--wait', '--timeout', '120s']);
      const left: string[] = [];
      for (const o of before) {
        const ran = await kubectl(s.bin, s.kubeconfig, [
          'get',
          '-n',
          o.metadata.namespace ?? SPACE,
          resourceOf(o),
          o.metadata.name,
        ]);
        if (ran.code === 0) left.push(o.kind);
      }
      deepStrictEqual(
        left,
        before.filter((o) => o.kind === 'KafkaTopic').map((o) => o.kind),
      );
      ok(left.length > 0);
      return `${left.length} KafkaTopics are kept`;
    },
  },
];

const resourceOf = (o: KubeObject): string => {
  const [group, version] = o.apiVersion.includes('/') ? o.apiVersion.split('/') : ['', o.apiVersion];
  return group === '' ? o.kind : `${o.kind}.${version}.${group}`;
};

const node = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': name } },
  status: {
    allocatable: { cpu: '8', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' },
    capacity: { cpu: '8', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' },
  },
});
