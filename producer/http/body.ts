import type { IncomingMessage } from 'node:http';
import type { Deadlines } from '../intake/deadlines.ts';
import type { Problem } from './problem.ts';
import { decodeUtf8 } from '../intake/text.ts';

type Body = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: Problem };

const LATE: Body = {
  ok: false,
  problem: {
    code: 'INPUT_INVALID',
    field: 'body',
    status: 408,
    detail: 'The body did not arrive in time. Nothing was stored; send it again.',
  },
};
const NOT_UTF8: Body = {
  ok: false,
  problem: { code: 'INPUT_INVALID', field: 'body', detail: 'The body is not UTF-8.' },
};

/**
 * Reads a whole body as strict UTF-8. `done` runs once with the text, or with the problem as soon as it is known (the rest
 * of the body is then left unread), or never when the client goes away first.
 * @param maxBytes refused by its declared length where there is one, else when exceeded
 * @param slow ends reads that take too long, whatever drips in
 */
export const readBody = (
  req: IncomingMessage,
  maxBytes: number,
  slow: Deadlines,
  done: (body: Body) => void,
): void => {
  let first: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let size = 0;

  const finish = (body: Body): void => {
    slow.remove(req);
    req.off('data', onData);
    req.off('end', onEnd);
    req.off('close', onClose);
    done(body);
  };
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > maxBytes) finish(tooLarge(maxBytes));
    else if (first === undefined) first = chunk;
    else (chunks ??= [first]).push(chunk);
  };
  const onEnd = (): void => {
    const bytes = chunks === undefined ? first : Buffer.concat(chunks, size);
    const text = bytes === undefined ? '' : decodeUtf8(bytes);
    finish(text === undefined ? NOT_UTF8 : { ok: true, text });
  };
  const onClose = (): void => slow.remove(req);

  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return done(tooLarge(maxBytes));
  slow.add(req, () => finish(LATE));
  req.on('data', onData);
  req.on('end', onEnd);
  req.on('close', onClose);
};

const tooLarge = (maxBytes: number): Body => ({
  ok: false,
  problem: { code: 'INPUT_TOO_LARGE', field: 'body', detail: `The body may have ${maxBytes} bytes.` },
});
