import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka, type LocalKafka } from '@verdikt/local/kafka.ts';
import type { NodeAddress, Properties } from '@verdikt/local/server-properties.ts';
import type { KafkaConnection } from '../../../kafka/client/connection.ts';
import { makeCertificates, type Certificates } from './certificates.ts';

/** Its password is its name with `-secret`. */
export const passwordOf = (user: string): string => `${user}-secret`;

export interface SecureBroker {
  readonly kafka: LocalKafka;
  readonly certificates: Certificates;
  readonly folder: string;
  /** SASL_SSL: SCRAM-SHA-512 (`users`), SCRAM-SHA-256, PLAIN and OAUTHBEARER as `root`, who may do everything. */
  readonly sasl: string;
  /** TLS where a client certificate may be shown: the principal is then `User:CN=<name>`, else `User:ANONYMOUS`. */
  readonly tls: string;
  /** As this user, by SCRAM-SHA-512 over TLS. */
  connection(user: string): KafkaConnection;
  stop(): Promise<void>;
}

const MODULES = {
  plain: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  scram: 'org.apache.kafka.common.security.scram.ScramLoginModule',
  oauth: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
};
const jaas = (module: string, options = ''): string => `${module} required${options};`;

const properties = (node: NodeAddress, certificates: Certificates): Properties => {
  const [tls] = node.extraPorts;
  const listeners = `SASL_SSL://127.0.0.1:${node.port},SSL://127.0.0.1:${tls}`;
  const sasl = (mechanism: string): string =>
    `listener.name.sasl_ssl.${mechanism.toLowerCase()}.sasl.jaas.config`;
  return {
    listeners: `${listeners},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map': 'CONTROLLER:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'inter.broker.listener.name': 'SASL_SSL',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [sasl('SCRAM-SHA-512')]: jaas(MODULES.scram),
    [sasl('SCRAM-SHA-256')]: jaas(MODULES.scram),
    [sasl('PLAIN')]: jaas(
      MODULES.plain,
      ` username="broker" password="broker-secret" user_broker="broker-secret" user_root="root-secret"`,
    ),
    // Tokens without signature, which Kafka takes for tests alone.
    [sasl('OAUTHBEARER')]: jaas(MODULES.oauth, ' unsecuredLoginStringClaim_sub="broker"'),
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': jaas(
      MODULES.plain,
      ' username="controller" password="controller-secret" user_controller="controller-secret"',
    ),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:broker;User:controller;User:root',
    'allow.everyone.if.no.acl.found': 'false',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.serverFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.caFile,
    'listener.name.ssl.ssl.client.auth': 'requested',
  };
};

/** A broker with the standard authorizer, and these users beside `root`. `more` goes over its settings. */
export const startSecureBroker = async (
  users: readonly string[],
  more: Properties = {},
): Promise<SecureBroker> => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-secure-'));
  const certificates = await makeCertificates(folder);
  const scram = (hash: string, user: string): string[] => [
    '--add-scram',
    `SCRAM-SHA-${hash}=[name=${user},password=${passwordOf(user)}]`,
  ];
  const kafka = await startKafka({
    extraPorts: 1,
    properties: (node) => ({ ...properties(node, certificates), ...more }),
    format: [...scram('256', 'root'), ...['root', ...users].flatMap((user) => scram('512', user))],
  });
  return {
    ...{ kafka, certificates, folder },
    sasl: kafka.brokers[0],
    tls: `127.0.0.1:${kafka.extraPorts[0][0]}`,
    connection: (user) => ({
      brokers: kafka.brokers,
      clientId: user,
      tls: { ca: certificates.ca },
      sasl: { mechanism: 'scram-sha-512', username: user, password: passwordOf(user) },
    }),
    stop: async () => {
      await kafka.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
