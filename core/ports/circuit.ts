export type CircuitName = 'closed' | 'half-open' | 'open';

/** What somebody who looks at a circuit sees. */
export interface CircuitLook {
  readonly state: CircuitName;
  /** Calls that may run at once: 0 while open; while closed the concurrency of the check. */
  readonly places: number;
}

/**
 * The circuit of a check, shared by the tasks of a process. While it is not closed, a call is made only for a key that a task has
 * reserved a place for.
 */
export interface Circuit {
  readonly check: string;
  look(now: number): CircuitLook;
  /** `wake`: something has changed that may give the task a place. */
  join(wake: () => void): CircuitSeat;
}

/** What one task has of a circuit. */
export interface CircuitSeat {
  /** Records of the task that could try the circuit, as far as it knows. The tasks that have some are served in turn. */
  candidates: number;
  /** May the task reserve a place now? */
  free(now: number): boolean;
  /** When it may, if nothing happens before; Infinity: only something that happens can change it. */
  nextAt(now: number): number;
  /** True for a key that has failed since the circuit opened, or is about to try: it tries it again only when there is nobody else. */
  tried(key: number): boolean;
  /** True when no task has candidates. */
  alone(): boolean;
  /** How much a try of this key tells: 2, it does not fail; 1, it has failed, but succeeded before; 0, it has only failed. */
  hope(key: number): 0 | 1 | 2;
  /** Is there a place for another key that fails? Where the places are few, such keys would take them all. */
  takesFailing(): boolean;
  /** Keeps a place for the next call of this key. */
  reserve(key: number, now: number): void;
  /** The attempt is over. True when its place was not used. */
  release(key: number, now: number): boolean;
  leave(now: number): void;
}
