import { safeText } from '@verdikt/core/record/safe-text.ts';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';

/** Enough of an error answer to tell what is wrong. */
const EXCERPT = 200;

const retry = (reason: string, detail: string, afterMs?: number): CheckOutcome =>
  afterMs === undefined
    ? { kind: 'retry', reason, detail }
    : {
        kind: 'retry',
        reason,
        detail: `${detail} (asked to wait ${Math.ceil(afterMs / 1_000)} s)`,
        afterMs,
      };

/** What a status other than 200 means; `afterMs` is what `Retry-After` asks for. */
export const failureOf = (status: number, said: string, afterMs?: number): CheckOutcome => {
  if (status >= 500) return retry('http-5xx', said, afterMs);
  if (status === 429) return retry('http-429', said, afterMs);
  if (status === 408) return retry('http-timeout', said, afterMs);
  if (status >= 400) return { kind: 'reject', reason: 'http-4xx', detail: said };
  return retry('http-bad-response', said);
};

const excerpt = (body: string): string => safeText(body, EXCERPT);

/** `{"answer": boolean, "detail"?: string}`; else what is wrong with it. */
export const passOf = (json: unknown): CheckOutcome => {
  const { answer, detail } = (typeof json === 'object' && json !== null ? json : {}) as Record<
    string,
    unknown
  >;
  const shown = (): string => excerpt(JSON.stringify(json));
  if (typeof answer !== 'boolean') return retry('http-bad-response', `no boolean "answer" in: ${shown()}`);
  if (detail !== undefined && detail !== null && typeof detail !== 'string')
    return retry('http-bad-response', `"detail" is not a string in: ${shown()}`);
  return { kind: 'pass', answer, detail: detail ?? null };
};

/** What came as an answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Undefined: longer than allowed. */
  readonly body: string | undefined;
  /** Of `Retry-After`. */
  readonly afterMs?: number | undefined;
}

/** The JSON of a 200, or what any other answer means. */
export const jsonOf = ({ status, body, afterMs }: HttpAnswer): { readonly json: unknown } | CheckOutcome => {
  if (status !== 200)
    return failureOf(
      status,
      `answered ${status}${body === undefined || body === '' ? '' : `: ${excerpt(body)}`}`,
      afterMs,
    );
  if (body === undefined) return retry('http-bad-response', 'the answer is longer than allowed');
  try {
    return { json: JSON.parse(body) };
  } catch {
    return retry('http-bad-response', `the answer is not JSON: ${excerpt(body)}`);
  }
};

/**
 * What an answer means. Pure.
 *
 * 200 with `{"answer": boolean, "detail"?: string}` passes. 5xx, 429 and 408 are the service's trouble: retry. Any other 4xx
 * says that this record is wrong: reject. All else, redirects too, is an answer nobody can use: retry.
 */
export const outcomeOf = (answer: HttpAnswer): CheckOutcome => {
  const read = jsonOf(answer);
  return 'json' in read ? passOf(read.json) : read;
};

/** The whole body as UTF-8, or undefined, with the rest given up, once it is longer than `most` bytes. */
export const readBody = async (
  body: AsyncIterable<Uint8Array> | null,
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
