// Runs the script that we print with Kafka's own tools, on a broker of its own.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { startSecureBroker, type SecureBroker } from '@verdikt/test/support/kafka/secure-broker.ts';
import { lastAnswer } from '@verdikt/test/support/wait.ts';
import { run } from '@verdikt/local/run.ts';
import { planAcls } from './plan.ts';
import { aclScript } from './script.ts';
import { aclNames, aclTable, bindingsFor } from './table.ts';

const PASSWORD = String.raw`p\ss, "word" [x]=y $HOME 'q'`;
const rows = aclTable(aclNames(topicNames('s.', 'g'), 'g'));
/** Two are enough to see all kinds of rows but that of the cluster; each call of a tool takes a second. */
const principals = { edge: 'User:edge', processor: "User:CN=it's" };

let broker: SecureBroker;
beforeAll(async () => {
  broker = await startSecureBroker([]);
});
afterAll(() => broker.stop());

test('the script makes the table and the users true, with passwords from files', async () => {
  const at = (name: string): string => join(broker.folder, name);
  const tool = JSON.stringify(join(import.meta.dirname, '../../local/tool.ts'));
  for (const name of ['acls', 'configs']) {
    const shim = `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${tool} ${name} "$@"\n`;
    await writeFile(at(`kafka-${name}.sh`), shim);
    await chmod(at(`kafka-${name}.sh`), 0o755);
  }
  await mkdir(at('passwords'));
  await writeFile(at('passwords/edge.password'), `${PASSWORD}\n`);
  await writeFile(
    at('client.properties'),
    [
      'security.protocol=SASL_SSL',
      'sasl.mechanism=SCRAM-SHA-512',
      'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="root" password="root-secret";',
      'ssl.truststore.type=PEM',
      `ssl.truststore.location=${broker.certificates.caFile}`,
    ].join('\n'),
  );
  await writeFile(at('acls.sh'), aclScript(rows, principals, true));
  const { NODE_OPTIONS: _, ...own } = process.env;
  const env = {
    ...own,
    PATH: `${broker.folder}:${process.env.PATH ?? ''}`,
    BOOTSTRAP: broker.sasl,
    COMMAND_CONFIG: at('client.properties'),
    PASSWORDS: at('passwords'),
  };
  const ran = await run('sh', [at('acls.sh')], { env });
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, '', '']);

  const root = createKafka(broker.connection('root'));
  // The broker hears of rules and passwords a moment later.
  const plan = await lastAnswer(
    async () => planAcls(bindingsFor(rows, principals), await root.acls().acls()),
    ({ create }) => create.length === 0,
  );
  expect([plan.create, plan.extra]).toEqual([[], []]);
  await root.close();

  const edge = createKafka({
    ...broker.connection('edge'),
    sasl: { mechanism: 'scram-sha-512', username: 'edge', password: PASSWORD },
  });
  const login = (): Promise<unknown> => edge.assertSupported('edge').catch((e: unknown) => e);
  expect(await lastAnswer(login, (e) => e === undefined)).toBeUndefined();
  await edge.close();

  const without = await run('sh', [at('acls.sh')], { env: { ...env, PASSWORDS: at('none') } });
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('none/edge.password')]);
});
