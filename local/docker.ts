import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { answersKafka } from './api-versions.ts';
import { APICURIO_VERSION, KAFKA_VERSION } from './maven.ts';
import { answersRegistry } from './registry.ts';

export const KAFKA_IMAGE = `apache/kafka:${KAFKA_VERSION}`;
export const REGISTRY_IMAGE = `apicurio/apicurio-registry:${APICURIO_VERSION}`;

interface Container {
  readonly address: string;
  stop(): Promise<void>;
}

const READY_MS = 90_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const until = async (what: string, ready: () => Promise<boolean>): Promise<void> => {
  const started = Date.now();
  while (!(await ready())) {
    if (Date.now() - started > READY_MS)
      throw new Error(`${what} did not answer within ${READY_MS / 1000} s`);
    await pause(100);
  }
};

const ping = (options: { socketPath: string } | { host: string; port: number }): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ ...options, path: '/_ping', timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });

/** True when a container engine answers: DOCKER_HOST where it is set, else its usual sockets. */
export const dockerAnswers = async (env: NodeJS.ProcessEnv = process.env): Promise<boolean> => {
  if (env.DOCKER_HOST) {
    const host = new URL(env.DOCKER_HOST);
    if (host.protocol === 'unix:') return ping({ socketPath: host.pathname });
    return ping({ host: host.hostname, port: Number(host.port || 2375) });
  }
  const sockets = ['/var/run/docker.sock', join(homedir(), '.docker/run/docker.sock')];
  if (env.XDG_RUNTIME_DIR) sockets.push(join(env.XDG_RUNTIME_DIR, 'docker.sock'));
  for (const socketPath of sockets) if (existsSync(socketPath) && (await ping({ socketPath }))) return true;
  return false;
};

/** Setting any of these replaces all defaults of the image, so the set is whole. */
const KAFKA_ENV = {
  CLUSTER_ID: '4L6g3nShT-eMCtK--X86sw',
  KAFKA_NODE_ID: '1',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_LISTENERS: 'PLAINTEXT://:9092,BROKER://:9093,CONTROLLER://:9094',
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
  KAFKA_INTER_BROKER_LISTENER_NAME: 'BROKER',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9094',
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
  KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
  KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
  KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '4',
  KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
  KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  KAFKA_HEAP_OPTS: '-Xmx512m',
};
const WAIT_FOR_SCRIPT =
  'echo waiting; while [ ! -f /tmp/start.sh ]; do sleep 0.1; done; exec bash /tmp/start.sh';

/** Apache Kafka from its own image. A broker must advertise the mapped port, which is known only once the container runs. */
export const startKafkaContainer = async (): Promise<Container> => {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(KAFKA_IMAGE)
    .withExposedPorts(9092)
    .withEnvironment(KAFKA_ENV)
    .withEntrypoint(['sh'])
    .withCommand(['-c', WAIT_FOR_SCRIPT])
    .withWaitStrategy(Wait.forLogMessage('waiting'))
    .start();
  const stop = async (): Promise<void> => void (await container.stop({ timeout: 0 }));
  const address = `${container.getHost()}:${container.getMappedPort(9092)}`;
  const advertised = `PLAINTEXT://${address},BROKER://$(hostname -i):9093`;
  const content = `export KAFKA_ADVERTISED_LISTENERS=${advertised}\nexec /etc/kafka/docker/run\n`;
  try {
    await container.copyContentToContainer([{ content, target: '/tmp/start.sh', mode: 0o755 }]);
    await until(KAFKA_IMAGE, () => answersKafka(container.getHost(), container.getMappedPort(9092)));
  } catch (e) {
    await stop();
    throw e;
  }
  return { address, stop };
};

/** Apicurio Registry from its own image, in memory; `address` is the base of its Confluent API. */
export const startRegistryContainer = async (): Promise<Container> => {
  const { GenericContainer } = await import('testcontainers');
  const container = await new GenericContainer(REGISTRY_IMAGE).withExposedPorts(8080).start();
  const stop = async (): Promise<void> => void (await container.stop({ timeout: 0 }));
  const address = `http://${container.getHost()}:${container.getMappedPort(8080)}/apis/ccompat/v7`;
  try {
    await until(REGISTRY_IMAGE, () => answersRegistry(address));
  } catch (e) {
    await stop();
    throw e;
  }
  return { address, stop };
};
