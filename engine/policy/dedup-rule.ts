import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';

/** Which submissions are remembered to drop duplicates: none, those that can come twice, or all. */
export type DedupMode = 'none' | 'resubmitted' | 'all';

/**
 * Tells which records must be remembered, so that they are known when they come again. A record is in this `words` at most once where an
 * edge made its id for this one append, and wrote it to the topic of this id. One that names another topic was copied, or written while
 * the topic was replaced.
 */
export class DedupRule {
  readonly #mode: DedupMode;
  readonly #wordsId: string | undefined;
  readonly #wordsIdBytes: Buffer;

  /** `wordsId`: topic id of `words`; undefined: the cluster tells none. */
  constructor(mode: DedupMode, wordsId: string | undefined) {
    this.#mode = mode;
    this.#wordsId = wordsId;
    this.#wordsIdBytes = Buffer.from(wordsId ?? '');
  }

  remembers(record: InRecord, redrive: number): boolean {
    if (redrive > 0 || this.#mode === 'all') return true;
    const once = this.#wordsId !== undefined && record.headerIs(H.edge, this.#wordsId);
    return this.#mode === 'resubmitted' && !once;
  }

  /** The same of a record of `words` whose header of its edge lies in [start, end); `start` negative: it has none. */
  remembersNew({ buffer }: InRecord, start: number, end: number): boolean {
    if (this.#mode !== 'resubmitted') return this.#mode === 'all';
    const id = this.#wordsIdBytes;
    if (start < 0 || id.length === 0 || end - start !== id.length) return true;
    for (let i = 0; i < id.length; i++) if (buffer[start + i] !== id[i]) return true;
    return false;
  }
}
