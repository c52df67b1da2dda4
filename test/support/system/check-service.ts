import { sendJson, serveHttp } from '../http-server.ts';

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
  /** What the answer waits for: a time in ms, or a promise. */
  delay: (word: string) => number | Promise<void> = () => 0,
): Promise<CheckService> => {
  const answers = new Map<number, number>();
  const { origin, server, stop } = await serveHttp((_, response, body) => {
    const { word, attempt } = JSON.parse(String(body)) as { word: string; attempt: number };
    const status = attempt <= failures(word) ? 503 : 200;
    answers.set(status, (answers.get(status) ?? 0) + 1);
    const answer = (): void =>
      sendJson(response, status, status === 200 ? { answer: word.length % 2 === 0 } : {});
    const wait = delay(word);
    if (typeof wait !== 'number') void wait.then(answer);
    else if (wait === 0) answer();
    else setTimeout(answer, wait);
  });
  // A connection that it ends for being idle, or slow, just when it is used again would cost an attempt that no test asked for.
  server.keepAliveTimeout = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  return { url: `${origin}/check`, answers, stop };
};
