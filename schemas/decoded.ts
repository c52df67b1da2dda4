export type PoisonReason = 'tombstone' | 'wire-format' | 'schema-unknown' | 'avro' | 'not-a-submission';

/** What a value of `words` holds. */
export interface Submission {
  readonly word: string;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
}

export type Decoded =
  | ({ readonly kind: 'ok' } & Submission)
  /** Can never be read; dead-letter it. `detail` is a text for people, at most 500 characters. */
  | { readonly kind: 'poison'; readonly reason: PoisonReason; readonly detail: string }
  /** The registry cannot be asked for the schema now; the record waits. */
  | { readonly kind: 'unavailable'; readonly detail: string };

/** Reads the Avro bytes `[start, end)` of one value. */
export type Read = (buffer: Buffer, start: number, end: number) => Decoded;

/** It becomes a header of the dead letter; avsc may quote whole schemas. */
const MAX_DETAIL = 500;

export const poison = (reason: PoisonReason, detail: string): Decoded => ({
  kind: 'poison',
  reason,
  detail: detail.slice(0, MAX_DETAIL),
});
