import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CheckService {
  readonly url: string;
  /** Answers given so far, by status. */
  readonly answers: ReadonlyMap<number, number>;
  stop(): Promise<void>;
}

/**
 * A check over HTTP for tests: answers 503 while `failures(word)` says that this attempt must fail, else whether the word has
 * an even number of characters.
 */
export const startCheckService = async (
  failures: (word: string) => number,
  /** Time until the answer, ms. */
  delay: (word: string) => number = () => 0,
): Promise<CheckService> => {
  const answers = new Map<number, number>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { word, attempt } = JSON.parse(Buffer.concat(parts).toString('utf8')) as {
        word: string;
        attempt: number;
      };
      const status = attempt <= failures(word) ? 503 : 200;
      answers.set(status, (answers.get(status) ?? 0) + 1);
      const answer = (): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(status === 200 ? JSON.stringify({ answer: word.length % 2 === 0 }) : '{}');
      };
      const ms = delay(word);
      if (ms === 0) answer();
      else setTimeout(answer, ms);
    });
  });
  // A connection that it ends for being idle, or slow, just when it is used again would cost an attempt that no test asked for.
  server.keepAliveTimeout = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/check`,
    answers,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
