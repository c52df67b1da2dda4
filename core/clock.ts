/** Time as a port, so that tests and the simulation own it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Runs `f` once after `ms` milliseconds; returns its cancel. */
  after(ms: number, f: () => void): () => void;
}

/** Node limits a timer to 2^31 - 1 ms; longer waits must be armed again by the caller. */
export const MAX_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, f) => {
    const timer = setTimeout(f, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
