// Starts a broker of its own that takes every login we offer.
import { isServiceError } from '@verdikt/core/errors.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKafka, type ConfiguredKafka } from '../connect.ts';
import { sendJson, serveHttp } from '@verdikt/test/support/http-server.ts';
import { lastAnswer } from '@verdikt/test/support/wait.ts';
import {
  passwordOf,
  startSecureBroker,
  type SecureBroker,
} from '@verdikt/test/support/kafka/secure-broker.ts';

let broker: SecureBroker;
beforeAll(async () => {
  broker = await startSecureBroker(['someone']);
});
afterAll(() => broker.stop());

/** Rules are listed for super users alone, so an answer shows that the login counts. */
const listed = async (connection: Partial<ConfiguredKafka>): Promise<number> => {
  const kafka = createKafka({ brokers: [broker.sasl], clientId: 'test', ...connection });
  try {
    return (await kafka.acls().acls()).length;
  } finally {
    await kafka.close();
  }
};

const token = (subject: string, seconds = 3600): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + seconds })}.`;
};

describe('login', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('%s over TLS', async (mechanism) => {
    const tls = { ca: broker.certificates.ca };
    const as = (password: string): Partial<ConfiguredKafka> => ({
      ...{ tls, sasl: { mechanism, username: 'root', password } },
    });
    expect(await listed(as(passwordOf('root')))).toBe(0);
    await expect(listed(as('wrong'))).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('oauthbearer over TLS', async () => {
    const as = (subject: string): Partial<ConfiguredKafka> => ({
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

describe('oauthbearer with a token endpoint', () => {
  /** Tokens for whom the client stands for, for so many seconds. */
  const serve = async (seconds: number) => {
    let asked = 0;
    const http = await serveHttp((request, response) => {
      asked++;
      const [id, secret] = Buffer.from(String(request.headers.authorization).slice(6), 'base64')
        .toString()
        .split(':');
      if (secret !== 'right') sendJson(response, 401, { error: 'invalid_client' });
      else sendJson(response, 200, { access_token: token(id, seconds), expires_in: seconds });
    });
    const as = (clientId: string, clientSecret = 'right'): Partial<ConfiguredKafka> => ({
      tls: { ca: broker.certificates.ca },
      sasl: {
        ...{ mechanism: 'oauthbearer', extensions: { logicalCluster: 'lkc-1', identityPoolId: 'pool-1' } },
        client: { tokenUrl: `${http.origin}/token`, clientId, clientSecret },
      },
    });
    return { http, as, asked: () => asked };
  };

  test('one token logs all connections in, as the client', async () => {
    const { http, as, asked } = await serve(3600);
    const kafka = createKafka({ brokers: [broker.sasl], clientId: 'test', ...as('root') });
    for (let i = 0; i < 3; i++) expect(await kafka.acls().acls()).toEqual([]);
    expect(asked()).toBe(1);
    await kafka.close();
    await expect(listed(as('someone'))).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await expect(listed(as('root', 'wrong'))).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('refuses the client with 401: invalid_client'),
    });
    await http.stop();
    const failed = await listed(as('root')).catch((e: unknown) => e);
    expect(failed).toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    const causes: string[] = [];
    for (let e = failed as Error | undefined; e !== undefined; e = e.cause as Error | undefined)
      causes.push(e.message);
    expect(causes.join()).toContain('nothing listens');
  });

  test('a connection outlives its tokens', async () => {
    const { http, as, asked } = await serve(15);
    const kafka = createKafka({ brokers: [broker.sasl], clientId: 'test', ...as('root') });
    const link = kafka.link();
    for (let i = 0; i < 14; i++) {
      await link.refresh(['none']).catch((e: unknown) => {
        if (!isServiceError(e, 'TOPIC_INVALID')) throw e;
      });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(link.closures()).toBe(0);
    expect(asked()).toBeGreaterThan(1);
    await kafka.close();
    await http.stop();
  });
});

describe('TLS', () => {
  test('one way: a client without a certificate is anonymous', async () => {
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
    const as = async (name: string): Promise<Partial<ConfiguredKafka>> => ({
      brokers: [broker.tls],
      tls: { ca: broker.certificates.ca, ...(await broker.certificates.client(name)) },
    });
    const watcher = await as('watcher');
    // The broker hears of a rule a moment later.
    const seen = await lastAnswer(
      () => listed(watcher).catch((e: unknown) => e),
      (n) => n === 1,
    );
    expect(seen).toBe(1);
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
