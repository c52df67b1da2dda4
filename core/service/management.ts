import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { ServiceError } from '../errors.ts';

interface ManagementOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** True, or why this process should be restarted. */
  readonly live: () => boolean | string;
  /** True, or why this process should get no work for now. */
  readonly ready: () => boolean | string;
  /** What is worth knowing of a process that is ready; default nothing. */
  readonly note?: () => string | undefined;
  /** A document about what this process does; default there is none. */
  readonly status?: () => object;
}

export interface Management {
  readonly port: number;
  /** Closes all connections. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Serves `/livez` and `/readyz` (200 `ok`, or 503 and the reason), `/metrics`, and `/status` as JSON. Resolves when it listens. Rejects
 * CONFIG_INVALID when the port cannot be had.
 */
export const serveManagement = (o: ManagementOptions): Promise<Management> => {
  const server = createServer((request, response) => {
    answer(o, request).then(
      ([status, type, body]) => send(request, response, status, type, body),
      // A collector of a gauge threw: this answer has failed, the process has not.
      () => send(request, response, 500, TEXT, 'what was asked for could not be collected\n'),
    );
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `Cannot listen on ${o.host}:${o.port} (${cause.code}). Remedy: set managementPort to a free port.`;
      reject(new ServiceError('CONFIG_INVALID', message, { field: 'managementPort' }, cause));
    });
    server.listen(o.port, o.host, () => {
      resolve({ port: (server.address() as AddressInfo).port, close: () => close(server) });
    });
  });
};

type Answer = readonly [status: number, type: string, body: string];
const TEXT = 'text/plain; charset=utf-8';

const answer = async (o: ManagementOptions, { method, url = '' }: IncomingMessage): Promise<Answer> => {
  const [path = ''] = url.split('?', 1);
  const known = ['/livez', '/readyz', '/metrics', ...(o.status === undefined ? [] : ['/status'])];
  if (!known.includes(path)) return [404, TEXT, 'not found\n'];
  if (method !== 'GET' && method !== 'HEAD') return [405, TEXT, 'use GET\n'];
  if (path === '/metrics') return [200, o.registry.contentType, await o.registry.metrics()];
  if (path === '/status') return [200, 'application/json', `${JSON.stringify(o.status?.())}\n`];
  const state = path === '/livez' ? o.live() : o.ready();
  const note = path === '/readyz' ? o.note?.() : undefined;
  if (state === true) return [200, TEXT, note === undefined ? 'ok\n' : `ok, ${note}\n`];
  return [503, TEXT, `${state === false ? 'no' : state}\n`];
};

const send = (request: IncomingMessage, response: ServerResponse, ...[status, type, body]: Answer): void => {
  const length = Buffer.byteLength(body);
  const headers = { 'content-type': type, 'content-length': length, 'cache-control': 'no-store' };
  response.writeHead(status, status === 405 ? { ...headers, allow: 'GET, HEAD' } : headers);
  response.end(request.method === 'HEAD' ? undefined : body);
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
