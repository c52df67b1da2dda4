import type { IncomingMessage } from 'node:http';

/** Status and body of an answer in JSON. */
export type PostAnswer = readonly [status: number, body: object];

/** A question that is sent as JSON. One is answered at a time, so that a process holds no more than one body. */
export interface PostRoute {
  /** Bytes that a body may have. */
  readonly maxBytes: number;
  /** Asked before the body is read. `token`: of `Authorization: Bearer`. Undefined: it may be asked. */
  refuse(token: string | undefined): PostAnswer | undefined;
  /** Rejects only for a fault of ours. */
  answer(body: unknown): Promise<PostAnswer>;
}

/** For a body to arrive: nobody else is answered meanwhile. */
const BODY_MS = 5_000;

/** An answer that says why there is no other. */
export const problem = (status: number, text: string): PostAnswer => [status, { problem: text }];
const TOO_LARGE = (most: number): PostAnswer => problem(413, `the body may have ${most} bytes`);

/** The bytes of a body; an answer where it is too large or late. Rejects when the connection breaks. */
const read = (request: IncomingMessage, most: number): Promise<Buffer | PostAnswer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (answer: Buffer | PostAnswer): void => {
      clearTimeout(timer);
      request.off('data', take);
      resolve(answer);
    };
    const take = (chunk: Buffer): void => {
      if ((size += chunk.length) > most) return end(TOO_LARGE(most));
      chunks.push(chunk);
    };
    const timer = setTimeout(() => end(problem(408, 'the body did not arrive in time')), BODY_MS);
    request
      .on('data', take)
      .once('end', () => end(Buffer.concat(chunks)))
      .once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
  });

/** Answers requests to one route, one after the other: 503 while another is answered. */
export const createPost = (route: PostRoute): ((request: IncomingMessage) => Promise<PostAnswer>) => {
  let busy = false;
  return async (request) => {
    const { authorization, origin, 'content-type': type = '', 'content-length': length } = request.headers;
    // A page in a browser on this machine reaches the port as well.
    if (origin !== undefined) return problem(403, 'pages of browsers may not ask this');
    const refused = route.refuse(/^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]);
    if (refused !== undefined) return refused;
    if (!/^application\/json(;|$)/i.test(type)) return problem(415, 'send application/json');
    if (Number(length) > route.maxBytes) return TOO_LARGE(route.maxBytes);
    if (busy) return problem(503, 'another question is being answered');
    busy = true;
    try {
      const body = await read(request, route.maxBytes);
      if (!Buffer.isBuffer(body)) return body;
      let json: unknown;
      try {
        json = JSON.parse(body.toString('utf8'));
      } catch {
        return problem(400, 'it is not JSON');
      }
      return await route.answer(json);
    } finally {
      busy = false;
    }
  };
};
