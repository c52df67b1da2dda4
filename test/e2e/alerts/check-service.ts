import { createServer, type Server } from 'node:http';
import { freePorts } from '@verdikt/local/ports.ts';

export type Mode = 'ok' | 'fail' | 'reject' | 'hang' | 'down';

/** The service of an `http` check, in the mode that it is set to. In `down` nothing listens. */
export interface FaultyService {
  readonly url: string;
  set(mode: Mode): Promise<void>;
}

const STATUS = { ok: 200, fail: 503, reject: 422 } as const;

export const startFaultyService = async (first: Mode = 'ok'): Promise<FaultyService> => {
  const [port] = await freePorts(1);
  let mode: Mode = 'down';
  let server: Server | undefined;
  const listen = async (): Promise<void> => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (mode === 'hang' || mode === 'down') return;
        response.writeHead(STATUS[mode], { 'content-type': 'application/json' });
        response.end(mode === 'ok' ? '{"answer":true}' : '{}');
      });
    });
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    server.unref();
  };
  const set = async (next: Mode): Promise<void> => {
    mode = next;
    // Calls that hang are cut off by every change.
    server?.closeAllConnections();
    if (next === 'down') {
      server?.close();
      server = undefined;
    } else if (server === undefined) await listen();
  };
  await set(first);
  return { url: `http://127.0.0.1:${port}/check`, set };
};
