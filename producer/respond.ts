import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '@verdikt/core/clock.ts';
import { HTTP, problemBody, statusOf, type Problem } from './problem.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** How long the rest of a request that is answered early may come in. */
const LINGER_MS = 1000;

/**
 * Ends the exchange, also where the request was not read to its end. Closing at once would reset the connection, and the
 * client could lose the answer: so its bytes are read and dropped for a moment before the connection closes.
 */
export const endLingering = (req: IncomingMessage, res: ServerResponse, clock: Clock): void => {
  let cancel = (): void => undefined;
  let open = true;
  const end = (): void => {
    if (!open) return;
    open = false;
    cancel();
    res.end();
    if (!req.readableEnded) req.socket.destroySoon();
  };
  cancel = clock.after(LINGER_MS, end);
  req.once('end', end);
  req.once('close', end);
  req.resume();
};

/** Answers with a whole body. */
export const respond = (
  req: IncomingMessage,
  res: ServerResponse,
  clock: Clock,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string,
): void => {
  if (res.destroyed) return;
  headers['content-length'] = Buffer.byteLength(body);
  if (req.complete || req.readableEnded) {
    res.writeHead(status, headers);
    res.end(body);
    return;
  }
  headers.connection = 'close';
  res.writeHead(status, headers);
  res.write(body);
  endLingering(req, res, clock);
};

export const problemHeaders = (p: Problem): OutgoingHttpHeaders => {
  const headers: OutgoingHttpHeaders = { 'content-type': PROBLEM_TYPE };
  const retryAfter = HTTP[p.code].retryAfter;
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  if (p.code === 'UNAUTHENTICATED') headers['www-authenticate'] = 'Bearer';
  if (p.code === 'STOPPING') headers.connection = 'close';
  return headers;
};

/** Answers with an RFC 9457 problem. `extra`: more members of the body, starting with a comma. */
export const respondProblem = (req: IncomingMessage, res: ServerResponse, clock: Clock, p: Problem, extra = ''): void =>
  respond(req, res, clock, statusOf(p), problemHeaders(p), problemBody(p, extra));
