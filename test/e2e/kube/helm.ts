import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, tail } from '@verdikt/local/run.ts';

const root = join(import.meta.dirname, '../../..');
export const CHART = join(root, 'charts', 'verdikt');

/** The files of values in `ci/`, by name. */
export const valuesFiles = (): { name: string; path: string }[] =>
  readdirSync(join(CHART, 'ci'))
    .filter((f) => f.endsWith('-values.yaml'))
    .map((f) => ({ name: f.replace('-values.yaml', ''), path: join(CHART, 'ci', f) }));

/** What optional kinds a cluster with everything knows. */
const ALL_KINDS = [
  'keda.sh/v1alpha1/ScaledObject',
  'kafka.strimzi.io/v1/KafkaTopic',
  'kafka.strimzi.io/v1/KafkaUser',
  'monitoring.coreos.com/v1/ServiceMonitor',
  'monitoring.coreos.com/v1/PodMonitor',
  'monitoring.coreos.com/v1/PrometheusRule',
  'gateway.networking.k8s.io/v1/HTTPRoute',
];

/** Manifests of a release `words` in the namespace `app`. Rejects with what helm says. */
export const template = async (bin: string, args: readonly string[], kinds = ALL_KINDS): Promise<string> => {
  const apis = kinds.flatMap((kind) => ['--api-versions', kind]);
  const ran = await run(join(bin, 'helm'), [
    ...['template', 'words', CHART, '--namespace', 'app', '--kube-version', '1.35.0'],
    ...[...apis, ...args],
  ]);
  if (ran.code !== 0) throw new Error(tail(ran.stderr));
  return ran.stdout;
};
