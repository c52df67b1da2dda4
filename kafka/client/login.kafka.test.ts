// Starts a broker of its own that takes every login we offer.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKafka, type KafkaConnection } from '../connect.ts';
import {
  passwordOf,
  startSecureBroker,
  type SecureBroker,
} from '@verdikt/test/support/kafka/secure-broker.ts';

let broker: SecureBroker;
beforeAll(async () => {
  broker = await startSecureBroker(['someone']);
}, 120_000);
afterAll(() => broker.stop());

/** Rules are listed for super users alone, so an answer shows that the login counts. */
const listed = async (connection: Partial<KafkaConnection>): Promise<number> => {
  const kafka = createKafka({ brokers: [broker.sasl], clientId: 'test', ...connection });
  try {
    return (await kafka.acls().acls()).length;
  } finally {
    await kafka.close();
  }
};

const token = (subject: string): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 3600 })}.`;
};

describe('login', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('%s over TLS', async (mechanism) => {
    const tls = { ca: broker.certificates.ca };
    const as = (password: string): Partial<KafkaConnection> => ({
      ...{ tls, sasl: { mechanism, username: 'root', password } },
    });
    expect(await listed(as(passwordOf('root')))).toBe(0);
    await expect(listed(as('wrong'))).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('oauthbearer over TLS', async () => {
    const as = (subject: string): Partial<KafkaConnection> => ({
      tls: { ca: broker.certificates.ca },
      sasl: { mechanism: 'oauthbearer', token: () => Promise.resolve({ value: token(subject) }) },
    });
    expect(await listed(as('root'))).toBe(0);
    await expect(listed(as('someone'))).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('Describe on the cluster'),
    });
  });
});

describe('TLS', () => {
  test('one way: whoever shows no certificate is anonymous', async () => {
    await expect(
      listed({ brokers: [broker.tls], tls: { ca: broker.certificates.ca } }),
    ).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('mutual: the certificate is the login', async () => {
    const root = createKafka(broker.connection('root'));
    await root.acls().addAcls([
      {
        ...{ principal: 'User:CN=watcher', host: '*', resource: 'cluster', name: 'kafka-cluster' },
        ...{ pattern: 'literal', operation: 'describe', permission: 'allow' },
      },
    ]);
    await root.close();
    const as = async (name: string): Promise<Partial<KafkaConnection>> => ({
      brokers: [broker.tls],
      tls: { ca: broker.certificates.ca, ...(await broker.certificates.client(name)) },
    });
    expect(await listed(await as('watcher'))).toBe(1);
    await expect(listed(await as('stranger'))).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test.each([
    ['of an authority that is not known', {}],
    ['of another name', { servername: 'other.example' }],
  ])('a broker with a certificate %s is not spoken to', async (_, more) => {
    const ca = 'servername' in more ? { ca: broker.certificates.ca } : {};
    const { sasl } = broker.connection('root');
    await expect(listed({ tls: { ...ca, ...more }, ...(sasl && { sasl }) })).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
  });
});
