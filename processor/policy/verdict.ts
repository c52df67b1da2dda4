import { H } from '@verdikt/core/headers.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record.ts';
import { MAX_TRACESTATE } from '@verdikt/core/trace-context.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';
import type { CheckResult } from '../outcome.ts';

/** A valid one has 55 bytes; later versions may add to it. */
const MAX_TRACEPARENT_BYTES = 256;

export type EncodeVerdict = (judged: WordJudged) => Buffer | string;

/** What a verdict says beside what its record holds. */
export interface VerdictFacts {
  readonly id: string;
  readonly word: string;
  readonly accepted: boolean;
  readonly checks: WordJudged['checks'];
  readonly attempts: number;
  readonly submittedAt: number;
  readonly judgedAt: number;
  readonly origin: number;
  readonly redrive: number;
}

/** JSON takes at most six bytes for a UTF-16 unit, as in `\\u0001`; a header three. */
const JSON_UNIT = 6;
const HEADER_UNIT = 3;
/** Names of fields, numbers and what surrounds them; frame, trace context. */
const FIXED_BYTES = 3_072;
const CHECK_BYTES = 64;

/** No verdict of this takes more bytes in `results`, in any format: a look without encoding it. */
export const mostVerdictBytes = (
  keyBytes: number,
  id: string,
  word: string,
  checks: readonly CheckResult[],
): number => {
  let units = word.length + id.length;
  for (const { check, detail } of checks) units += check.length + (detail === null ? 0 : detail.length);
  return units * JSON_UNIT + FIXED_BYTES + id.length * HEADER_UNIT + checks.length * CHECK_BYTES + keyBytes;
};

/**
 * The verdict of a record as it goes to `results`: same key, the value as `encode` gives it, headers `id`, `submitted-at`,
 * `verdikt-origin`, `traceparent` (and `tracestate`) if the record has one of sane length, and `verdikt-redrive` if it was redriven.
 *
 * Key, value and headers are made anew each time they are asked for, which is once, when they are written: a slice holds
 * thousands of verdicts, and so they take a fraction of the memory.
 */
export class VerdictRecord implements OutRecord {
  readonly #record: InRecord;
  readonly #facts: VerdictFacts;
  readonly #encode: EncodeVerdict;

  constructor(record: InRecord, facts: VerdictFacts, encode: EncodeVerdict) {
    this.#record = record;
    this.#facts = facts;
    this.#encode = encode;
  }

  get key(): Buffer | null {
    return this.#record.key;
  }

  get value(): Buffer | string {
    const { id, word, accepted, checks, attempts, submittedAt, judgedAt, origin } = this.#facts;
    return this.#encode({ id, word, accepted, checks, attempts, submittedAt, judgedAt, origin });
  }

  get headers(): readonly Header[] {
    const f = this.#facts;
    const headers: Header[] = [
      [H.id, f.id],
      [H.submittedAt, String(f.submittedAt)],
      [H.origin, String(f.origin)],
    ];
    if (this.#record.headerCount > 0) {
      const trace = this.#record.header(H.traceparent);
      if (trace !== undefined && trace !== null && trace.length <= MAX_TRACEPARENT_BYTES) {
        headers.push([H.traceparent, trace]);
        const state = this.#record.header(H.tracestate);
        if (state !== undefined && state !== null && state.length <= MAX_TRACESTATE)
          headers.push([H.tracestate, state]);
      }
    }
    if (f.redrive > 0) headers.push([H.redrive, String(f.redrive)]);
    return headers;
  }
}
