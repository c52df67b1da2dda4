import { H } from '@verdikt/core/record/headers.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { MAX_TRACESTATE } from '@verdikt/core/record/trace-context.ts';
import type { Verdict, VerdictCodec } from '@verdikt/engine/policy/verdict-codec.ts';
import type { Submission } from '@verdikt/schemas/codec.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';
import type { VerdictEncoder, VerdictFormat } from '@verdikt/schemas/verdict.ts';
import { cloudEventBytes, cloudEventHeaders, type CloudEvents } from './cloud-events.ts';

/** A valid one has 55 bytes; later versions may add to it. */
export const MAX_TRACEPARENT_BYTES = 256;

const wordOf = ({ facts }: Verdict): string => (facts as Submission).word;

/** What goes into the value of its record. */
export const judgedOf = (verdict: Verdict): WordJudged => {
  const { id, facts, accepted, checks, attempts, judgedAt, origin } = verdict;
  const { submittedAt } = facts;
  const word = wordOf(verdict);
  return {
    id,
    word,
    accepted,
    checks: checks as WordJudged['checks'],
    attempts,
    submittedAt,
    judgedAt,
    origin,
  };
};

/** JSON takes at most six bytes for a UTF-16 unit, as in `\\u0001`; a header three. */
const JSON_UNIT = 6;
const HEADER_UNIT = 3;
/** Names of fields, numbers, times as text and what surrounds them; frame, trace context, owner. */
const FIXED_BYTES = 3_456;
const CHECK_BYTES = 64;
/** A topic id has 22. */
export const MAX_EDGE_BYTES = 64;
/** As long as the name of a client may be. */
export const MAX_OWNER_BYTES = 200;

const mostBytes = ({ keyStart, keyEnd }: InRecord, verdict: Verdict): number => {
  const { id, checks } = verdict;
  let units = wordOf(verdict).length + id.length;
  for (const { check, detail } of checks) units += check.length + (detail === null ? 0 : detail.length);
  return (
    units * JSON_UNIT +
    FIXED_BYTES +
    id.length * HEADER_UNIT +
    checks.length * CHECK_BYTES +
    (keyEnd - keyStart)
  );
};

/**
 * The verdict of a record as it goes to `results`: same key, the value as `encode` gives it, headers `id`, `submitted-at`,
 * `verdikt-origin`, `verdikt-edge` and `verdikt-owner` if the record has them, `traceparent` (and `tracestate`) if the record has one of
 * sane length, `verdikt-redrive` if it was redriven, and those of a CloudEvent where they are asked for.
 *
 * Key, value and headers are made each time they are asked for, which is once: the plan keeps the bytes.
 */
class VerdictRecord implements OutRecord {
  readonly #record: InRecord;
  readonly #verdict: Verdict;
  readonly #encode: VerdictEncoder;
  readonly #events: CloudEvents | undefined;

  constructor(record: InRecord, verdict: Verdict, encode: VerdictEncoder, events: CloudEvents | undefined) {
    this.#record = record;
    this.#verdict = verdict;
    this.#encode = encode;
    this.#events = events;
  }

  get key(): Buffer | null {
    return this.#record.key;
  }

  get value(): Buffer | string {
    return this.#encode(judgedOf(this.#verdict), this.#record.key);
  }

  get headers(): readonly Header[] {
    const { id, facts, origin, redrive } = this.#verdict;
    const headers: Header[] = [
      [H.id, id],
      [H.submittedAt, String(facts.submittedAt)],
      [H.origin, String(origin)],
    ];
    if (this.#record.headerCount > 0) {
      const edge = this.#record.header(H.edge);
      if (edge !== undefined && edge !== null && edge.length <= MAX_EDGE_BYTES) headers.push([H.edge, edge]);
      const owner = this.#record.header(H.owner);
      if (owner !== undefined && owner !== null && owner.length <= MAX_OWNER_BYTES)
        headers.push([H.owner, owner]);
      const trace = this.#record.header(H.traceparent);
      if (trace !== undefined && trace !== null && trace.length <= MAX_TRACEPARENT_BYTES) {
        headers.push([H.traceparent, trace]);
        const state = this.#record.header(H.tracestate);
        if (state !== undefined && state !== null && state.length <= MAX_TRACESTATE)
          headers.push([H.tracestate, state]);
      }
    }
    if (redrive > 0) headers.push([H.redrive, String(redrive)]);
    if (this.#events !== undefined) headers.push(...cloudEventHeaders(this.#events, this.#verdict));
    return headers;
  }
}

/** Verdicts on words: `facts` are what the codec of `words` read. With a `source` they are CloudEvents as well. */
export const createVerdictCodec = (
  encode: VerdictEncoder,
  { format = 'json', source }: { readonly format?: VerdictFormat; readonly source?: string | undefined } = {},
): VerdictCodec => {
  const events = source === undefined ? undefined : { source, format };
  return {
    record: (record, verdict) => new VerdictRecord(record, verdict, encode, events),
    mostBytes: (record, verdict) =>
      mostBytes(record, verdict) +
      (format === 'json-full' ? (record.keyEnd - record.keyStart) * JSON_UNIT : 0) +
      (events === undefined ? 0 : cloudEventBytes(events, verdict)),
  };
};
