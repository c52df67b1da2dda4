import { BETWEEN, mayFail } from '../policy/failing-places.ts';

/** What one task has of the budget. */
export interface Share {
  /** Checks of it that run. */
  running: number;
  /** Those of keys that fail. */
  failing: number;
  /** New records wait for a check. */
  fresh: boolean;
  /** Keys that fail wait for a check. */
  behind: boolean;
}

/**
 * Checks that may run at once in this process. A task without any always gets one, and half of the budget is dealt out evenly:
 * a task whose only check is slow must not starve because others fill what becomes free at once. The other half goes to
 * the task that asks first. Keys that fail get a quarter of all places while new records wait, and else three quarters, so that a new record finds
 * one: they may take their time to fail.
 */
export class Budget {
  readonly #limit: number;
  readonly #shares = new Set<Share>();
  #running = 0;
  #failing = 0;
  /** Others that began since one of a key that fails. */
  #since = BETWEEN;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when not all of it is in use. */
  get left(): boolean {
    return this.#running < this.#limit;
  }

  join(): Share {
    const share = { running: 0, failing: 0, fresh: false, behind: false };
    this.#shares.add(share);
    return share;
  }

  /** No further check begins; what still runs counts until it is given back. */
  leave(share: Share): void {
    this.#shares.delete(share);
  }

  /** May this task begin one of a key that fails? What there is of such places is dealt out evenly. */
  freeForFailing(share: Share): boolean {
    if (!this.free(share)) return false;
    let fresh = false;
    let others = false;
    for (const s of this.#shares) {
      fresh ||= s.fresh;
      others ||= s.behind && s.failing < share.failing;
    }
    if (others) return false;
    // Where there is no quarter, they never have two.
    if (fresh && this.#limit < 4 && this.#failing > 0) return false;
    return mayFail(this.#limit, this.#failing, this.#since, fresh);
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

  take(share: Share, failing = false): void {
    share.running++;
    this.#running++;
    if (failing) {
      share.failing++;
      this.#failing++;
    }
    this.#since = failing ? 0 : this.#since + 1;
  }

  give(share: Share, failing = false): void {
    share.running--;
    this.#running--;
    if (failing) {
      share.failing--;
      this.#failing--;
    }
  }
}
