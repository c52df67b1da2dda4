import * as net from 'node:net';
import { once } from 'node:events';
import { createFramer, requestHead } from '../../support/kafka/frames.ts';

export interface TapOptions {
  readonly port: number;
  /** Port behind it; asked for at each connection. */
  readonly target: () => number;
  /** True: who calls itself so is cut off. Asked at the first request of a connection, and by `cut`. */
  readonly severed?: (clientId: string) => boolean;
  /** Port of another broker that answers this request instead; `carried`: API keys of the connection so far, this one included. */
  readonly detour?: (clientId: string, apiKey: number, carried: ReadonlySet<number>) => number | undefined;
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

interface Line {
  readonly client: net.Socket;
  source: string | undefined;
  readonly carried: Set<number>;
  /** API key by correlation id. */
  readonly asked: Map<number, number>;
  /** By port. */
  readonly upstreams: Map<number, net.Socket>;
}

const prepare = (socket: net.Socket, end: () => void): void => {
  socket.setNoDelay(true);
  socket.on('error', end).on('close', end);
};

/** A line on loopback that knows who speaks on it: brokers and clients name themselves in every request. Plain text only. */
export const openTap = async (o: TapOptions): Promise<Tap> => {
  const lines = new Map<net.Socket, Line>();
  const server = net.createServer((client) => {
    const line: Line = {
      client,
      source: undefined,
      carried: new Set(),
      asked: new Map(),
      upstreams: new Map(),
    };
    lines.set(client, line);
    prepare(client, () => endLine(line));
    /** To the broker at that port. */
    const upstream = (port: number): net.Socket => {
      const open = line.upstreams.get(port);
      if (open !== undefined) return open;
      const socket = net.connect(port, '127.0.0.1');
      line.upstreams.set(port, socket);
      prepare(socket, () => endLine(line));
      socket.on(
        'data',
        createFramer((frame) => {
          const id = frame.readInt32BE(4);
          const apiKey = line.asked.get(id);
          line.asked.delete(id);
          if (apiKey !== undefined) o.answered?.(line.source ?? '', apiKey);
          if (!client.destroyed) client.write(frame);
        }),
      );
      return socket;
    };
    const request = createFramer((frame) => {
      const source = (line.source ??= clientIdOf(frame));
      if (o.severed?.(source) === true) return endLine(line);
      const { apiKey, correlationId } = requestHead(frame);
      line.carried.add(apiKey);
      if (o.answered !== undefined) line.asked.set(correlationId, apiKey);
      const to = upstream(o.detour?.(source, apiKey, line.carried) ?? o.target());
      if (!to.destroyed) to.write(frame);
    });
    client.on('data', request);
    // A broker that is down must be seen as that before anything is sent.
    upstream(o.target());
  });
  const endLine = ({ client, upstreams }: Line): void => {
    for (const socket of [client, ...upstreams.values()]) socket.destroy();
    lines.delete(client);
  };
  // Brokers that could not be started must not keep this process alive.
  server.unref();
  server.listen(o.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    cut: () => {
      for (const line of lines.values())
        if (line.source !== undefined && o.severed?.(line.source) === true) endLine(line);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const line of lines.values()) endLine(line);
      }),
  };
};
