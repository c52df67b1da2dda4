import { H } from '@verdikt/core/headers.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';

/** A valid one has 55 bytes; later versions may add to it. */
const MAX_TRACEPARENT_BYTES = 256;

/**
 * The verdict of a record as it goes to `results`: same key, the value as `encode` gives it, headers `id`, `submitted-at`,
 * `verdikt-origin`, `traceparent` if the record has one of sane length, and `verdikt-redrive` if it was redriven.
 */
export const verdictRecord = (
  record: InRecord,
  judged: WordJudged,
  redrive: number,
  encode: (judged: WordJudged) => Buffer | string,
): OutRecord => {
  const headers: Header[] = [
    [H.id, judged.id],
    [H.submittedAt, String(judged.submittedAt)],
    [H.origin, String(judged.origin)],
  ];
  if (record.headerCount > 0) {
    const trace = record.header(H.traceparent);
    if (trace !== undefined && trace !== null && trace.length <= MAX_TRACEPARENT_BYTES)
      headers.push([H.traceparent, trace]);
  }
  if (redrive > 0) headers.push([H.redrive, String(redrive)]);
  return { key: record.key, value: encode(judged), headers };
};
