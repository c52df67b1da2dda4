// The service of an `http` check. Start it, then a processor with the chain beside it:
//   node examples/http-check/server.ts
//   VERDIKT_CHAIN="$(cat examples/http-check/chain.json)" npm run processor
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the check sends. `traceparent` and `Idempotency-Key: <id>.<attempt>` are among the headers. */
interface Asked {
  readonly word: string;
  readonly id: string;
  readonly attempt: number;
}
interface Answered {
  readonly status: number;
  readonly body: { readonly answer: boolean; readonly detail?: string } | { readonly error: string };
}

const VOWELS = /[aeiou]/i;

const answer = ({ word, attempt }: Asked): Answered => {
  // 5xx, 408 and 429 are tried again later; the words of the key wait meanwhile.
  if (word === 'rotator' && attempt < 2) return { status: 503, body: { error: 'busy' } };
  // Any other 4xx makes the word a dead letter at once.
  if (word.includes(' ')) return { status: 422, body: { error: 'one word at a time' } };
  const found = VOWELS.test(word);
  return { status: 200, body: found ? { answer: true } : { answer: false, detail: 'it has no vowel' } };
};

const readAsked = async (request: IncomingMessage): Promise<Asked> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Asked;
};

const server = createServer((request, response) => {
  void readAsked(request)
    .then(answer, (): Answered => ({ status: 400, body: { error: 'this is not JSON' } }))
    .then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
});
server.listen(Number(process.env.PORT ?? 7070), '127.0.0.1', () => {
  console.log(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}/check`);
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
