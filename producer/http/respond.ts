import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { HTTP, type Problem } from './problem.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** How long the rest of a request that is answered early may come in. */
const LINGER_MS = 1000;

/** Ends the response, then the connection. */
export const endAndClose = (req: IncomingMessage, res: ServerResponse): void => {
  // Requests that are injected have no real socket.
  res.end(() => (req.socket as Partial<Socket>).destroySoon?.());
};

/**
 * Ends an exchange whose request was not read to its end. Closing at once would reset the connection, and the client could
 * lose the answer: so its bytes are read and dropped for a moment before the connection closes.
 */
export const endLingering = (req: IncomingMessage, res: ServerResponse, clock: Clock): void => {
  let open = true;
  const end = (): void => {
    if (!open) return;
    open = false;
    cancel();
    endAndClose(req, res);
  };
  const cancel = clock.after(LINGER_MS, end);
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

/** For the answer with a problem. */
export const problemHeaders = (p: Problem): OutgoingHttpHeaders => {
  const headers: OutgoingHttpHeaders = { 'content-type': PROBLEM_TYPE };
  const retryAfter = HTTP[p.code].retryAfter;
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  if (p.code === 'UNAUTHENTICATED') headers['www-authenticate'] = 'Bearer';
  return headers;
};
