import { connect } from 'node:net';
import { ServiceError } from '@verdikt/core/errors.ts';
import {
  KAFKA_IMAGE,
  REGISTRY_IMAGE,
  dockerAnswers,
  startKafkaContainer,
  startRegistryContainer,
} from './docker.ts';
import { findJava } from './java.ts';
import { startKafka } from './kafka.ts';
import { kafkaRuntime } from './jvm.ts';
import { APICURIO_VERSION, KAFKA_VERSION, apicurioApp } from './maven.ts';
import { startRegistry } from './registry.ts';

export interface Environment {
  readonly brokers: readonly string[];
  /** Base URL of the registry's Confluent API; undefined when none was asked for and none is given. */
  readonly registryUrl: string | undefined;
  /** What child processes need to find it: KAFKA_BROKERS, and SCHEMA_REGISTRY_URL where there is one. */
  readonly variables: Readonly<Record<string, string>>;
  /** Stops what was started here, never what was given. Safe to call twice. `recordMs`: see LocalKafka.stop. */
  stop(recordMs?: number): Promise<void>;
}

interface EnvironmentOptions {
  readonly registry: boolean;
  /** Heap of a broker on the JVM, MB. Default 256. */
  readonly heapMb?: number;
  /** Ports of what runs on the JVM; default: free ones. */
  readonly ports?: { readonly kafka: number; readonly registry: number };
  /** Folder in which the data of the broker stays. It then runs on the JVM, unless one is given, whose data always stays. */
  readonly keep?: string;
  readonly say?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

type Say = (line: string) => void;

interface Part {
  readonly address: string;
  stop(recordMs?: number): Promise<void>;
}
const nothingToStop = (): Promise<void> => Promise.resolve();

const listens = (broker: string): Promise<boolean> =>
  new Promise((resolve) => {
    const at = broker.lastIndexOf(':');
    const socket = connect({
      host: broker.slice(0, at),
      port: Number(broker.slice(at + 1)) || 9092,
      timeout: 5000,
    });
    const done = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket
      .on('connect', () => done(true))
      .on('timeout', () => done(false))
      .on('error', () => done(false));
  });

const givenBrokers = async (list: string): Promise<Part> => {
  const brokers = list.split(',').map((b) => b.trim());
  for (const broker of brokers) if (await listens(broker)) return { address: list, stop: nothingToStop };
  throw new ServiceError(
    'BROKER_UNAVAILABLE',
    `Nothing listens at KAFKA_BROKERS=${list}.\nRemedy: start that broker, or unset KAFKA_BROKERS to have one started.`,
  );
};

const firstLine = (e: unknown): string =>
  (e instanceof Error ? e.message : String(e)).split('\n', 1).join().trim();

/** A Docker that can not do it is said in one line and is no failure: undefined. */
const fromDocker = async (image: string, say: Say, start: () => Promise<Part>): Promise<Part | undefined> => {
  try {
    const part = await start();
    say(`${image} runs in Docker at ${part.address}`);
    return part;
  } catch (e) {
    say(`Docker answers but could not run ${image} (${firstLine(e)}); going on without it.`);
    return undefined;
  }
};

const kafkaOnJvm = async (say: Say, { heapMb, keep, ports }: EnvironmentOptions): Promise<Part> => {
  const kafka = await startKafka({
    say,
    ...(heapMb === undefined ? {} : { heapMb }),
    ...(keep === undefined ? {} : { keep }),
    ...(ports === undefined ? {} : { ports: [ports.kafka] }),
  });
  const address = kafka.brokers.join(',');
  say(`Apache Kafka ${KAFKA_VERSION} runs at ${address}`);
  return { address, stop: kafka.stop };
};

const registryOnJvm = async (say: Say, port: number | undefined): Promise<Part> => {
  const registry = await startRegistry({ say, ...(port === undefined ? {} : { port }) });
  say(`Apicurio Registry ${APICURIO_VERSION} runs at ${registry.url}`);
  return { address: registry.url, stop: registry.stop };
};

const stopAll = async (parts: readonly (Part | undefined)[], recordMs?: number): Promise<void> => {
  await Promise.all(parts.map(async (part) => part?.stop(recordMs)));
};

/** All of them, or none: what did start is stopped when another fails. */
const allParts = async (starting: readonly Promise<Part | undefined>[]): Promise<(Part | undefined)[]> => {
  const settled = await Promise.allSettled(starting);
  const failed = settled.find((s) => s.status === 'rejected');
  if (failed === undefined) return settled.map((s) => (s.status === 'fulfilled' ? s.value : undefined));
  await stopAll(settled.map((s) => (s.status === 'fulfilled' ? s.value : undefined)));
  throw failed.reason;
};

/**
 * A broker, and a schema registry when asked for: the given ones (KAFKA_BROKERS, SCHEMA_REGISTRY_URL), else Docker, else
 * Maven and a JRE. VERDIKT_LOCAL=jvm passes Docker by. Rejects CONFIG_INVALID, BROKER_UNAVAILABLE or SCHEMA_UNAVAILABLE with
 * what is missing and the remedies; it never answers without a broker.
 */
export const openEnvironment = async (options: EnvironmentOptions): Promise<Environment> => {
  const env = options.env ?? process.env;
  const say = options.say ?? (() => undefined);
  const givenKafka = env.KAFKA_BROKERS ? await givenBrokers(env.KAFKA_BROKERS) : undefined;
  const givenRegistry = env.SCHEMA_REGISTRY_URL
    ? { address: env.SCHEMA_REGISTRY_URL, stop: nothingToStop }
    : undefined;
  const wantsKafka = givenKafka === undefined;
  const wantsRegistry = options.registry && givenRegistry === undefined;
  const onJvm = options.keep !== undefined || env.VERDIKT_LOCAL === 'jvm';
  const docker = (wantsKafka || wantsRegistry) && !onJvm && (await dockerAnswers(env));
  const [kafkaContainer, registryContainer] = await Promise.all([
    docker && wantsKafka ? fromDocker(KAFKA_IMAGE, say, startKafkaContainer) : undefined,
    docker && wantsRegistry ? fromDocker(REGISTRY_IMAGE, say, startRegistryContainer) : undefined,
  ]);
  const kafkaOnHost = wantsKafka && kafkaContainer === undefined;
  const registryOnHost = wantsRegistry && registryContainer === undefined;
  const started = async (): Promise<(Part | undefined)[]> => {
    // Maven's own repository bears one writer, so what is missing is fetched in turn and only then started side by side.
    if (kafkaOnHost) await kafkaRuntime(say);
    if (registryOnHost) {
      await findJava(21, say);
      await apicurioApp(say);
    }
    return allParts([
      kafkaOnHost ? kafkaOnJvm(say, options) : Promise.resolve(undefined),
      registryOnHost ? registryOnJvm(say, options.ports?.registry) : Promise.resolve(undefined),
    ]);
  };
  const [kafkaProcess, registryProcess] = await started().catch(async (e: unknown) => {
    await stopAll([kafkaContainer, registryContainer]);
    throw e;
  });
  const kafka = givenKafka ?? kafkaContainer ?? kafkaProcess;
  const registry = givenRegistry ?? registryContainer ?? registryProcess;
  if (kafka === undefined) throw new ServiceError('BROKER_UNAVAILABLE', 'No broker was started.');
  const brokers = kafka.address.split(',').map((b) => b.trim());
  return {
    brokers,
    registryUrl: registry?.address,
    variables: {
      KAFKA_BROKERS: brokers.join(','),
      ...(registry === undefined ? {} : { SCHEMA_REGISTRY_URL: registry.address }),
    },
    stop: (recordMs) => stopAll([kafka, registry], recordMs),
  };
};
