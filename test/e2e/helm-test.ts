// `helm test` where containers run: the pod of the chart beside a system that runs.
import { run } from '@verdikt/local/run.ts';
import { join } from 'node:path';
import { template } from './kube/helm.ts';
import { objectsOf, type KubeObject } from './kube/rendered.ts';
import { runArguments } from './pod.ts';
import { sh } from './shell.ts';
import type { Stack } from './stack.ts';

/** One pod, and how it ended. */
interface Ended {
  readonly code: number;
  readonly said: string;
}

interface HelmTest {
  /** Runs the pod to its end. Rejects where it could not be started. `timeout`: that of the values, `tests.timeout`. */
  run(timeout: string): Promise<Ended>;
}

interface Place {
  readonly env: NodeJS.ProcessEnv;
  /** `repository:tag` of the image. */
  readonly image: string;
  readonly network: string;
}

const EDGE_PORT = 8080;

const [RELEASE, NAMESPACE] = ['words', 'app'];
/** By which the pod reaches the edge. */
export const EDGE_NAME = `${RELEASE}-verdikt-edge.${NAMESPACE}.svc`;
/** From here on: Docker could not start it, its command is not there, or a signal ended it. */
const NOT_OURS = 125;

const podOf = (manifest: string): KubeObject => {
  const tests = objectsOf(manifest).filter((o) => o.metadata.annotations?.['helm.sh/hook'] === 'test');
  if (tests.length !== 1 || tests[0].kind !== 'Pod')
    throw new Error('the chart has not one pod for `helm test`');
  return tests[0];
};

const addressOf = async (stack: Stack, network: string): Promise<string> => {
  const [edge] = await stack.containers('producer');
  const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
  return (await stack.docker('inspect', '--format', format, edge.id)).trim();
};

export const openHelmTest = async (stack: Stack, { env, image, network }: Place): Promise<HelmTest> => {
  const bin = (await sh(join(import.meta.dirname, 'kube', 'tools.sh'), ['helm'])).trim();
  const [repository, tag] = image.split(':');
  const values = [
    ...['kafka.brokers={kafka:19092}', 'schemaRegistry.url=http://registry:8080/apis/ccompat/v7'],
    ...[`image.repository=${repository}`, `image.tag=${tag}`, `producer.service.port=${EDGE_PORT}`],
  ];
  // What stands in for the DNS of Kubernetes.
  const service = `${EDGE_NAME}:${await addressOf(stack, network)}`;
  return {
    run: async (timeout) => {
      const set = [...values, `tests.timeout=${timeout}`].flatMap((v) => ['--set', v]);
      const pod = podOf(await template(bin, set));
      const args = runArguments(pod, ['--network', network, '--add-host', service]);
      const { code, stdout, stderr } = await run('docker', args, { env });
      if (code >= NOT_OURS) throw new Error(`the pod could not be run (${code}): ${stderr}`);
      return { code, said: (stdout + stderr).trim() };
    },
  };
};
