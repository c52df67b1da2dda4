export interface QuotaLimits {
  /** Submissions a second in the long run. */
  readonly perSecond: number;
  /** Submissions at once. */
  readonly burst: number;
}

/** What one client may still submit. */
export interface Allowance {
  /** One submission; false: not now. */
  take(now: number): boolean;
  /** Submissions that may come now. */
  left(now: number): number;
  /** Seconds until the next one may come; 0: it may. */
  nextInSeconds(now: number): number;
  /** Seconds until all of the burst may come again. */
  wholeInSeconds(now: number): number;
}

/** Clients that are remembered. Beyond it the one that came longest ago is forgotten, as if it had sent nothing. */
const MOST_CLIENTS = 10_000;

class Bucket implements Allowance {
  readonly #limits: QuotaLimits;
  #tokens: number;
  #at: number;

  constructor(limits: QuotaLimits, now: number) {
    this.#limits = limits;
    this.#tokens = limits.burst;
    this.#at = now;
  }

  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  left(now: number): number {
    this.#fill(now);
    return Math.floor(this.#tokens);
  }

  nextInSeconds(now: number): number {
    return this.#secondsFor(1, now);
  }

  wholeInSeconds(now: number): number {
    return this.#secondsFor(this.#limits.burst, now);
  }

  #secondsFor(tokens: number, now: number): number {
    this.#fill(now);
    return Math.ceil(Math.max(0, tokens - this.#tokens) / this.#limits.perSecond);
  }

  /** A clock that is set back gives nothing and takes nothing. */
  #fill(now: number): void {
    const { perSecond, burst } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) / 1_000) * perSecond);
    this.#at = now;
  }
}

/** A token bucket for each client. */
export const createQuota = (limits: QuotaLimits, most = MOST_CLIENTS) => {
  const buckets = new Map<string, Bucket>();
  return (client: string, now: number): Allowance => {
    const bucket = buckets.get(client) ?? new Bucket(limits, now);
    buckets.delete(client);
    buckets.set(client, bucket);
    for (const oldest of buckets.keys()) {
      if (buckets.size <= most) break;
      buckets.delete(oldest);
    }
    return bucket;
  };
};
