import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { publicLookup } from './http-address.ts';
import type { HttpOptions } from './schema.ts';

interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

interface HttpResponse {
  readonly status: number;
  readonly retryAfter: string | null;
  /** Leaving it unread ends the connection. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Asks the service. Rejects where there is no answer. Redirects are not followed. */
export interface HttpTransport {
  ask(asked: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** Of the environment, as other programs read it. */
export interface Proxies {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  readonly noProxy?: string | undefined;
}

/** Through a `fetch` that somebody brings, as tests do. */
export const fetchTransport = (url: string, fetch: typeof globalThis.fetch): HttpTransport => ({
  ask: async (asked) => {
    const { status, headers, body } = await fetch(url, { method: 'POST', redirect: 'manual', ...asked });
    return { status, retryAfter: headers.get('retry-after'), body };
  },
  close: () => Promise.resolve(),
});

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The proxy for the URL of a check; undefined: none. Null: it is no address of one. A proxy without a scheme is asked in HTTP. What is on this
 * machine is asked directly.
 */
export const proxyOf = ({ url, publicAddressesOnly }: HttpOptions, p: Proxies): string | null | undefined => {
  const given = url.startsWith('https:') ? p.httpsProxy : p.httpProxy;
  // A proxy would look the name up itself.
  if (given === undefined || given === '' || publicAddressesOnly) return undefined;
  if (LOOPBACK.test(new URL(url).hostname)) return undefined;
  const parsed = URL.parse(given.includes('://') ? given : `http://${given}`);
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.href : null;
};

interface Route {
  /** PEM. @default what Node trusts */
  readonly ca?: string | undefined;
  readonly proxy?: string | undefined;
  readonly noProxy?: string | undefined;
}

const dispatcherOf = (o: HttpOptions, { ca, proxy, noProxy = '' }: Route): Dispatcher => {
  const tls = ca === undefined ? {} : { ca };
  const pool = {
    connections: o.concurrency,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: o.keepAliveMs,
    keepAliveMaxTimeout: o.keepAliveMs,
    clientTtl: o.connectionMaxMs,
    connectTimeout: o.timeoutMs,
    // The check has a time limit of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: o.publicAddressesOnly ? { ...tls, lookup: publicLookup() } : tls,
  };
  if (proxy === undefined) return new Agent(pool);
  // Both are given, or the other one would be read from the environment.
  return new EnvHttpProxyAgent({ ...pool, requestTls: tls, httpProxy: proxy, httpsProxy: proxy, noProxy });
};

/** Over connections of its own that are kept: at most `concurrency`, each for `connectionMaxMs`, idle ones for `keepAliveMs`. */
export const socketTransport = (o: HttpOptions, route: Route = {}): HttpTransport => {
  const dispatcher = dispatcherOf(o, route);
  return {
    ask: async ({ headers, body, signal }) => {
      const response = await request(o.url, { dispatcher, method: 'POST', headers, body, signal });
      const after = response.headers['retry-after'];
      return {
        status: response.statusCode,
        retryAfter: typeof after === 'string' ? after : null,
        body: response.body,
      };
    },
    close: () => dispatcher.destroy(),
  };
};
