import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';

/** Which submissions are remembered to drop duplicates: none, those that can come twice, or all. */
export type DedupMode = 'none' | 'resubmitted' | 'all';

/**
 * True for a record that is in this `words` at most once: an edge made its id for this one append, and wrote it to the topic of this id
 * (`wordsId`; undefined: the cluster tells none). One that names another topic was copied, or written while the topic was replaced.
 */
export const comesOnce = (record: InRecord, redrive: number, wordsId: string | undefined): boolean =>
  redrive === 0 && wordsId !== undefined && record.headerIs(H.edge, wordsId);
