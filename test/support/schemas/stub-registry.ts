import type { ServerResponse } from 'node:http';
import { serveHttp } from '../http-server.ts';

export type StubMode =
  | 'ok'
  /** Answers nothing. */
  | 'hang'
  /** Sends half of a body, then nothing. */
  | 'half'
  /** A page of a proxy, status 200. */
  | 'page'
  /** To `/apis/ccompat/v7/schemas/ids/404`. */
  | 'redirect'
  /** Closes the connection without an answer. */
  | 'reset'
  /** A 404 that does not come from a registry. */
  | 'no-such-path'
  | { readonly status: number };

/** A schema registry on loopback that can misbehave. Keeps subjects and their compatibility in memory. */
export interface StubRegistry {
  readonly url: string;
  /** A function decides by `METHOD /path`. */
  mode: StubMode | ((line: string) => StubMode);
  /** By id: what `GET /schemas/ids/{id}` answers. */
  readonly schemas: Map<number, object>;
  readonly compatibility: Map<string, string>;
  /** `METHOD /path` of every request, and its authorization header. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  /** When set, `POST /subjects/{s}/versions` answers it. */
  refuse: number | undefined;
  /** When set, looking up a schema by its text finds nothing. */
  blindLookup: boolean;
  close(): Promise<void>;
}

export async function startStubRegistry(basePath = '/apis/ccompat/v7'): Promise<StubRegistry> {
  const versions = new Map<string, { id: number; schema: string }[]>();
  const { origin, stop } = await serveHttp((request, response, body) => {
    const path = (request.url ?? '').slice(basePath.length);
    const line = `${request.method} ${path}`;
    stub.requests.push({ line, authorization: request.headers.authorization });
    if (misbehave(response, typeof stub.mode === 'function' ? stub.mode(line) : stub.mode)) return;
    const [status, answer] = reply(
      `${request.method}`,
      path.split('/').slice(1).map(decodeURIComponent),
      body.length === 0 ? {} : (JSON.parse(String(body)) as { schema?: string; compatibility?: string }),
    );
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(answer));
  });

  function reply(
    method: string,
    [root, name, child, version]: string[],
    body: { schema?: string; compatibility?: string },
  ): [number, object] {
    if (root === 'schemas') {
      const found = stub.schemas.get(Number(child));
      return found === undefined ? [404, { error_code: 40403, message: 'Schema not found' }] : [200, found];
    }
    if (root === 'config') {
      if (method === 'PUT') stub.compatibility.set(name, body.compatibility ?? '');
      const level = stub.compatibility.get(name);
      return level === undefined ? [404, { error_code: 40408 }] : [200, { compatibilityLevel: level }];
    }
    const list = versions.get(name) ?? [];
    if (method === 'GET' && version === 'latest') {
      const latest = list.at(-1);
      return latest === undefined ? [404, { error_code: 40401 }] : [200, latest];
    }
    const known = list.find((v) => v.schema === body.schema);
    if (child === undefined) {
      return known === undefined || stub.blindLookup ? [404, { error_code: 40403 }] : [200, known];
    }
    if (stub.refuse !== undefined) return [stub.refuse, { error_code: stub.refuse, message: 'refused' }];
    const entry = known ?? { id: stub.schemas.size + 1, schema: body.schema ?? '' };
    if (known === undefined) versions.set(name, [...list, entry]);
    stub.schemas.set(entry.id, { schema: entry.schema });
    return [200, { id: entry.id }];
  }

  const stub: StubRegistry = {
    url: `${origin}${basePath}`,
    mode: 'ok',
    schemas: new Map(),
    compatibility: new Map(),
    requests: [],
    refuse: undefined,
    blindLookup: false,
    close: stop,
  };
  return stub;
}

function misbehave(response: ServerResponse, mode: StubMode): boolean {
  if (mode === 'ok') return false;
  if (mode === 'hang') return true;
  if (mode === 'reset') response.destroy();
  else if (mode === 'half') response.writeHead(200, { 'content-length': '100' }).write('{"sche');
  else if (mode === 'page')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
  else if (mode === 'redirect')
    response.writeHead(302, { location: '/apis/ccompat/v7/schemas/ids/404' }).end();
  else if (mode === 'no-such-path')
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"status":404}');
  else response.writeHead(mode.status, { 'content-type': 'application/json' }).end('{"error_code":50001}');
  return true;
}
