import type { HeaderPlaces } from '@verdikt/core/record/header-list.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { BodyWriter } from '@verdikt/core/record/record-body.ts';

/** The headers that matter to a verdict that is written from bytes, and their numbers in that list. */
export const PLAIN_HEADERS: readonly string[] = [H.id, H.edge, H.owner, H.traceparent, H.tracestate];
export const PLAIN = { id: 0, edge: 1, owner: 2, traceparent: 3, tracestate: 4 } as const;

/** A verdict takes at most twice what its record has, which holds all its texts, and so many bytes. */
export const PLAIN_FRAME_BYTES = 2_048;

/**
 * Judges records of `words` whose verdict can be told and written from their bytes: no text, no object, no promise for any of them. The
 * reader, the chain and the verdict codec are the truth: for each record that it takes they give the same verdict, byte for byte. It
 * remembers the record that it took last, which the other members are about.
 */
export interface PlainVerdicts extends BodyWriter {
  /**
   * Judges a record, a first attempt made now; `places` has its PLAIN_HEADERS, among them an id; `key`: see ChainAttempt. False: the others
   * must, at once, if anybody does: the chain then goes on with what its checks have said here.
   */
  judge(record: InRecord, places: HeaderPlaces, now: number, key: number): boolean;
  /** The others go on with a record that was refused at this copy of it. */
  moved(from: InRecord, to: InRecord): void;
  /** All checks said yes. */
  readonly accepted: boolean;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
}
