import type { ServerResponse } from 'node:http';
import { sendJson, serveHttp } from '../../support/http-server.ts';

/** `down` breaks connections, `slow` answers after 20 s, `error` says 500, `wrong` hands out a schema that is not ours. */
type RegistryMode = 'well' | 'down' | 'slow' | 'error' | 'wrong';

interface RegistryFront {
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
  const { origin, stop } = await serveHttp((request, response, body) => {
    const { url = '/', method = 'GET' } = request;
    const on = (): Promise<void> => pass(url, method, body, response);
    if (mode === 'down') return void request.socket.destroy();
    if (mode === 'error') return sendJson(response, 500, {});
    if (mode === 'wrong' && /\/schemas\/ids\//.test(url)) return sendJson(response, 200, { schema: '"int"' });
    if (mode === 'slow') return void setTimeout(() => void on().catch(() => response.destroy()), SLOW_MS);
    on().catch(() => response.destroy());
  });
  return {
    url: `${origin}${new URL(target).pathname}`,
    mode: (to) => {
      mode = to;
    },
    close: stop,
  };
};
