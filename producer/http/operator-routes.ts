import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { Caller } from '../auth/caller.ts';
import type { Asking, OperatorAnswer, OperatorQuestion, Wanted } from '../operators/question.ts';
import { readableBody } from './admit.ts';
import { readBody } from './body.ts';
import {
  readFilterQuery,
  readForecastWanted,
  readFrom,
  readNumber,
  readReset,
  readWanted,
} from './operator-input.ts';
import { letterSchemas, letterShapes } from './operator-docs.ts';
import { actSchemas, actShapes } from './operator-docs-acts.ts';
import { stateSchemas, stateShapes } from './operator-docs-state.ts';
import type { Problem } from './problem.ts';
import { admitCaller, NO_STORE, queryOf, readingRoute } from './read-routes.ts';
import type { Exchange, RouteDeps } from './routes.ts';
import { readWait } from './wait.ts';

/** Schemas that these routes share; to be added before them. */
export const operatorShapes = [...letterShapes, ...actShapes, ...stateShapes];

const PAGE = 100;
const MOST = 500;
/** Most operations are over by then. */
const RUN_WAIT_MS = 2_000;

/** A question without who asks it. */
type Unsigned = {
  [A in OperatorQuestion['ask']]: Omit<Extract<OperatorQuestion, { ask: A }>, keyof Asking>;
}[OperatorQuestion['ask']];

const signed = (question: Unsigned, { principal, scopes }: Caller): OperatorQuestion => ({
  ...question,
  ...{ by: principal, text: scopes.has('read:text') },
});

const isProblem = (p: object): p is Problem => 'code' in p;
const problemIn = (...parts: readonly (object | number)[]): Problem | undefined =>
  parts.find((p): p is Problem => typeof p === 'object' && isProblem(p));

const answer = (x: Exchange, a: OperatorAnswer): void => {
  if (a.is === 'problem') return x.problem(a, '', 0);
  x.json(a.status, a.body, {
    ...NO_STORE,
    ...(a.location === undefined ? {} : { location: a.location, 'retry-after': '1' }),
  });
};

/** The routes for operators. Each needs the scope `operate`, is answered by their thread, and is told with its line for a shell. */
export const addOperatorRoutes = (routes: FastifyInstance, deps: RouteDeps): void => {
  const { limits, slow, clock } = deps;

  /** Who may, and where it is answered; undefined where the request was answered. */
  const route = (
    f: (x: Exchange, request: FastifyRequest, ask: (q: Unsigned) => void) => void,
  ): RouteHandlerMethod =>
    readingRoute(deps, 'operators', (x, who, request) => {
      const caller = admitCaller(deps, x, who, 'operate');
      if (caller === undefined) return;
      const { operators } = deps;
      if (operators === undefined) return x.problem({ code: 'OPERATORS_OFF' }, '', 0);
      f(x, request, (q) => x.answerLater(operators.ask(signed(q, caller)), (a) => answer(x, a)));
    });

  const get = (f: (request: FastifyRequest) => Unsigned | Problem): RouteHandlerMethod =>
    route((x, request, ask) => {
      const q = f(request);
      if (isProblem(q)) x.problem(q, '', 0);
      else ask(q);
    });

  const post = (f: (text: string, request: FastifyRequest) => Unsigned | Problem): RouteHandlerMethod =>
    route((x, request, ask) => {
      const body = readableBody(request.raw.headers, ['application/json']);
      if (!body.ok) return x.problem(body.problem, '', 0);
      readBody(x.req, limits.batchMaxBytes, slow, (read) =>
        x.guard(() => {
          const q = read.ok ? f(read.text, request) : read.problem;
          if (isProblem(q)) x.problem(q, '', 0);
          else ask(q);
        }),
      );
    });

  const list = get((request) => {
    const query = queryOf(request);
    const [filter, from] = [readFilterQuery(query, clock.now()), readFrom(query['from'])];
    const limit = readNumber(query['limit'], 'limit', 1, MOST, PAGE);
    return problemIn(filter, from, limit) ?? ({ ask: 'letters', filter, from, limit } as Unsigned);
  });

  const groups = get((request) => {
    const filter = readFilterQuery(queryOf(request), clock.now());
    return isProblem(filter) ? filter : { ask: 'groups', filter };
  });

  const letter = get((request) => {
    const params = request.params as Readonly<Record<string, string>>;
    const partition = readNumber(params['partition'], 'partition', 0, 100_000, 0);
    const { offset: text = '' } = params;
    const offset = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    if (typeof partition !== 'number') return partition;
    if (offset === undefined)
      return { code: 'INPUT_INVALID', field: 'offset', detail: 'The offset is not a whole number.' };
    return { ask: 'letter', partition, offset };
  });

  const operate = (action: Wanted['action']): RouteHandlerMethod =>
    post((text, request) => {
      const read = readWanted(text, action);
      if (isProblem(read)) return read;
      const { wanted, dryRun } = read;
      const wait = readWait(queryOf(request)['wait'], request.raw.headers);
      if (isProblem(wait)) return wait;
      const asked = queryOf(request)['wait'] !== undefined || wait.ms > 0;
      return dryRun
        ? { ask: 'dry-run', wanted }
        : { ask: 'run', wanted, waitMs: asked ? wait.ms : RUN_WAIT_MS };
    });

  const whatIf = post((text) => {
    const wanted = readForecastWanted(text);
    return isProblem(wanted) ? wanted : { ask: 'what-if', wanted };
  });

  const reset = post((text) => {
    const read = readReset(text);
    return isProblem(read) ? read : { ask: 'reset', ...read };
  });

  const page = (ask: 'parked' | 'audit') =>
    get((request) => {
      const query = queryOf(request);
      const limit = readNumber(query['limit'], 'limit', 1, MOST, PAGE);
      const from = ask === 'parked' ? readNumber(query['from'], 'from', 0, 99_999_999, 0) : 0;
      return problemIn(limit, from) ?? ({ ask, limit, from } as Unsigned);
    });

  routes.get('/v1/dead-letters', { schema: letterSchemas.list }, list);
  routes.get('/v1/dead-letters/groups', { schema: letterSchemas.groups }, groups);
  routes.get('/v1/dead-letters/:partition/:offset', { schema: letterSchemas.show }, letter);
  routes.post('/v1/dead-letters/redrive', { schema: actSchemas.redrive }, operate('redrive'));
  routes.post('/v1/dead-letters/skip', { schema: actSchemas.skip }, operate('skip'));
  routes.post('/v1/dead-letters/what-if', { schema: actSchemas.whatIf }, whatIf);
  routes.post('/v1/dead-letters/reset', { schema: actSchemas.reset }, reset);
  routes.get(
    '/v1/operations/:operation',
    { schema: actSchemas.operation },
    get((request) => ({ ask: 'operation', operation: (request.params as { operation: string }).operation })),
  );
  routes.get('/v1/parked-keys', { schema: stateSchemas.parked }, page('parked'));
  routes.get(
    '/v1/tasks',
    { schema: stateSchemas.tasks },
    get(() => ({ ask: 'tasks' })),
  );
  routes.get('/v1/audit', { schema: actSchemas.audit }, page('audit'));
};
