import { RUNNING } from './entries.ts';
import type { Outstanding } from './outstanding.ts';

/** How much a task has outstanding, for gauges, status and liveness. */
export class Figures {
  readonly #outstanding: Outstanding;

  constructor(outstanding: Outstanding) {
    this.#outstanding = outstanding;
  }

  /** Records that are outstanding. */
  get records(): number {
    return this.#outstanding.lanes.size;
  }

  /** Keys that have any. */
  get keys(): number {
    return this.#outstanding.lanes.count;
  }

  /** Which they are. */
  *places(): Generator<{ readonly origin: number; readonly redrive: number }> {
    const { lanes } = this.#outstanding;
    const { origin, redrive } = lanes.entries;
    for (const slot of lanes.walk()) yield { origin: origin[slot], redrive: redrive[slot] };
  }

  /** When the first head is due; Infinity: none is scheduled. */
  get dueAt(): number {
    return this.#outstanding.lanes.nextDueAt();
  }

  /** Records whose dead letters the limit does not admit. */
  get held(): number {
    return this.#outstanding.lanes.entries.held;
  }

  get cachedBytes(): number {
    return this.#outstanding.cache.bytes;
  }

  /** Keys that wait for an operator. Costs as much as there are entries, as the next two do. */
  get parkedKeys(): number {
    return this.#outstanding.parked.keys;
  }

  /** When the oldest record was parked; Infinity when none is. */
  get oldestParked(): number {
    return this.#outstanding.parked.oldest;
  }

  /** Does a check run? */
  get checking(): boolean {
    const { lanes } = this.#outstanding;
    for (const slot of lanes.walk()) if (lanes.entries.has(slot, RUNNING)) return true;
    return false;
  }

  get dedupIds(): number {
    return this.#outstanding.dedup.size;
  }

  /** How far back duplicates are known. */
  get dedupMs(): number {
    return this.#outstanding.dedup.lengthMs;
  }

  /** Offsets that the retry partition spans. */
  get logLength(): number {
    const { log } = this.#outstanding;
    return log.end - log.start;
  }
}
