import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { answersKafka } from './api-versions.ts';

const withServer = async <T>(
  onSocket: (socket: Socket) => void,
  use: (port: number) => Promise<T>,
): Promise<T> => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    // One that nobody reads does not see that the other end has closed.
    for (const socket of sockets) socket.destroy();
    server.close();
  }
};

test('an open port that says nothing is no broker', async () => {
  expect(
    await withServer(
      (s) => void s.resume(),
      (port) => answersKafka('127.0.0.1', port, false, 50),
    ),
  ).toBe(false);
});

test('an answer with our correlation id and no error is', async () => {
  const answer = Buffer.from([0, 0, 0, 6, 0, 0, 0, 7, 0, 0]);
  const asked: Buffer[] = [];
  const reply = (s: Socket): void => void s.on('data', (b) => (asked.push(b), s.write(answer)));
  expect(await withServer(reply, (port) => answersKafka('127.0.0.1', port))).toBe(true);
  expect(Buffer.concat(asked).toString('hex')).toBe(
    '0000000f' + '00120000' + '00000007' + '0005' + Buffer.from('local').toString('hex'),
  );
});

test('anything else that answers is not', async () => {
  expect(
    await withServer(
      (s) => void s.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      (port) => answersKafka('127.0.0.1', port),
    ),
  ).toBe(false);
});
