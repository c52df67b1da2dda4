import type { CheckInput, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { retryAfterMs } from '@verdikt/core/retry-after.ts';
import { failureOf, jsonOf, passOf, type HttpAnswer } from './http-answer.ts';
import { traceHeaders, idempotencyKey } from './http-headers.ts';

/** Body of a request that asks about several words. */
export const manyBody = (inputs: readonly CheckInput[]): string =>
  JSON.stringify({
    items: inputs.map((input) => ({
      ...{ word: input.word, id: input.id, attempt: input.attempt },
      idempotencyKey: idempotencyKey(input),
      ...traceHeaders(input),
    })),
  });

const bad = (detail: string): CheckOutcome => ({ kind: 'retry', reason: 'http-bad-response', detail });

const one = (given: unknown, id: string, now: number): CheckOutcome => {
  const item = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if (item.id !== undefined && item.id !== id)
    return bad(`an answer for another id stands in the place of ${id}`);
  const { status = 200, detail, retryAfter } = item;
  if (typeof status !== 'number' || !Number.isInteger(status)) return bad('"status" is not a whole number');
  if (status === 200) return passOf(item);
  const said = `answered ${status}${typeof detail === 'string' && detail !== '' ? `: ${detail}` : ''}`;
  const after = typeof retryAfter === 'number' ? String(Math.ceil(retryAfter)) : undefined;
  return failureOf(status, said, retryAfterMs(after, now));
};

/**
 * What an answer to several words means: `{"items": […]}` with one item for each, in their order. An item is the answer to one word,
 * or `{"status", "detail"?, "retryAfter"?}` where the word alone could not be looked at. One outcome alone: of all. Pure.
 */
export const outcomesOf = (
  answer: HttpAnswer,
  inputs: readonly CheckInput[],
  now: number,
): CheckOutcome | CheckOutcome[] => {
  const read = jsonOf(answer);
  if (!('json' in read)) return read;
  const { items } = (typeof read.json === 'object' && read.json !== null ? read.json : {}) as {
    items?: unknown;
  };
  if (!Array.isArray(items) || items.length !== inputs.length)
    return bad(`"items" must be an array of ${inputs.length}`);
  return inputs.map(({ id }, i) => one(items[i], id, now));
};
