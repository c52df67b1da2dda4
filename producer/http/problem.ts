import type { EdgeCode } from '@verdikt/core/errors.ts';

interface Http {
  readonly status: number;
  /** Seconds for `Retry-After`; undefined where sending the same again cannot help. */
  readonly retryAfter?: number;
  readonly detail: string;
  /** Problem type of RFC 9457 with a title of its own, and members that belong to it. @default about:blank */
  readonly type?: { readonly uri: string; readonly title: string; readonly members: string };
}

/** Code to HTTP, total. `INPUT_INVALID` may have a more exact 4xx, see `Problem.status`. */
export const HTTP: Readonly<Record<EdgeCode, Http>> = {
  INPUT_INVALID: { status: 400, detail: 'The request is not valid.' },
  INPUT_TOO_LARGE: { status: 413, detail: 'The request is too large.' },
  UNAUTHENTICATED: { status: 401, detail: 'Send a known token as "Authorization: Bearer <token>".' },
  QUOTA_EXCEEDED: {
    status: 429,
    // `Retry-After` comes with the headers of the quota, see createRequestQuota.
    detail: 'This client has sent too much at once. Nothing of this was stored; send it again later.',
    type: {
      uri: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Quota Exceeded',
      members: ',"violated-policies":["submissions"]',
    },
  },
  FORBIDDEN: { status: 403, detail: 'The token does not allow this.' },
  MISDIRECTED: {
    status: 421,
    detail: 'This edge is not known by the name in Host. Use localhost, or add the name to hostNames.',
  },
  KEYS_UNAVAILABLE: {
    status: 503,
    retryAfter: 5,
    detail: 'The keys of the issuer cannot be read, so the token cannot be checked. Send it again.',
  },
  KEY_REUSED: {
    status: 422,
    detail: 'This Idempotency-Key was used for another submission. Nothing was stored; use a new one.',
  },
  RECORD_TOO_LARGE: { status: 413, detail: 'The record is larger than the topic takes. Nothing was stored.' },
  NOT_FOUND: { status: 404, detail: 'It is not known.' },
  VIEW_OFF: {
    status: 501,
    detail: 'This edge keeps no view, so it cannot tell. Ask one that runs with VERDIKT_VIEW=true.',
  },
  VIEW_BEHIND: {
    status: 503,
    retryAfter: 1,
    detail: 'The view has not read far enough to tell. Ask again later.',
  },
  OPERATORS_OFF: {
    status: 501,
    detail: 'This edge does not serve operators. Ask one that runs with VERDIKT_OPERATORS=true.',
  },
  OPERATORS_AWAY: {
    status: 503,
    retryAfter: 5,
    detail: 'What operators ask is not answered now: Kafka cannot be reached, or it takes too long.',
  },
  PROCESSORS_AWAY: {
    status: 503,
    retryAfter: 5,
    detail:
      'No processor makes a forecast. See that one runs, and that this edge reaches its management port.',
  },
  BUFFER_FULL: {
    status: 503,
    retryAfter: 1,
    detail: 'Too much is waiting to be stored. Nothing of this was; send it again.',
  },
  APPEND_UNCONFIRMED: {
    status: 503,
    retryAfter: 1,
    detail:
      'It is not known whether this was stored. Send it again with the same Idempotency-Key and it is checked once; without one it may be checked twice.',
  },
  BROKER_UNAVAILABLE: {
    status: 503,
    retryAfter: 5,
    detail: 'Kafka cannot be reached. Nothing was stored; send it again.',
  },
  ACCESS_DENIED: {
    status: 503,
    retryAfter: 5,
    detail: 'Kafka does not let this service write. Nothing was stored; send it again.',
  },
  STOPPING: {
    status: 503,
    retryAfter: 1,
    detail: 'This instance is stopping. Nothing was stored; send it again.',
  },
  INTERNAL: {
    status: 500,
    detail:
      'A fault of this service; it is not known whether this was stored. Send it again with the same Idempotency-Key and it is checked once.',
  },
};

/** Why a request, or one submission of it, was not accepted. */
export interface Problem {
  readonly code: EdgeCode;
  readonly field?: string;
  /** Default: the text of the code. */
  readonly detail?: string;
  /** Default: the status of the code. */
  readonly status?: number;
  /** From when on it would be known, milliseconds since 1970. */
  readonly since?: number;
}

/** The page of another site sent it. */
export const FOREIGN_ORIGIN: Problem = {
  code: 'FORBIDDEN',
  field: 'origin',
  detail:
    'Pages of other sites may not send anything to this edge. If it is the page of this edge behind a proxy, add its name to hostNames.',
};

export const lacksScope = (scope: string): Problem => ({
  code: 'FORBIDDEN',
  field: scope,
  detail: `This needs the scope ${scope}, which the token does not have.`,
});

export const statusOf = (p: Problem): number => p.status ?? HTTP[p.code].status;

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

export const titleOf = (status: number): string => TITLES[status] ?? 'Error';

/** Members of a status line or of a batch answer, without the braces. `id` where one was given out. */
export const problemMembers = (p: Problem, id?: string): string =>
  `"status":${statusOf(p)},"code":"${p.code}"` +
  (p.field === undefined ? '' : `,"field":${JSON.stringify(p.field)}`) +
  (id === undefined ? '' : `,"id":"${id}"`) +
  `,"detail":${JSON.stringify(p.detail ?? HTTP[p.code].detail)}` +
  (p.since === undefined ? '' : `,"since":${p.since}`);

/** RFC 9457 body; mostly of type `about:blank`, so that the title is that of the status. `extra`: more members, starting with a comma. */
export const problemBody = (p: Problem, extra = ''): string => {
  const { type } = HTTP[p.code];
  const head =
    type === undefined ? `"title":"${titleOf(statusOf(p))}"` : `"type":"${type.uri}","title":"${type.title}"`;
  return `{${head},${problemMembers(p)}${type?.members ?? ''}${extra}}`;
};
