/** Transactions a second that slices may begin before they are full. A full one begins when it is. */
const PER_TASK = 20;
const PER_PROCESS = 100;

const SECOND = 1_000;

/** Fills evenly, and holds what comes in a second; counted in the milliseconds that they take to come. */
class Bucket {
  readonly #cost: number;
  #ms = SECOND;
  #at = 0;

  constructor(perSecond: number) {
    this.#cost = SECOND / perSecond;
  }

  /** Milliseconds until there is one; 0: there is. */
  wait(now: number): number {
    this.#ms = Math.min(SECOND, this.#ms + now - this.#at);
    this.#at = now;
    return Math.max(0, this.#cost - this.#ms);
  }

  take(): void {
    this.#ms -= this.#cost;
  }
}

/**
 * How often the tasks of a process may commit what they have decided although the time of the slice is not over. Alone, a verdict then
 * takes the time of its transaction; words that trickle into many tasks do not cost the brokers a transaction each.
 */
export class CommitPace {
  readonly #process = new Bucket(PER_PROCESS);

  /** For one task: 0 when it may commit now, which is then counted; else milliseconds until it may ask again. */
  join(): (now: number) => number {
    const task = new Bucket(PER_TASK);
    return (now) => {
      const wait = Math.max(task.wait(now), this.#process.wait(now));
      if (wait > 0) return wait;
      task.take();
      this.#process.take();
      return 0;
    };
  }
}
