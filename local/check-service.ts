import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CheckService {
  readonly url: string;
  stop(): Promise<void>;
}

interface CheckServiceOptions {
  /** This word gets 503 this many times in all, then an answer. */
  readonly failing: { readonly word: string; readonly times: number };
  readonly failed?: (word: string, attempt: number) => void;
}

/**
 * What an `http` check calls: takes POST {word, id, attempt}, answers {answer, detail}. Loopback, free port. It stands for a
 * service of one's own, so it accepts every word.
 */
export const startCheckService = async ({ failing, failed }: CheckServiceOptions): Promise<CheckService> => {
  let failures = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { word, attempt } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        word: string;
        attempt: number;
      };
      const down = word === failing.word && failures < failing.times;
      if (down) {
        failures++;
        failed?.(word, attempt);
      }
      response.writeHead(down ? 503 : 200, { 'content-type': 'application/json' });
      response.end(down ? '{}' : JSON.stringify({ answer: true, detail: null }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
