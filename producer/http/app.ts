import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { batchSchema, sharedSchemas, wordsSchema } from './api-schema.ts';
import {
  findKeySchema,
  keySchema,
  meSchema,
  resultsSchema,
  summarySchema,
  wordSchema,
} from './read-schema.ts';
import { readShapes } from './read-shapes.ts';
import { addOperatorRoutes, operatorShapes } from './operator-routes.ts';
import type { EdgeConfig } from '../config.ts';
import { createDeadlines } from '../intake/deadlines.ts';
import type { Misaddressed } from '../auth/addressed.ts';
import { FOREIGN_ORIGIN, problemBody, statusOf, titleOf, type Problem } from './problem.ts';
import { PROBLEM_TYPE } from './respond.ts';
import { createBatchRoute } from './batch-route.ts';
import { continueWhenRead } from './expect.ts';
import { createRequestQuota } from './quota.ts';
import { openExchange, type RequestLimits, type RouteDeps } from './routes.ts';
import { createWordsRoute } from './words-route.ts';
import { createKeyRoute, createMeRoute, createSummaryRoute, createWordRoute } from './read-routes.ts';
import { createConsoleRoutes } from './console-routes.ts';
import { createResultsRoute } from './results-route.ts';

export type AppLimits = RequestLimits &
  Pick<
    EdgeConfig,
    | 'headersTimeoutMs'
    | 'bodyTimeoutMs'
    | 'keepAliveTimeoutMs'
    | 'streamIdleTimeoutMs'
    | 'streamMaxMs'
    | 'maxConnections'
    | 'quotaPerSecond'
    | 'quotaBurst'
  >;

export interface AppDeps extends Omit<RouteDeps, 'limits' | 'slow' | 'idle' | 'stopping'> {
  readonly limits: AppLimits;
  /** Undefined: the names in requests say nothing. */
  readonly misaddressed?: Misaddressed | undefined;
  /** True: the service will stop soon; answers then end their connections. @default never */
  readonly draining?: () => boolean;
}

/** Bytes of all headers of a request. */
const MAX_HEADER_BYTES = 8 * 1024;

const ALLOWED: readonly (readonly [RegExp, string])[] = [
  [/^\/v1\/words(:batch)?$/, 'POST'],
  [/^\/v1\/(words|keys)\/[^/]+$/, 'GET'],
  [/^\/v1\/(results\/stream|summary|keys)$/, 'GET'],
  [/^\/(console|docs|docs\/(http-api|topics|errors|(openapi|asyncapi)\.json))$/, 'GET'],
  [/^\/v1\/(me|dead-letters|dead-letters\/groups|dead-letters\/\d+\/\d+|operations\/[^/]+)$/, 'GET'],
  [/^\/v1\/(parked-keys|tasks|audit)$/, 'GET'],
  [/^\/v1\/dead-letters\/(redrive|skip|what-if|reset)$/, 'POST'],
];
const addressOf = ({ raw }: FastifyRequest) => ({
  host: raw.headers.host,
  origin: raw.headers.origin,
});
const allowed = (url: string): string | undefined => {
  const [path = ''] = url.split('?', 1);
  return ALLOWED.find(([pattern]) => pattern.test(path))?.[1];
};

/**
 * The REST API, not yet listening. `close()` stops it: new submissions get 503 STOPPING, streams end after the lines that
 * were taken, and it resolves when every request is answered. The sink must live until then.
 * @param before registers what has to see the routes come
 */
export const buildApp = (deps: AppDeps, before?: (app: FastifyInstance) => void): FastifyInstance => {
  const { limits, clock, metrics, log } = deps;
  let stopping = false;
  const slow = createDeadlines(clock, limits.bodyTimeoutMs);
  const idle = createDeadlines(clock, limits.streamIdleTimeoutMs);
  const quota =
    limits.quotaPerSecond > 0
      ? createRequestQuota({ perSecond: limits.quotaPerSecond, burst: limits.quotaBurst }, clock)
      : undefined;
  const ingest = quota?.ingest(deps.ingest) ?? deps.ingest;
  const routeDeps: RouteDeps = { ...deps, ingest, slow, idle, stopping: () => stopping };

  const app = fastify({
    logger: false,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: 1000,
    },
    requestTimeout: limits.streamMaxMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionTimeout: limits.streamMaxMs,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    clientErrorHandler,
    frameworkErrors: (_error, request, reply) =>
      openExchange(routeDeps, 'none', request, reply).problem({
        code: 'INPUT_INVALID',
        field: 'path',
        detail: 'The path is malformed.',
      }),
  });
  app.server.maxConnections = limits.maxConnections;
  continueWhenRead(app.server);
  app.addHook('onRequest', (request, reply, done) => {
    const wrong = deps.misaddressed?.({ method: request.method, ...addressOf(request) });
    if (wrong !== undefined) {
      const x = openExchange(routeDeps, 'none', request, reply);
      return x.problem(wrong === 'host' ? { code: 'MISDIRECTED', field: 'host' } : FOREIGN_ORIGIN);
    }
    quota?.begin(request.raw, reply.raw);
    if (deps.draining?.() === true) reply.raw.setHeader('connection', 'close');
    done();
  });

  // Bodies are read by the routes, each with its own limits; fastify only routes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => String);

  const words = createWordsRoute(routeDeps);
  const results = createResultsRoute(routeDeps);
  for (const schema of [...sharedSchemas, ...readShapes, ...operatorShapes]) app.addSchema(schema);
  before?.(app);
  app.register((routes, _options, done) => {
    routes.post('/v1/words', { schema: wordsSchema }, words.handler);
    routes.post('/v1/words::batch', { schema: batchSchema }, createBatchRoute(routeDeps));
    routes.get('/v1/words/:id', { schema: wordSchema }, createWordRoute(routeDeps));
    routes.get('/v1/keys/:key', { schema: keySchema }, createKeyRoute(routeDeps));
    routes.get('/v1/keys', { schema: findKeySchema }, createKeyRoute(routeDeps));
    routes.get('/v1/summary', { schema: summarySchema }, createSummaryRoute(routeDeps));
    routes.get('/v1/results/stream', { schema: resultsSchema }, results.handler);
    for (const { path, handler } of createConsoleRoutes(routeDeps))
      routes.get(path, { schema: { hide: true } }, handler);
    routes.get('/v1/me', { schema: meSchema }, createMeRoute(routeDeps));
    addOperatorRoutes(routes, routeDeps);
    done();
  });

  const notFound = (request: FastifyRequest, reply: FastifyReply): void => {
    const allow = allowed(request.raw.url ?? '');
    if (allow !== undefined) reply.raw.setHeader('allow', allow);
    openExchange(routeDeps, 'none', request, reply).problem(
      allow === undefined
        ? { code: 'INPUT_INVALID', field: 'path', status: 404, detail: 'There is nothing at this path.' }
        : { code: 'INPUT_INVALID', field: 'method', status: 405, detail: `Only ${allow} is possible here.` },
    );
  };
  app.setNotFoundHandler(notFound);
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    // QUERY without a content type, which fastify refuses before it tells that no route has it.
    if (request.is404) return notFound(request, reply);
    const x = openExchange(routeDeps, 'none', request, reply);
    if (error.statusCode === 415)
      return x.problem({
        code: 'INPUT_INVALID',
        field: 'content-type',
        status: 415,
        detail: 'The content type is malformed.',
      });
    log.error({ err: error }, 'a request failed by a fault of this service');
    x.problem({ code: 'INTERNAL' });
  });

  app.addHook('preClose', (done) => {
    stopping = true;
    words.stopStreams();
    results.stop();
    done();
  });
  app.addHook('onClose', (_app, done) => {
    slow.close();
    idle.close();
    done();
  });

  /** Errors below HTTP: there is no request to answer, only a socket. */
  function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
    // Where nothing was sent yet, a client would take an answer for that to what it sends just now.
    if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    const problem: Problem =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? {
            code: 'INPUT_TOO_LARGE',
            field: 'headers',
            status: 431,
            detail: `The headers may have ${MAX_HEADER_BYTES} bytes.`,
          }
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? {
              code: 'INPUT_INVALID',
              field: 'headers',
              status: 408,
              detail: 'The request did not arrive in time.',
            }
          : { code: 'INPUT_INVALID', field: 'request', detail: 'This is not HTTP/1.1.' };
    metrics.refused(problem.code, 1);
    metrics.answered('none', statusOf(problem));
    // An answer that has begun cannot be followed by another.
    if (socket.bytesWritten > 0 && hasOpenResponse(socket)) {
      socket.destroy();
      return;
    }
    const body = problemBody(problem);
    const status = statusOf(problem);
    socket.end(
      `HTTP/1.1 ${status} ${titleOf(status)}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }

  return app;
};

/** Node keeps the response under way on the socket; an error in the middle of it must not be answered in its place. */
const hasOpenResponse = (socket: Socket): boolean =>
  (socket as Socket & { _httpMessage?: { headersSent: boolean } | null })._httpMessage?.headersSent === true;
