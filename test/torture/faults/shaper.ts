import * as net from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** How bytes travel; each may change while connections live. */
interface Line {
  /** Milliseconds that every chunk takes, one way. */
  delayMs: number;
  /** Added to it at random, up to so much. */
  jitterMs: number;
  /** Bytes per second and direction; Infinity for no limit. */
  bytesPerSecond: number;
  /** Chunks are cut into pieces of at most so many bytes. */
  sliceBytes: number;
  /** Directions in which bytes vanish, as behind a link that is down. */
  lost: { toServer: boolean; toClient: boolean };
}

export const clearLine = (): Line => ({
  ...{ delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity, sliceBytes: Infinity },
  lost: { toServer: false, toClient: false },
});

export interface Shaper {
  readonly line: Line;
  cut(): void;
  close(): Promise<void>;
}

/** A line from `port` to `target`, both on loopback, that knows nothing of what it carries. `random` is in [0, 1). */
export const openShaper = async (port: number, target: number, random: () => number): Promise<Shaper> => {
  const line = clearLine();
  const sockets = new Set<net.Socket>();
  const carry = (from: net.Socket, to: net.Socket, lost: () => boolean): void => {
    // One chain per direction keeps the order of bytes whatever each of them waits.
    let free = Promise.resolve();
    let due = 0;
    from.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += line.sliceBytes) {
        const piece = chunk.subarray(at, Math.min(chunk.length, at + line.sliceBytes));
        const now = Date.now();
        const arrival = now + line.delayMs + random() * line.jitterMs;
        due = Math.max(arrival, due) + (piece.length / line.bytesPerSecond) * 1_000;
        const wait = due - now;
        free = free.then(async () => {
          if (wait > 1) await pause(wait);
          if (!lost() && !to.destroyed) to.write(piece);
        });
      }
    });
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      const end = (): void => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      };
      socket.on('error', end).on('close', end);
    }
    carry(client, upstream, () => line.lost.toServer);
    carry(upstream, client, () => line.lost.toClient);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    line,
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
};
