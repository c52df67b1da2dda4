import { BETWEEN, mayFail, type FailingTurn } from '../policy/failing-places.ts';

/** What one task has of the budget. */
export interface Share {
  /** Checks of it that run. */
  running: number;
  /** Those of keys that fail. */
  failing: number;
  /** New records wait for a check. */
  fresh: boolean;
  /** Heads that are due wait for a place. */
  due: boolean;
  /** Keys that fail wait for a check. */
  behind: boolean;
}

/**
 * Checks that may run at once in this process. A task without any always gets one, and half of the budget is dealt out evenly:
 * a task whose only check is slow must not starve because others fill what becomes free at once. The other half goes to
 * the task that asks first. Keys that fail get a quarter of all places while others wait, and else three quarters, so that a new record finds
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
    const share = { running: 0, failing: 0, fresh: false, due: false, behind: false };
    this.#shares.add(share);
    return share;
  }

  /** No further check begins; what still runs counts until it is given back. */
  leave(share: Share): void {
    this.#shares.delete(share);
  }

  /**
   * When may this task begin one of a key that fails? What there is of such places is dealt out evenly. Who else is due in the same task the
   * caller knows best: beyond the quarter, those go first.
   */
  turnOfFailing(share: Share): FailingTurn {
    if (!this.free(share)) return 'never';
    let wait = false;
    let others = false;
    for (const s of this.#shares) {
      wait ||= s.fresh || (s.due && s !== share);
      others ||= s.behind && s.failing < share.failing;
    }
    if (others) return 'never';
    // Where there is no quarter, they never have two.
    const crowded = this.#limit < 4 && this.#failing > 0;
    if (!crowded && mayFail(this.#limit, this.#failing, this.#since, true)) return 'first';
    return !wait && mayFail(this.#limit, this.#failing, this.#since, false) ? 'last' : 'never';
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
