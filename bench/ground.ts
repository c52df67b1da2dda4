import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { startKafka, type LocalKafka } from '@verdikt/local/kafka.ts';
import type { NodeAddress, Properties } from '@verdikt/local/server-properties.ts';
import { makeCertificates, type Certificates } from '@verdikt/test/support/kafka/certificates.ts';

/** How workers reach the brokers. */
export interface Reach {
  readonly brokers: readonly string[];
  /** Over TLS, with certificates of this authority. */
  readonly tlsCaFile?: string;
}

/** The brokers of a benchmark. */
export interface Ground {
  readonly reach: Reach;
  /** For the harness, without TLS; its topics have a replica on every broker. */
  readonly kafka: Kafka;
  readonly plainBrokers: readonly string[];
  pids(): readonly number[];
  /** Bytes that one replica of a topic takes on disk. */
  bytesOnDisk(topic: string): Promise<number>;
  close(): Promise<void>;
}

interface GroundOptions {
  readonly nodes: 1 | 3;
  readonly tls: boolean;
  /** For certificates. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Brokers talk to each other and to the harness without TLS, as in a network of their own. */
const withTls =
  (c: Certificates) =>
  ({ port, controllerPort, extraPorts: [tls] }: NodeAddress): Properties => {
    const listeners = `PLAINTEXT://127.0.0.1:${port},SSL://127.0.0.1:${tls}`;
    return {
      listeners: `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': listeners,
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': c.serverFile,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': c.caFile,
    };
  };

const logBytes = async ({ dataDir }: LocalKafka, topic: string): Promise<number> => {
  const root = join(dataDir, 'n1', 'log');
  const partitions = (await readdir(root)).filter((name) => name.replace(/-\d+$/, '') === topic);
  const files = await Promise.all(
    partitions.map(async (p) => (await readdir(join(root, p))).map((file) => join(root, p, file))),
  );
  const logs = files.flat().filter((file) => file.endsWith('.log'));
  const sizes = await Promise.all(logs.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, n) => sum + n, 0);
};

export const openGround = async ({ nodes, tls, folder, say }: GroundOptions): Promise<Ground> => {
  const certificates = tls ? await makeCertificates(folder) : undefined;
  const broker = await startKafka({
    ...{ profile: 'bench', nodes, say },
    ...(certificates === undefined ? {} : { extraPorts: 1, properties: withTls(certificates) }),
  });
  const kafka = createKafka({ brokers: broker.brokers, clientId: 'bench' });
  const tlsBrokers = broker.extraPorts.map(([port]) => `127.0.0.1:${port}`);
  return {
    reach:
      certificates === undefined
        ? { brokers: broker.brokers }
        : { brokers: tlsBrokers, tlsCaFile: certificates.caFile },
    kafka,
    plainBrokers: broker.brokers,
    pids: () => broker.pids(),
    bytesOnDisk: (topic) => logBytes(broker, topic),
    close: async () => {
      await kafka.close();
      await broker.stop();
    },
  };
};
