import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpServer {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly origin: string;
  readonly server: Server;
  /** Breaks what is open. */
  stop(): Promise<void>;
}

const BACKLOG = 4_096;

/** Answers requests on loopback, each when its body is there. Default port: a free one. */
export const serveHttp = async (
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
  port = 0,
): Promise<HttpServer> => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(request, response, Buffer.concat(parts)));
  });
  // Room for all that connect while this process is busy: what finds none waits for a retransmission, many seconds at worst.
  const host = '127.0.0.1';
  await new Promise<void>((resolve) => server.listen({ port, host, backlog: BACKLOG }, resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
