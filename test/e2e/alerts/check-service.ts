import { freePorts } from '@verdikt/local/ports.ts';
import { sendJson, serveHttp, type HttpServer } from '../../support/http-server.ts';

type Mode = 'ok' | 'fail' | 'reject' | 'hang' | 'down';

/** The service of an `http` check, in the mode that it is set to. In `down` nothing listens. */
export interface FaultyService {
  readonly url: string;
  set(mode: Mode): Promise<void>;
}

const STATUS = { ok: 200, fail: 503, reject: 422 } as const;

export const startFaultyService = async (first: Mode = 'ok'): Promise<FaultyService> => {
  const [port] = await freePorts(1);
  let mode: Mode = 'down';
  let http: HttpServer | undefined;
  const set = async (next: Mode): Promise<void> => {
    mode = next;
    // Calls that hang are cut off by every change.
    http?.server.closeAllConnections();
    if (next === 'down') {
      await http?.stop();
      http = undefined;
    } else if (http === undefined) {
      http = await serveHttp((_, response) => {
        if (mode === 'hang' || mode === 'down') return;
        sendJson(response, STATUS[mode], mode === 'ok' ? { answer: true } : {});
      }, port);
      http.server.unref();
    }
  };
  await set(first);
  return { url: `http://127.0.0.1:${port}/check`, set };
};
