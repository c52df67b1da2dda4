import type { AppendResult } from '@verdikt/core/ports/sink.ts';
import { classifyCode } from '../client/classify.ts';

export type Refusal = Extract<AppendResult, { ok: false }>['code'];

/**
 * What the broker's answer for one batch means: `again` send the same bytes again (`doubt`: this try may have been
 * appended) · `requeue` it was not appended and its sequence number is no good any more: encode its records again, with a
 * fresh producer id · `split` the same, in smaller batches · `refused` the end.
 */
type BatchOutcome =
  | { readonly kind: 'appended' }
  | { readonly kind: 'again'; readonly doubt: boolean }
  | { readonly kind: 'requeue' }
  | { readonly kind: 'split' }
  | { readonly kind: 'refused'; readonly code: Refusal };

/**
 * Refused before the append for certain: corrupt on the way, too few replicas in sync (19; 20 comes after it), throttled. That there
 * is no such partition here (3) or that this is not its leader (6) is none: a broker answers so too when leadership moves while a
 * batch that it has appended waits for its replicas.
 */
const NOT_APPENDED = new Set([2, 19, 89]);
/** The broker does not know the producer id, or another sequence number was due. */
const SEQUENCE_LOST = new Set([45, 47, 49, 59, 90]);
const DUPLICATE = 46;

/**
 * `doubtful`: an earlier try of the same bytes may have been appended. Then only an acknowledgement settles anything: a
 * refusal speaks of this try alone.
 */
export const outcomeOf = (kafka: number, doubtful: boolean, records: number): BatchOutcome => {
  if (kafka === 0) return { kind: 'appended' };
  if (NOT_APPENDED.has(kafka)) return { kind: 'again', doubt: false };
  // It is in the log, but at an offset that the broker no longer knows.
  if (kafka === DUPLICATE) return { kind: 'refused', code: 'APPEND_UNCONFIRMED' };
  const code = classifyCode(kafka);
  const retryable = code === 'BROKER_UNAVAILABLE';
  // A time-out of the replicas, a failing disk, an unknown error: appended or not, and an acknowledgement may still come.
  if (retryable && !SEQUENCE_LOST.has(kafka)) return { kind: 'again', doubt: true };
  if (doubtful) return { kind: 'refused', code: 'APPEND_UNCONFIRMED' };
  if (SEQUENCE_LOST.has(kafka)) return { kind: 'requeue' };
  if (code === 'RECORD_TOO_LARGE') return records > 1 ? { kind: 'split' } : { kind: 'refused', code };
  return { kind: 'refused', code: code === 'ACCESS_DENIED' ? code : 'BROKER_UNAVAILABLE' };
};
