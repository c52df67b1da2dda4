import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** `down` breaks connections, `slow` answers after 20 s, `error` says 500, `wrong` hands out a schema that is not ours. */
export type RegistryMode = 'well' | 'down' | 'slow' | 'error' | 'wrong';

export interface RegistryFront {
  readonly url: string;
  mode(mode: RegistryMode): void;
  close(): Promise<void>;
}

const SLOW_MS = 20_000;

/** Stands before a registry and spoils its answers. */
export const openRegistryFront = async (target: string): Promise<RegistryFront> => {
  let mode: RegistryMode = 'well';
  const pass = async (
    path: string,
    method: string,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> => {
    const answer = await fetch(new URL(path, target), {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body.length === 0 ? {} : { body }),
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': type }).end(text);
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { url = '/', method = 'GET' } = request;
      const on = (): Promise<void> => pass(url, method, Buffer.concat(parts), response);
      if (mode === 'down') return void request.socket.destroy();
      if (mode === 'error') return void response.writeHead(500).end('{}');
      if (mode === 'wrong' && /\/schemas\/ids\//.test(url))
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ schema: '"int"' }));
      if (mode === 'slow') return void setTimeout(() => void on().catch(() => response.destroy()), SLOW_MS);
      on().catch(() => response.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${new URL(target).pathname}`,
    mode: (to) => {
      mode = to;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
