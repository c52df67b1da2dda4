import * as net from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFramer, requestHead } from './frames.ts';
import { createProxy, type Proxy } from './proxy.ts';

const frame = (apiKey: number, apiVersion: number, correlationId: number, body = ''): Buffer => {
  const b = Buffer.alloc(12 + body.length);
  b.writeInt32BE(8 + body.length, 0);
  b.writeInt16BE(apiKey, 4);
  b.writeInt16BE(apiVersion, 6);
  b.writeInt32BE(correlationId, 8);
  b.write(body, 12);
  return b;
};

let broker: net.Server;
let port: number;
let carriedOut: number[];
let answer: (id: number, apiKey: number) => Buffer;
let proxy: Proxy;
let clients: net.Socket[];

beforeEach(async () => {
  carriedOut = [];
  clients = [];
  answer = (id) => {
    const b = Buffer.alloc(8);
    b.writeInt32BE(4, 0);
    b.writeInt32BE(id, 4);
    return b;
  };
  broker = net
    .createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on(
        'data',
        createFramer((f) => {
          const { correlationId, apiKey } = requestHead(f);
          carriedOut.push(correlationId);
          socket.write(answer(correlationId, apiKey));
        }),
      );
    })
    .listen(0, '127.0.0.1');
  await once(broker, 'listening');
  port = (broker.address() as net.AddressInfo).port;
  proxy = await createProxy([port]);
});

afterEach(async () => {
  for (const c of clients) c.destroy();
  await proxy.close();
  await new Promise((resolve) => broker.close(resolve));
});

interface Client {
  send(f: Buffer): void;
  next(): Promise<Buffer>;
  readonly closed: Promise<unknown>;
}

const connect = async (): Promise<Client> => {
  const socket = net.connect(Number(proxy.brokers[0].split(':')[1]), '127.0.0.1');
  clients.push(socket);
  socket.on('error', () => undefined);
  const got: Buffer[] = [];
  let wake: (() => void) | undefined;
  socket.on(
    'data',
    createFramer((f) => {
      got.push(f);
      wake?.();
    }),
  );
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  return {
    send: (f) => void socket.write(f),
    next: async () => {
      while (got.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return got.shift() as Buffer;
    },
    closed,
  };
};

const idOf = (response: Buffer): number => response.readInt32BE(4);

describe('proxy', () => {
  test('passes requests and answers, also in pieces', async () => {
    const c = await connect();
    const two = Buffer.concat([frame(0, 7, 1, 'abc'), frame(1, 11, 2)]);
    c.send(two.subarray(0, 9));
    c.send(two.subarray(9));
    expect([idOf(await c.next()), idOf(await c.next())]).toEqual([1, 2]);
    expect(proxy.seen(0).map((r) => r.correlationId)).toEqual([1]);
  });

  test('drop-response: carried out, not answered, connection stays', async () => {
    const armed = proxy.arm({ apiKey: 0, fault: 'drop-response' });
    const c = await connect();
    c.send(frame(0, 7, 1));
    await armed.hit;
    c.send(frame(0, 7, 2));
    expect(idOf(await c.next())).toBe(2);
    expect(carriedOut).toEqual([1, 2]);
    expect(armed.struck.map((r) => r.correlationId)).toEqual([1]);
  });

  test('drop-request: not carried out', async () => {
    const armed = proxy.arm({ apiKey: 0, fault: 'drop-request', match: (r) => r.correlationId === 2 });
    const c = await connect();
    for (const id of [1, 2, 3]) c.send(frame(0, 7, id));
    await armed.hit;
    expect([idOf(await c.next()), idOf(await c.next())]).toEqual([1, 3]);
    expect(carriedOut).toEqual([1, 3]);
  });

  test('answer-instead: not carried out, and answered by the rule', async () => {
    const armed = proxy.arm({ apiKey: 0, fault: 'answer-instead', answer: () => Buffer.from('forged') });
    const c = await connect();
    c.send(frame(0, 7, 1));
    const forged = await c.next();
    expect([idOf(forged), forged.subarray(8).toString()]).toEqual([1, 'forged']);
    c.send(frame(0, 7, 2));
    expect(idOf(await c.next())).toBe(2);
    expect(carriedOut).toEqual([2]);
    expect(armed.struck.map((r) => r.correlationId)).toEqual([1]);
  });

  test.each([
    ['cut-before', []],
    ['cut-after', [1]],
  ] as const)('%s', async (fault, carried) => {
    proxy.arm({ apiKey: 0, fault });
    const c = await connect();
    c.send(frame(0, 7, 1));
    await c.closed;
    expect(carriedOut).toEqual(carried);
  });

  test('hold-response keeps the order of what follows', async () => {
    const armed = proxy.arm({ apiKey: 0, fault: 'hold-response' });
    const c = await connect();
    c.send(frame(0, 7, 1));
    await armed.hit;
    c.send(frame(1, 11, 2));
    const first = c.next();
    armed.release();
    expect([idOf(await first), idOf(await c.next())]).toEqual([1, 2]);
  });

  test('hold-request reaches the broker after the release', async () => {
    const armed = proxy.arm({ apiKey: 0, fault: 'hold-request' });
    const c = await connect();
    c.send(frame(0, 7, 1));
    await armed.hit;
    expect(carriedOut).toEqual([]);
    armed.release();
    expect(idOf(await c.next())).toBe(1);
  });

  test('cut breaks what is open, refuse what comes', async () => {
    const c = await connect();
    proxy.cut();
    await c.closed;
    proxy.refuse(true);
    const refused = await connect();
    await refused.closed;
    proxy.refuse(false);
    const again = await connect();
    again.send(frame(0, 7, 1));
    expect(idOf(await again.next())).toBe(1);
  });

  test('rewrites the brokers of Metadata 6 and FindCoordinator 2', async () => {
    const own = Number(proxy.brokers[0].split(':')[1]);
    answer = (id, apiKey) => {
      const host = Buffer.from('\0\x09127.0.0.1');
      const int = (n: number): Buffer => {
        const b = Buffer.alloc(4);
        b.writeInt32BE(n);
        return b;
      };
      const body =
        apiKey === 3
          ? Buffer.concat([
              int(0),
              int(2),
              int(1),
              host,
              int(port),
              Buffer.from('\0\x01r'),
              int(2),
              host,
              int(9),
              Buffer.from([0xff, 0xff]),
            ])
          : Buffer.concat([int(0), Buffer.from([0, 0, 0xff, 0xff]), int(1), host, int(port)]);
      return Buffer.concat([int(4 + body.length), int(id), body]);
    };
    const c = await connect();
    c.send(frame(3, 6, 1));
    const metadata = await c.next();
    expect(metadata.readInt32BE(8 + 8 + 4 + 11)).toBe(own);
    expect(metadata.readInt32BE(8 + 8 + 4 + 11 + 4 + 3 + 4 + 11)).toBe(9);
    c.send(frame(10, 2, 2));
    const coordinator = await c.next();
    expect(coordinator.readInt32BE(coordinator.length - 4)).toBe(own);
  });
});
