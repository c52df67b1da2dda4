/** What one task has of the budget. */
export interface Share {
  /** Checks of it that run. */
  running: number;
}

/**
 * Checks that may run at once in this process. A task without any always gets one, and half of the budget is dealt out evenly:
 * a task whose only check is slow must not starve because others fill what becomes free at once. The other half goes to
 * whoever asks first.
 */
export class Budget {
  readonly #limit: number;
  readonly #shares = new Set<Share>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when not all of it is in use. */
  get left(): boolean {
    return this.#running < this.#limit;
  }

  join(): Share {
    const share = { running: 0 };
    this.#shares.add(share);
    return share;
  }

  /** No further check begins; what still runs counts until it is given back. */
  leave(share: Share): void {
    this.#shares.delete(share);
  }

  /** May this task begin another one? */
  free(share: Share): boolean {
    if (share.running === 0) return true;
    if (!this.left) return false;
    const own = Math.floor(this.#limit / (2 * this.#shares.size));
    if (share.running < own) return true;
    let beyond = 0;
    for (const s of this.#shares) beyond += Math.max(0, s.running - own);
    return beyond < this.#limit - own * this.#shares.size;
  }

  take(share: Share): void {
    share.running++;
    this.#running++;
  }

  give(share: Share): void {
    share.running--;
    this.#running--;
  }
}
