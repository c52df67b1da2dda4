// A client of NDJSON streams that sends and reads line by line, over a real socket.
import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Edge } from './edge.ts';

type Status = { line: number; status: number; id?: string; code?: string; field?: string };
export const parseLines = (text: string): Status[] =>
  text
    .split('\n')
    .filter((l) => l !== '')
    .map((l) => JSON.parse(l) as Status);
/** Number, status, code and field of a status line. */
export const brief = (s: Status): string =>
  [s.line, s.status, s.code, s.field].filter((x) => x !== undefined).join(' ');

export const line = (word: string): string => `{"word":"${word}"}\n`;

/** Opens a stream; it resolves when the answer has begun. */
export const openStream = async (edge: Edge, headers: Record<string, string> = {}) => {
  const port = edge.app.server.listening
    ? (edge.app.server.address() as AddressInfo).port
    : await edge.listen();
  const req: ClientRequest = request({
    port,
    host: '127.0.0.1',
    path: '/v1/words',
    method: 'POST',
    // Keeps the connection as long as the edge does.
    agent: new Agent({ keepAlive: true }),
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  req.on('error', () => undefined);
  req.flushHeaders();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  res.on('error', () => undefined);
  let text = '';
  let ended = false;
  const watchers = new Set<() => void>();
  const wake = (): void => watchers.forEach((w) => w());
  res.on('data', (chunk: Buffer) => {
    text += String(chunk);
    wake();
  });
  res.on('close', () => {
    ended = true;
    wake();
  });
  return {
    req,
    res,
    received: () => parseLines(text),
    /** Waits until `n` status lines, or the end, are here. */
    lines: (n: number): Promise<Status[]> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (parseLines(text.slice(0, text.lastIndexOf('\n') + 1)).length < n && !ended) return;
          watchers.delete(look);
          resolve(parseLines(text));
        };
        watchers.add(look);
        look();
      }),
  };
};
