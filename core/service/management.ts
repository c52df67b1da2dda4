import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { ServiceError } from '../errors.ts';
import { createPost, type PostRoute } from './management-post.ts';

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
  /** What may be asked by POST, by path; default nothing. */
  readonly posts?: Readonly<Record<string, PostRoute>>;
}

export interface Management {
  readonly port: number;
  /** Closes all connections. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Serves `/livez` and `/readyz` (200 `ok`, or 503 and the reason), `/metrics`, `/status` as JSON, and what may be asked by POST. Resolves
 * when it listens. Rejects CONFIG_INVALID when the port cannot be had.
 */
export const serveManagement = (o: ManagementOptions): Promise<Management> => {
  const posts = new Map(Object.entries(o.posts ?? {}).map(([path, route]) => [path, createPost(route)]));
  const server = createServer((request, response) => {
    answer(o, posts, request).then(
      (answered) => send(request, response, ...answered),
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

type Answer = readonly [status: number, type: string, body: string, allow?: string];
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';

type Posts = ReadonlyMap<string, ReturnType<typeof createPost>>;

const answer = async (o: ManagementOptions, posts: Posts, request: IncomingMessage): Promise<Answer> => {
  const { method, url = '' } = request;
  const [path = ''] = url.split('?', 1);
  const post = posts.get(path);
  if (post !== undefined) {
    if (method !== 'POST') return [405, TEXT, 'use POST\n', 'POST'];
    const [status, body] = await post(request);
    return [status, JSON_TYPE, `${JSON.stringify(body)}\n`];
  }
  const known = ['/livez', '/readyz', '/metrics', ...(o.status === undefined ? [] : ['/status'])];
  if (!known.includes(path)) return [404, TEXT, 'not found\n'];
  if (method !== 'GET' && method !== 'HEAD') return [405, TEXT, 'use GET\n', 'GET, HEAD'];
  if (path === '/metrics') return [200, o.registry.contentType, await o.registry.metrics()];
  if (path === '/status') return [200, JSON_TYPE, `${JSON.stringify(o.status?.())}\n`];
  const state = path === '/livez' ? o.live() : o.ready();
  const note = path === '/readyz' ? o.note?.() : undefined;
  if (state === true) return [200, TEXT, note === undefined ? 'ok\n' : `ok, ${note}\n`];
  return [503, TEXT, `${state === false ? 'no' : state}\n`];
};

const send = (
  request: IncomingMessage,
  response: ServerResponse,
  ...[status, type, body, allow]: Answer
): void => {
  const length = Buffer.byteLength(body);
  const headers = {
    ...{ 'content-type': type, 'content-length': length, 'cache-control': 'no-store' },
    ...(allow === undefined ? {} : { allow }),
    // What is left of its body is not read.
    ...(request.complete ? {} : { connection: 'close' }),
  };
  response.writeHead(status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
