import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Dialect, Facts } from '../letter.ts';

/** How one kind of software says why it gave a record up. Nothing in it throws, whatever the bytes. */
export interface DialectReader {
  readonly name: Exclude<Dialect, 'unknown'>;
  /** True when the record carries headers that only this software writes. */
  recognises(record: InRecord): boolean;
  facts(record: InRecord): Facts;
  /** Headers that this software put on top; they are taken off before the record goes back. */
  isOwn(header: string): boolean;
}

export const UNKNOWN_REASON = 'unknown';
