/** Time as a port, so that tests and the simulation own it. */
export interface Clock {
  /** Milliseconds since 1970, UTC, whole. Never goes back, so differences are durations. */
  now(): number;
  /** Runs `f` once after `ms` milliseconds; returns its cancel. */
  after(ms: number, f: () => void): () => void;
}

/** Node limits a timer to 2^31 - 1 ms; longer waits must be armed again by the caller. */
const MAX_TIMER_MS = 2_147_483_647;

/** How much faster or slower than time itself the clock may go to catch up with a wall clock that was put right. */
const SLEW = 0.05;

/**
 * The time of the wall clock, without its jumps: it starts there, goes on as `steady` does, and comes nearer by at most 5 % of
 * the time that passes. Back-off and time-outs so last as long as they should when somebody sets the clock of the machine by an
 * hour, and what is written down is off for some hours rather than forever. Both arguments give milliseconds.
 */
export const steadyTime = (wall: () => number, steady: () => number): (() => number) => {
  let last = steady();
  let time = wall();
  return () => {
    const now = steady();
    const passed = now - last;
    last = now;
    time += passed;
    const room = passed * SLEW;
    time += Math.min(room, Math.max(-room, wall() - time));
    return Math.floor(time);
  };
};

/** For housekeeping: it keeps no process from ending. */
export const housekeeping: Clock['after'] = (ms, f) => {
  const timer = setTimeout(f, Math.min(Math.max(0, ms), MAX_TIMER_MS)).unref();
  return () => clearTimeout(timer);
};

export const systemClock: Clock = {
  now: steadyTime(
    () => Date.now(),
    () => performance.now(),
  ),
  after: (ms, f) => {
    const timer = setTimeout(f, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
