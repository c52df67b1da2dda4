import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import type { Cell, Stage } from '../cell.ts';

const PASSWORD = 'first-secret';
const USERS = ['edge', 'processor'];
const PLAIN_CONTROLLER = 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SCRAM:SASL_PLAINTEXT';

const scram = (stage: Stage, user: string, password: string): Promise<string> =>
  kafkaTool('configs', [
    ...['--bootstrap-server', stage.system.brokers, '--alter', '--entity-type', 'users'],
    ...['--entity-name', user, '--add-config', `SCRAM-SHA-512=[password=${password}]`],
  ]);
const results = (stage: Stage, change: '--add' | '--remove'): Promise<string> =>
  kafkaTool('acls', [
    ...['--bootstrap-server', stage.system.brokers, change, '--deny-principal', 'User:processor'],
    ...['--operation', 'Write', '--topic', stage.system.topics.results],
    ...(change === '--remove' ? ['--force'] : []),
  ]);

/** Faults in who may do what. */
export const securityCells: readonly Cell[] = [
  (() => {
    const listener = { port: 0 };
    return {
      number: 26,
      name: 'rights revoked, and credentials changed, while everything runs',
      holds: 'services fail closed and go on once it is put right',
      pauseMs: 1_500,
      minStallMs: 5_000,
      kafka: {
        extraPorts: 1,
        format: USERS.flatMap((u) => ['--add-scram', `SCRAM-SHA-512=[name=${u},password=${PASSWORD}]`]),
        properties: (node) => {
          listener.port = node.extraPorts[0];
          const listeners = `PLAINTEXT://127.0.0.1:${node.port},SCRAM://127.0.0.1:${listener.port}`;
          return {
            listeners: `${listeners},CONTROLLER://127.0.0.1:${node.controllerPort}`,
            'advertised.listeners': listeners,
            'listener.security.protocol.map': PLAIN_CONTROLLER,
            'listener.name.scram.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
            'listener.name.scram.scram-sha-512.sasl.jaas.config':
              'org.apache.kafka.common.security.scram.ScramLoginModule required;',
            'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
            'super.users': 'User:ANONYMOUS',
            'allow.everyone.if.no.acl.found': 'true',
          };
        },
      },
      arrange: async () => {
        const as = (user: string): Record<string, string> => ({
          brokers: `127.0.0.1:${listener.port}`,
          kafkaSaslMechanism: 'scram-sha-512',
          kafkaSaslUsername: user,
          kafkaSaslPassword: PASSWORD,
        });
        return {
          processor: as('processor'),
          edge: as('edge'),
          strike: async (stage: Stage) => {
            await stage.reached(0.2);
            await results(stage, '--add');
            stage.mark('fault', 'processors may not write verdicts');
            await stage.pause(8_000);
            await results(stage, '--remove');
            stage.mark('healed', 'they may again');
            await stage.reached(0.6);
            for (const user of USERS) await scram(stage, user, 'second-secret');
            await stage.kafka.restart(1);
            stage.mark('fault', 'passwords changed, and all connections broken');
            await stage.pause(8_000);
            for (const user of USERS) await scram(stage, user, PASSWORD);
            stage.mark('healed', 'passwords are as they were');
          },
        };
      },
    } satisfies Cell;
  })(),
];
