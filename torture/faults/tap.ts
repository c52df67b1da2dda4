import * as net from 'node:net';
import { once } from 'node:events';
import { createFramer, requestHead } from '@verdikt/kafka/testing/frames.ts';

export interface TapOptions {
  readonly port: number;
  /** Port behind it; asked for at each connection. */
  readonly target: () => number;
  /** True: who calls itself so is cut off. Asked at the first request of a connection, and by `cut`. */
  readonly severed?: (clientId: string) => boolean;
  /** Told of each answer that was passed on. */
  readonly answered?: (clientId: string, apiKey: number) => void;
}

export interface Tap {
  /** Breaks the connections of all who are cut off now. */
  cut(): void;
  close(): Promise<void>;
}

const CLIENT_ID = 12;
const clientIdOf = (frame: Buffer): string => {
  const length = frame.readInt16BE(CLIENT_ID);
  return length <= 0 ? '' : frame.toString('utf8', CLIENT_ID + 2, CLIENT_ID + 2 + length);
};

/** A line on loopback that knows who speaks on it: brokers and clients name themselves in every request. Plain text only. */
export const openTap = async (o: TapOptions): Promise<Tap> => {
  const lines = new Map<net.Socket, { source: string | undefined; end: () => void }>();
  const server = net.createServer((client) => {
    const upstream = net.connect(o.target(), '127.0.0.1');
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      lines.delete(client);
    };
    const line: { source: string | undefined; end: () => void } = { source: undefined, end };
    lines.set(client, line);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', end).on('close', end);
    }
    const asked = new Map<number, number>();
    const request = createFramer((frame) => {
      line.source ??= clientIdOf(frame);
      if (o.severed?.(line.source) === true) return end();
      const { apiKey, correlationId } = requestHead(frame);
      if (o.answered !== undefined) asked.set(correlationId, apiKey);
      if (!upstream.destroyed) upstream.write(frame);
    });
    const answer = createFramer((frame) => {
      const id = frame.readInt32BE(4);
      const apiKey = asked.get(id);
      asked.delete(id);
      if (apiKey !== undefined) o.answered?.(line.source ?? '', apiKey);
      if (!client.destroyed) client.write(frame);
    });
    client.on('data', request);
    upstream.on('data', answer);
  });
  // Brokers that could not be started must not keep this process alive.
  server.unref();
  server.listen(o.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    cut: () => {
      for (const { source, end } of lines.values())
        if (source !== undefined && o.severed?.(source) === true) end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { end } of lines.values()) end();
      }),
  };
};
