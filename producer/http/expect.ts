import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * `Expect: 100-continue` is answered once the body is wanted: a request that its headers refuse gets its final answer, and its client
 * need not send the body at all (RFC 9110, 10.1.1). Node would ask for the body at once.
 */
export const continueWhenRead = (server: Server): void => {
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    const begin = (event: string): void => {
      if (event !== 'data') return;
      req.off('newListener', begin);
      if (!res.headersSent && !res.destroyed) res.writeContinue();
    };
    req.on('newListener', begin);
    server.emit('request', req, res);
  });
};
