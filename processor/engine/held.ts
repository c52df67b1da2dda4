import type { InRecord } from '@verdikt/core/record.ts';

/** Records of a task that are kept in memory, by slot, with their bytes counted. */
export class Held {
  readonly #records = new Map<number, InRecord>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get(slot: number): InRecord | undefined {
    return this.#records.get(slot);
  }

  set(slot: number, record: InRecord): void {
    this.delete(slot);
    this.#records.set(slot, record);
    this.#bytes += record.size;
  }

  delete(slot: number): void {
    const record = this.#records.get(slot);
    if (record === undefined) return;
    this.#bytes -= record.size;
    this.#records.delete(slot);
  }
}
