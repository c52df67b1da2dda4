// Runs in browsers as well, so it imports nothing but the operations.
import type { Problem } from './api-types.ts';
import { OPERATIONS, type Operations } from './operations.ts';

export type OperationName = keyof Operations;

type Given<Data, Name extends string> = Name extends keyof Data
  ? [NonNullable<Data[Name]>] extends [never]
    ? unknown
    : Pick<Data, Name>
  : unknown;
type Data<O extends OperationName> = Operations[O]['data'];

/** What an operation takes: `path`, `query`, `headers` and `body`, as far as it has them. */
export type CallRequest<O extends OperationName> = Given<Data<O>, 'path'> &
  Given<Data<O>, 'query'> &
  Given<Data<O>, 'headers'> &
  Given<Data<O>, 'body'> & {
    /** Ends the call; it then rejects with its reason. @default never */
    readonly signal?: AbortSignal;
  };

type Responses<O extends OperationName> = Operations[O]['responses'];
/** What an operation answers when it succeeds. */
export type CallBody<O extends OperationName> = Responses<O>[keyof Responses<O>];
type Succeeded<R> = {
  [S in keyof R]: { readonly ok: true; readonly status: S; readonly body: R[S] };
}[keyof R];

/** What came of a call. */
export type CallAnswer<O extends OperationName> = { readonly headers: Headers } & (
  | Succeeded<Responses<O>>
  | {
      readonly ok: false;
      readonly status: number;
      /** Undefined: nothing has changed (304), or this is not the answer of an edge. */
      readonly problem: Problem | undefined;
    }
);

export interface CallDeps {
  /** Of the edge, with a slash at the end. */
  readonly base: URL;
  readonly token?: string | undefined;
  readonly fetch: typeof globalThis.fetch;
}

/** As `CallRequest`, for any operation. */
export interface AnyRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Text goes as it is, with the content type of `headers`; else it is sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const given = (values: Readonly<Record<string, unknown>> = {}): [string, string][] =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));

/** A path cannot hold `.` and `..`: they are taken out of a URL, percent-encoded too. */
const isDots = (part: string | undefined): boolean => part === '.' || part === '..';

/** Sends a request, and resolves with the answer before its body has come. Rejects as `fetch` does. */
export const openCall = (
  { base, token, fetch }: CallDeps,
  operation: OperationName,
  request: AnyRequest = {},
): Promise<Response> => {
  const { path = {}, query, headers, body, signal } = request;
  if (operation === 'getKey' && isDots(path['key']))
    return openCall({ base, token, fetch }, 'findKey', {
      ...request,
      path: {},
      query: { ...query, ...path },
    });
  const { method, path: template } = OPERATIONS[operation];
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const url = new URL(filled.slice(1), base);
  for (const [name, value] of given(query)) url.searchParams.append(name, value);
  return fetch(url, {
    method,
    // A redirect would turn a POST into a GET.
    redirect: 'manual',
    cache: 'no-store',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(given(headers)),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
};

/** The body of an answer as it comes. Past `most` bytes it throws what `tooMuch` makes, which ends the connection. */
export async function* piecesOf(
  response: Response,
  most: number,
  tooMuch: () => Error,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const piece = chunk as Uint8Array;
    bytes += piece.byteLength;
    if (bytes > most) throw tooMuch();
    yield decoder.decode(piece, { stream: true });
  }
}

/** An object of JSON; an empty one for anything else. */
export const objectIn = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** Reads the answer of `openCall` to its end. */
export const readCall = async <O extends OperationName>(
  response: Response,
  most: number,
  tooMuch: () => Error,
): Promise<CallAnswer<O>> => {
  const { status, headers } = response;
  let text = '';
  for await (const piece of piecesOf(response, most, tooMuch)) text += piece;
  if (status >= 200 && status < 300)
    return { ok: true, status, headers, body: objectIn(text) } as unknown as CallAnswer<O>;
  const found = objectIn(text);
  const problem = typeof found['code'] === 'string' ? (found as unknown as Problem) : undefined;
  return { ok: false, status, headers, problem };
};
