import type { Ended } from '@verdikt/core/record/retry-entry.ts';
import type { Written } from './retry-log.ts';

/** What the next plan is to write to the retry partition: entries that have changed, and completions of those that have ended. */
export class RetryChanges {
  #dirty: Written[] = [];
  #ended: Ended[] = [];
  #bytes = 0;

  /** Entries to be written, those that have gone meanwhile included. */
  get size(): number {
    return this.#dirty.length;
  }

  /** What their records take. */
  get bytes(): number {
    return this.#bytes;
  }

  changed(entry: Written, bytes: number): void {
    this.#dirty.push(entry);
    this.#bytes += bytes;
  }

  ended(entry: Ended): void {
    this.#ended.push(entry);
  }

  /** All since the last call, each in the order in which it came. */
  take(): { readonly dirty: readonly Written[]; readonly ended: readonly Ended[] } {
    const taken = { dirty: this.#dirty, ended: this.#ended };
    this.#dirty = [];
    this.#ended = [];
    this.#bytes = 0;
    return taken;
  }
}
