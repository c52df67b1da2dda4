import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { openEnvironment } from './environment.ts';

test('given addresses are used as they are, and left running', async () => {
  const server = createServer((s) => s.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const broker = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { KAFKA_BROKERS: `${broker}, b:1`, SCHEMA_REGISTRY_URL: 'http://r/x' };
  const opened = await openEnvironment({ registry: true, env });
  expect(opened.brokers).toEqual([broker, 'b:1']);
  expect(opened.variables).toEqual({ KAFKA_BROKERS: `${broker},b:1`, SCHEMA_REGISTRY_URL: 'http://r/x' });
  await opened.stop();
  expect(server.listening).toBe(true);
  server.close();
});

test('given brokers that nobody listens at are no reason to start others', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const opening = openEnvironment({ registry: false, env: { KAFKA_BROKERS: `127.0.0.1:${port}` } });
  await expect(opening).rejects.toMatchObject({
    code: 'BROKER_UNAVAILABLE',
    message: expect.stringMatching(/Nothing listens at KAFKA_BROKERS=.*Remedy/s),
  });
});
