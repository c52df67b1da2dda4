import { uuidV8 } from '@verdikt/core/hash/uuid.ts';
import { invalid, type Refusal } from './refusal.ts';

/** What makes a submission under an Idempotency-Key the same when it is sent again. */
export interface Identity {
  readonly principal: string;
  readonly idempotencyKey: string;
  /** Bytes of its key, given or not. */
  readonly key: Uint8Array;
  readonly word: string;
}

/** Of what `submissionId` hashes. Another one gives other ids, so that nothing sent again across the change is recognized. */
const VERSION = '1';

/**
 * The id of a submission: UUIDv8 of SHA-256 over its parts, each with its length before it so that none runs into the next. It
 * depends on nothing else. Neither the place of an item nor the number of items counts: what a client sends again is recognized
 * alone, in a batch or in a stream, and what it sends for the first time is not taken for anything else.
 */
export const submissionId = (s: Identity, sha256: (bytes: Uint8Array) => Uint8Array): string => {
  const parts = [VERSION, s.principal, s.idempotencyKey, s.key, s.word].map((p) => Buffer.from(p));
  const bytes = Buffer.allocUnsafe(parts.reduce((n, p) => n + 4 + p.length, 0));
  let at = 0;
  for (const part of parts) {
    at = bytes.writeUInt32BE(part.length, at);
    at += part.copy(bytes, at);
  }
  return uuidV8(sha256(bytes));
};

const PLAIN = /^[\x20-\x7e]{1,255}$/;
/** A string of structured fields (RFC 9651): printable ASCII, with a backslash before quotes and backslashes. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

const refusal = (field: string, name: string): Refusal =>
  invalid(field, `${name} must be 1 to 255 printable ASCII characters.`);
const BAD_HEADER = refusal('idempotency-key', 'Idempotency-Key');
const BAD_ITEM = refusal('idempotencyKey', 'idempotencyKey');
const BAD_QUOTES = invalid(
  'idempotency-key',
  'Idempotency-Key begins with a quote but is no quoted string: close it, and write \\" and \\\\ for quotes and backslashes in it.',
);

/** The key in a header: as it is, or the content of a quoted string, as the current draft asks for (`"a"` is `a`). */
export const readKeyHeader = (value: string | readonly string[]): string | Refusal => {
  if (typeof value !== 'string' || !PLAIN.test(value)) return BAD_HEADER;
  if (!value.startsWith('"')) return value;
  const quoted = QUOTED.exec(value);
  if (quoted === null) return BAD_QUOTES;
  const [, text = ''] = quoted;
  return text === '' ? BAD_HEADER : text.replace(/\\(.)/g, '$1');
};

/** The key of an item of its own. */
export const readItemKey = (value: unknown): string | Refusal =>
  typeof value === 'string' && PLAIN.test(value) ? value : BAD_ITEM;
