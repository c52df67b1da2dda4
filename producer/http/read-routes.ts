import type { FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { Answer, At, Question } from '../view/question.ts';
import type { Problem } from './problem.ts';
import { openExchange, type Exchange, type RouteDeps } from './routes.ts';
import { readWait, type Wait } from './wait.ts';
import { ANONYMOUS, viewerOf, type Caller, type Scope } from '../auth/caller.ts';
import type { Route } from '../metrics.ts';
import { forbidden } from './admit.ts';
import { identified, type Who } from './who.ts';

const MAX_ID_CHARS = 256;
const PAGE = 100;
export const NO_STORE = { 'cache-control': 'no-store' };
const AT = /^(\d{1,4})\.(\d{1,15})$/;

export const invalid = (field: string, detail: string): Problem => ({ code: 'INPUT_INVALID', field, detail });
export const BAD_AT = invalid('at', 'Give at as <partition>.<offset>, as Location does.');
const BAD_ID = invalid('id', `An id has 1 to ${MAX_ID_CHARS} characters.`);
const BAD_KEY = invalid(
  'key',
  'The key is missing, empty or too long. Keys "." and ".." are asked for as /v1/keys?key=..',
);
const BAD_BELOW = invalid('below', 'Give below as the `next` of the page before.');
export const BAD_LIMIT = invalid('limit', `Give limit as 1 to ${PAGE}.`);

export const BAD_AS_OF = invalid('asOf', 'Give asOf as milliseconds since 1970.');
export const AS_OF_LATER = invalid('asOf', 'asOf lies in the future.');

type Query = Readonly<Record<string, unknown>>;
export const queryOf = (request: FastifyRequest): Query => request.query as Query;

const readAt = (query: Query, partitions: number): At | Problem | undefined => {
  const given = query['at'];
  if (given === undefined) return undefined;
  const found = typeof given === 'string' ? AT.exec(given) : null;
  if (found === null || Number(found[1]) >= partitions) return BAD_AT;
  return { partition: Number(found[1]), offset: Number(found[2]) };
};

const integer = (given: unknown, most: number): number | undefined => {
  const n = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : NaN;
  return n >= 1 && n <= most ? n : undefined;
};

/** How fresh the answer is goes with it in any case. */
const asOf = (a: { readonly asOf: number }): string => (a.asOf < 0 ? '' : `,"asOf":${a.asOf}`);

const PAST =
  'The view does not know it. Either it was never accepted, or it is older than what the view keeps.';
const NEVER = 'Nothing with this id was accepted at this place.';

/** What a submission that was stored, but not seen yet, is told as. */
const notSeen = (id: string, a: { readonly asOf: number }): string =>
  `{"id":${JSON.stringify(id)},"state":"accepted","reason":"stored; the view has not come to it yet","seen":false${asOf(a)}}`;

const tagsOf = (header: string | undefined): readonly string[] =>
  header === undefined ? [] : header.split(',').map((tag) => tag.trim());

/** Comparing weakly, as RFC 9110 says for If-None-Match. */
const hasTag = (tags: readonly string[], version: string): boolean =>
  tags.some((tag) => tag === '*' || tag.replace(/^W\//, '') === version.replace(/^W\//, ''));

const answerWord = (x: Exchange, id: string, answer: Answer, tags: readonly string[], wait: Wait): void => {
  switch (answer.is) {
    case 'word': {
      const headers = { etag: answer.version, ...NO_STORE, ...(answer.waited ? wait.applied : {}) };
      if (hasTag(tags, answer.version)) return x.empty(304, headers);
      return x.json(200, answer.body, headers);
    }
    case 'not-seen':
      return x.json(200, notSeen(id, answer), { 'retry-after': '1', ...NO_STORE });
    case 'absent':
      return x.problem({ code: 'NOT_FOUND', detail: answer.past ? PAST : NEVER }, asOf(answer), 0);
    default:
      return x.problem({ code: 'VIEW_BEHIND' }, 'asOf' in answer ? asOf(answer) : '', 0);
  }
};

/** Who reads, and where. */
interface Reading {
  readonly view: NonNullable<RouteDeps['view']>;
  readonly caller: Caller;
}

/** Undefined where the request was answered. */
export const admitReader = (deps: RouteDeps, x: Exchange, who: Who): Reading | undefined => {
  const caller = admitCaller(deps, x, who, 'read');
  if (caller === undefined) return undefined;
  if (deps.view === undefined) return void x.problem({ code: 'VIEW_OFF' }, '', 0);
  return { view: deps.view, caller };
};

/** The caller, if it has this scope. Undefined where the request was answered. `scope` undefined: any will do. */
export const admitCaller = (
  deps: Pick<RouteDeps, 'stopping'>,
  x: Exchange,
  who: Who,
  scope: Scope | undefined,
): Caller | undefined => {
  if (deps.stopping()) return void x.problem({ code: 'STOPPING' }, '', 0);
  if (!who.ok) return void x.problem(who.problem, '', 0);
  const refused = scope === undefined ? undefined : forbidden(who.caller, scope);
  if (refused !== undefined) return void x.problem(refused, '', 0);
  return who.caller;
};

/** A route of which nothing but the headers counts. */
export const readingRoute =
  (
    deps: RouteDeps,
    route: Route,
    f: (x: Exchange, who: Who, request: FastifyRequest) => void,
  ): RouteHandlerMethod =>
  (request, reply) =>
    identified(deps.identify, request, reply, (who) => {
      const x = openExchange(deps, route, request, reply);
      x.guard(() => f(x, who, request));
    });

/** `GET /v1/words/{id}`: what became of a submission. */
export const createWordRoute = (deps: RouteDeps): RouteHandlerMethod =>
  readingRoute(deps, 'word', (x, who, request) => {
    const reading = admitReader(deps, x, who);
    if (reading === undefined) return;
    const { id } = request.params as { id: string };
    const query = queryOf(request);
    const { headers } = request.raw;
    if (id.length === 0 || id.length > MAX_ID_CHARS) return x.problem(BAD_ID, '', 0);
    const at = readAt(query, deps.partitions);
    if (at !== undefined && 'code' in at) return x.problem(at, '', 0);
    const wait = readWait(query['wait'], headers);
    if ('code' in wait) return x.problem(wait, '', 0);
    const tags = tagsOf(headers['if-none-match']);
    const question: Question = {
      ...{ ask: 'word', id, at, viewer: viewerOf(reading.caller) },
      wait: wait.ms === 0 ? undefined : { ms: wait.ms, differs: tags[0] },
    };
    x.answerLater(reading.view.ask(question), (answer) => answerWord(x, id, answer, tags, wait));
  });

/** `GET /v1/summary`: how the system does. */
export const createSummaryRoute = (deps: RouteDeps): RouteHandlerMethod =>
  readingRoute(deps, 'summary', (x, who) => {
    const reading = admitReader(deps, x, who);
    if (reading === undefined) return;
    x.answerLater(reading.view.ask({ ask: 'summary' }), (answer) =>
      answer.is === 'summary'
        ? x.json(200, answer.body, NO_STORE)
        : x.problem({ code: 'VIEW_BEHIND' }, '', 0),
    );
  });

export const tooEarly = (since: number): Problem => ({
  ...{ code: 'NOT_FOUND', field: 'asOf', since },
  detail: `The view knows nothing of this key before ${new Date(since).toISOString()}.`,
});

const answerKey = (x: Exchange, answer: Answer): void => {
  switch (answer.is) {
    case 'key':
      return x.json(200, answer.body, NO_STORE);
    case 'too-early':
      return x.problem(tooEarly(answer.since), '', 0);
    default:
      return x.problem({ code: 'VIEW_BEHIND' }, 'asOf' in answer ? asOf(answer) : '', 0);
  }
};

/** `GET /v1/keys/{key}` and `GET /v1/keys?key=`: the words of a key, the newest first, and its lane; now or as of a time. */
export const createKeyRoute = (deps: RouteDeps): RouteHandlerMethod =>
  readingRoute(deps, 'key', (x, who, request) => {
    const reading = admitReader(deps, x, who);
    if (reading === undefined) return;
    const query = queryOf(request);
    const key = (request.params as { key?: string }).key ?? query['key'];
    if (typeof key !== 'string' || key.length === 0 || Buffer.byteLength(key) > deps.limits.keyMaxBytes * 16)
      return x.problem(BAD_KEY, '', 0);
    const below = query['below'] === undefined ? undefined : integer(query['below'], 2 ** 53 - 1);
    if (query['below'] !== undefined && below === undefined) return x.problem(BAD_BELOW, '', 0);
    const limit = query['limit'] === undefined ? PAGE : integer(query['limit'], PAGE);
    if (limit === undefined) return x.problem(BAD_LIMIT, '', 0);
    const then = query['asOf'] === undefined ? undefined : integer(query['asOf'], 2 ** 53 - 1);
    if (query['asOf'] !== undefined && then === undefined) return x.problem(BAD_AS_OF, '', 0);
    if (then !== undefined && then > deps.clock.now()) return x.problem(AS_OF_LATER, '', 0);
    const viewer = viewerOf(reading.caller);
    x.answerLater(reading.view.ask({ ask: 'key', key, viewer, below, limit, then }), (answer) =>
      answerKey(x, answer),
    );
  });

/** `GET /v1/me`: who the edge takes the caller for, and what it may. */
export const createMeRoute = (deps: RouteDeps): RouteHandlerMethod =>
  readingRoute(deps, 'me', (x, who) => {
    const caller = admitCaller(deps, x, who, undefined);
    if (caller === undefined) return;
    const { principal, scopes, until } = caller;
    const body = { principal, scopes: [...scopes], open: principal === ANONYMOUS, until };
    x.json(200, JSON.stringify(body), NO_STORE);
  });
