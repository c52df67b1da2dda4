import { safeText } from '@verdikt/core/record/safe-text.ts';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';

/** Enough of an error answer to tell what is wrong. */
const EXCERPT = 200;

const retry = (reason: string, detail: string): CheckOutcome => ({ kind: 'retry', reason, detail });

/**
 * What an answer means. `body` undefined: longer than allowed. Pure.
 *
 * 200 with `{"answer": boolean, "detail"?: string}` passes. 5xx, 429 and 408 are the service's trouble: retry. Any other 4xx
 * says that this record is wrong: reject. All else, redirects too, is an answer nobody can use: retry.
 */
export const outcomeOf = (status: number, body: string | undefined): CheckOutcome => {
  const said = `answered ${status}${body === undefined || body === '' ? '' : `: ${safeText(body, EXCERPT)}`}`;
  if (status >= 500) return retry('http-5xx', said);
  if (status === 429) return retry('http-429', said);
  if (status === 408) return retry('http-timeout', said);
  if (status >= 400) return { kind: 'reject', reason: 'http-4xx', detail: said };
  if (status !== 200) return retry('http-bad-response', said);
  if (body === undefined) return retry('http-bad-response', 'the answer is longer than allowed');
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return retry('http-bad-response', `the answer is not JSON: ${safeText(body, EXCERPT)}`);
  }
  const { answer, detail } = (typeof json === 'object' && json !== null ? json : {}) as Record<
    string,
    unknown
  >;
  if (typeof answer !== 'boolean')
    return retry('http-bad-response', `no boolean "answer" in: ${safeText(body, EXCERPT)}`);
  if (detail !== undefined && detail !== null && typeof detail !== 'string')
    return retry('http-bad-response', `"detail" is not a string in: ${safeText(body, EXCERPT)}`);
  return { kind: 'pass', answer, detail: detail ?? null };
};

/** The whole body as UTF-8, or undefined, with the rest given up, once it is longer than `most` bytes. */
export const readBody = async (
  body: ReadableStream<Uint8Array> | null,
  most: number,
): Promise<string | undefined> => {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, and with it the connection.
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
};
