import type { RouteHandlerMethod } from 'fastify';
import { consoleAssets, type Asset } from '../console/assets.ts';
import { docsAssets } from '../console/docs.ts';
import { openExchange, type RouteDeps } from './routes.ts';

/** Nothing but our own files, no inline code, no frames. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Asked for each time, and mostly answered by 304.
  'cache-control': 'no-cache',
};

/** `GET /console` and the files of its page, and the pages under `/docs`: a fixed list, so no path leads to another. They hold no data of the system. */
export const createConsoleRoutes = (
  deps: RouteDeps,
): { readonly path: string; readonly handler: RouteHandlerMethod }[] => {
  const route = ({ path, type, content }: Asset) => {
    const handler: RouteHandlerMethod = (request, reply) => {
      const x = openExchange(deps, 'console', request, reply);
      x.guard(() => {
        const { body, etag } = content();
        const headers = { ...HEADERS, etag };
        if (request.raw.headers['if-none-match'] === etag) return x.empty(304, headers);
        x.text(body, { ...headers, 'content-type': type });
      });
    };
    return { path, handler };
  };
  return [...consoleAssets(), ...docsAssets()].map(route);
};
