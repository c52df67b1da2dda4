// Definitions of the kinds that the chart can use, as their projects publish them, and the stages of kwok.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder } from '@verdikt/local/cache.ts';
import { findJava } from '@verdikt/local/java.ts';
import { run, tail } from '@verdikt/local/run.ts';

const STRIMZI = '1.2.0';
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const MODULES = {
  operator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  keda: 'github.com/kedacore/keda/v2@v2.21.0',
  gateway: 'sigs.k8s.io/gateway-api@v1.4.0',
  kwok: 'sigs.k8s.io/kwok@v0.8.0',
} as const;

const must = async (command: string, args: readonly string[], cwd?: string): Promise<string> => {
  const ran = await run(command, args, cwd === undefined ? {} : { cwd });
  if (ran.code !== 0) throw new Error(`${command} ${args[0]}: ${tail(ran.stdout + ran.stderr)}`);
  return ran.stdout;
};

/** Folder of a Go module; its YAML files are published with it. */
const moduleFolder = async (name: keyof typeof MODULES): Promise<string> =>
  (JSON.parse(await must('go', ['mod', 'download', '-json', MODULES[name]])) as { Dir: string }).Dir;

/** Strimzi makes its definitions from its classes; so do we, by its own generator. */
const strimzi = (): Promise<string> =>
  cachedFolder(join('strimzi', STRIMZI), async (folder) => {
    const jars = join(folder, 'jars');
    const pom = join(import.meta.dirname, 'strimzi-pom.xml');
    await must('mvn', [
      ...['--batch-mode', '--quiet', '-f', pom, `${PLUGIN}:copy-dependencies`],
      ...[`-DoutputDirectory=${jars}`, '-DincludeScope=runtime', `-Dstrimzi.version=${STRIMZI}`],
    ]);
    const { java } = await findJava(21);
    await must(java, [
      ...['-cp', join(jars, '*'), 'io.strimzi.crdgenerator.CrdGenerator', '--target-kube', '1.30+', '--yaml'],
      `io.strimzi.api.kafka.model.topic.KafkaTopic=${join(folder, 'topic.yaml')}`,
      `io.strimzi.api.kafka.model.user.KafkaUser=${join(folder, 'user.yaml')}`,
    ]);
  });

interface Definitions {
  readonly files: readonly string[];
  readonly stages: readonly string[];
  readonly sources: string;
}

export const definitions = async (): Promise<Definitions> => {
  const [operator, keda, gateway, kwok] = [
    await moduleFolder('operator'),
    await moduleFolder('keda'),
    await moduleFolder('gateway'),
    await moduleFolder('kwok'),
  ];
  const monitoring = ['servicemonitors', 'podmonitors', 'prometheusrules'].map((kind) =>
    join(operator, 'example/prometheus-operator-crd', `monitoring.coreos.com_${kind}.yaml`),
  );
  const bases = ['scaledobjects', 'triggerauthentications', 'clustertriggerauthentications'].map((kind) =>
    join(keda, 'config/crd/bases', `keda.sh_${kind}.yaml`),
  );
  const routes = ['gateways', 'gatewayclasses', 'httproutes'].map((kind) =>
    join(gateway, 'config/crd/standard', `gateway.networking.k8s.io_${kind}.yaml`),
  );
  const made = await strimzi();
  const files = [...monitoring, ...bases, ...routes, join(made, 'topic.yaml'), join(made, 'user.yaml')];
  for (const file of files) if (!existsSync(file)) throw new Error(`${file} is not there`);
  const stage = (folder: string, want: RegExp): string[] =>
    readdirSync(join(kwok, 'kustomize/stage', folder))
      .filter((f) => want.test(f))
      .map((f) => join(kwok, 'kustomize/stage', folder, f));
  return {
    files,
    stages: [
      ...stage('node/fast', /^node-.*\.yaml$/),
      ...stage('node/heartbeat', /^node-.*\.yaml$/),
      ...stage('pod/fast', /^pod-.*\.yaml$/),
    ],
    sources: `${Object.values(MODULES).slice(0, 3).join(', ')}; Strimzi ${STRIMZI} by its crd-generator`,
  };
};
