import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface CheckService {
  readonly url: string;
  stop(): Promise<void>;
}

interface CheckServiceOptions {
  /** The first attempts at these words, so many, get 503. */
  readonly failing: { readonly words: readonly string[]; readonly attempts: number };
  readonly failed?: (word: string, attempt: number) => void;
}

/**
 * What an `http` check calls: takes POST {word, id, attempt}, answers {answer, detail}. Loopback, free port. It stands for a
 * service of one's own, so it accepts every word.
 */
export const startCheckService = async ({ failing, failed }: CheckServiceOptions): Promise<CheckService> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { word, attempt } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        word: string;
        attempt: number;
      };
      const down = failing.words.includes(word) && attempt <= failing.attempts;
      if (down) failed?.(word, attempt);
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
